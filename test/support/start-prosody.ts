/** Starts Prosody as a peer to compare with, where it is installed. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { testCertificate } from './certificate.js'
import { findProgram, freePort, temporaryFolder } from './places.js'
import { orCleanUp, runningServer } from './running.js'
import { awaitPort, launch, type RunningServer, type ServerOptions } from './server.js'

/** The program; nothing where it is not installed. */
export const prosodyProgram = (): string | undefined => findProgram('prosody')

export const startProsody = async (options: ServerOptions): Promise<RunningServer> => {
  const program = prosodyProgram()
  if (program === undefined) throw new Error('Prosody is not installed')
  const folder = temporaryFolder('prosody')
  const [port, directTlsPort] = await Promise.all([freePort(), freePort()])
  const { cert, key } = await testCertificate()
  const path = (...names: ReadonlyArray<string>): string => join(folder.path, ...names)
  const domains = options.domains ?? ['localhost']
  writeFileSync(path('cert.pem'), cert)
  writeFileSync(path('key.pem'), key)
  writeFileSync(path('prosody.cfg.lua'), lua(options, folder.path, domains, port, directTlsPort))
  for (const domain of domains) {
    const accounts = path('data', encoded(domain), 'accounts')
    mkdirSync(accounts, { recursive: true })
    for (const { username, password } of options.users)
      writeFileSync(
        join(accounts, `${encoded(username)}.dat`),
        `return { ["password"] = ${JSON.stringify(password)} };\n`,
      )
  }
  const launched = launch(program, ['-F', '--config', path('prosody.cfg.lua')])
  await orCleanUp(awaitPort(launched, port), launched, folder.remove)
  return runningServer(launched, {
    target: 'prosody',
    domain: domains[0] ?? 'localhost',
    port,
    directTlsPort,
    certificate: cert,
    remove: folder.remove,
  })
}

/** How Prosody names files. */
const encoded = (name: string): string =>
  name.replace(/[^a-zA-Z0-9]/g, character => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`)

const lua = (
  options: ServerOptions,
  folder: string,
  domains: ReadonlyArray<string>,
  port: number,
  directTlsPort: number,
): string => {
  const modules = 'saslauth tls disco roster presence message iq c2s smacks ping version carbons csi blocklist'.split(
    ' ',
  )
  const offline = options.offlineStorage === false ? [] : ['offline']
  const line = (key: string, value: number | boolean | string | undefined): string =>
    value === undefined ? '' : `${key} = ${value}\n`
  return [
    `data_path = ${JSON.stringify(join(folder, 'data'))}\n`,
    'run_as_root = true\ndaemonize = false\nadmins = {}\n',
    `pidfile = ${JSON.stringify(join(folder, 'prosody.pid'))}\n`,
    `modules_enabled = { ${[...modules, ...offline].map(name => `"${name}"`).join('; ')} }\n`,
    options.offlineStorage === false ? 'modules_disabled = { "offline"; "s2s" }\n' : 'modules_disabled = { "s2s" }\n',
    'interfaces = { "127.0.0.1" }\nlog = { warn = "*console" }\n',
    `c2s_ports = { ${port} }\nc2s_direct_tls_ports = { ${directTlsPort} }\ns2s_ports = {}\nhttp_ports = {}\nhttps_ports = {}\n`,
    'authentication = "internal_plain"\nstorage = "internal"\nallow_unencrypted_plain_auth = false\n',
    line('c2s_require_encryption', options.requireEncryption ?? true),
    line('c2s_stanza_size_limit', options.maxStanzaBytes ?? 262_144),
    line('c2s_timeout', options.limits?.unauthenticated_seconds),
    options.silenceSeconds === undefined ? '' : `network_settings = { read_timeout = ${options.silenceSeconds} }\n`,
    line('smacks_hibernation_time', options.hibernationTime),
    line('smacks_max_queue_size', options.maxQueueSize),
    line('smacks_max_unacked_stanzas', options.maxUnackedStanzas),
    line('smacks_max_inactive_unacked_stanzas', options.maxInactiveUnackedStanzas),
    line('smacks_max_ack_delay', options.maxAckDelay),
    line('smacks_max_old_sessions', options.maxOldSessions),
    `ssl = { certificate = ${JSON.stringify(join(folder, 'cert.pem'))}; key = ${JSON.stringify(join(folder, 'key.pem'))} }\n`,
    ...domains.map(domain => `VirtualHost "${domain}"\n`),
  ].join('')
}
