/** Starts the real, built server of this project. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { testCertificate } from './certificate.js'
import { freePort, temporaryFolder } from './places.js'
import { orCleanUp, runningServer } from './running.js'
import { awaitPort, launch, type RunningServer, run, type ServerOptions } from './server.js'

const command = fileURLToPath(new URL('../../apps/server/bin/smacks.mjs', import.meta.url))

export const startSmacks = async (options: ServerOptions): Promise<RunningServer> => {
  const folder = options.folder === undefined ? temporaryFolder('server') : { path: options.folder, remove: () => {} }
  const [port, directTlsPort] = await Promise.all([freePort(), freePort()])
  const { cert, key } = await testCertificate()
  const path = (name: string): string => join(folder.path, name)
  const domains = options.domains ?? ['localhost']
  writeFileSync(path('cert.pem'), cert)
  writeFileSync(path('key.pem'), key)
  writeFileSync(path('smacks.toml'), toml(options, folder.path, port, directTlsPort))
  const accounts = domains.flatMap(domain => options.users.map(user => `${user.username}@${domain} ${user.password}\n`))
  writeFileSync(path('users'), accounts.join(''))
  if (accounts.length > 0)
    await run(process.execPath, [command, 'user', 'import', path('users'), '--config', path('smacks.toml')])
  const launched = launch(
    process.execPath,
    [...(options.nodeArguments ?? []), command, 'serve', '--config', path('smacks.toml')],
    options.env,
  )
  await orCleanUp(awaitPort(launched, port), launched, folder.remove)
  return runningServer(launched, {
    target: 'smacks',
    domain: domains[0] ?? 'localhost',
    port,
    directTlsPort,
    certificate: cert,
    remove: folder.remove,
  })
}

const toml = (options: ServerOptions, folder: string, port: number, directTlsPort: number): string => {
  const line = (key: string, value: string | number | boolean | ReadonlyArray<string> | undefined): string =>
    value === undefined ? '' : `${key} = ${JSON.stringify(value)}\n`
  return [
    line('domains', options.domains),
    line('data', join(folder, 'data')),
    line('offline_storage', options.offlineStorage),
    line('log_level', process.env.SMACKS_LOG_LEVEL ?? 'warn'),
    line('smacks_hibernation_time', options.hibernationTime),
    line('smacks_max_queue_size', options.maxQueueSize),
    line('smacks_max_unacked_stanzas', options.maxUnackedStanzas),
    line('smacks_max_inactive_unacked_stanzas', options.maxInactiveUnackedStanzas),
    line('smacks_max_ack_delay', options.maxAckDelay),
    line('smacks_max_old_sessions', options.maxOldSessions),
    ...Object.entries(options.settings ?? {}).map(([key, value]) => line(key, value)),
    '[c2s]\n',
    line('listen', `127.0.0.1:${port}`),
    line('direct_tls', `127.0.0.1:${directTlsPort}`),
    line('require_encryption', options.requireEncryption),
    '[tls]\n',
    line('certificate', join(folder, 'cert.pem')),
    line('key', join(folder, 'key.pem')),
    '[limits]\n',
    line('connections_per_address', options.limits?.connections_per_address ?? 1_000),
    // What is tested is seldom the rate, and with it much would take minutes.
    line('bytes_per_second', options.limits?.bytes_per_second ?? 0),
    line('max_stanza_bytes', options.maxStanzaBytes),
    line('silence_seconds', options.silenceSeconds),
    ...Object.entries(options.limits ?? {})
      .filter(([key]) => key !== 'connections_per_address' && key !== 'bytes_per_second')
      .map(([key, value]) => line(key, value)),
  ].join('')
}
