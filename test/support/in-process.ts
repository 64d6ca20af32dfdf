/** A server in the process of the test, and the house in front of it. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  createLog,
  decodeServerConfig,
  type LogLevel,
  type RunningServer,
  type ServerOptions,
  startServer,
} from '@smacks/server'
import { isLeft } from 'fp-ts/lib/Either.js'
import { testCertificate } from './certificate.js'
import { type House, makeUsers, openHouse } from './house.js'
import { freePort, temporaryFolder } from './places.js'
import { run, type TestUser } from './server.js'

const command = fileURLToPath(new URL('../../apps/server/bin/smacks.mjs', import.meta.url))

export interface InProcessOptions extends Pick<ServerOptions, 'standBetween'> {
  readonly level: LogLevel
  /** Other settings, by the names of the file. */
  readonly options?: Readonly<Record<string, unknown>>
  readonly limits?: Readonly<Record<string, number>>
  readonly people?: ReadonlyArray<TestUser>
}

export interface InProcess {
  readonly server: RunningServer
  readonly house: House
  readonly directTlsPort: number
  /** What was logged, as it was written. */
  readonly lines: ReadonlyArray<string>
}

/** Starts it; `endings` get what ends it, in order. */
export const startInProcess = async (
  { level, options = {}, limits = {}, people = makeUsers(8), standBetween }: InProcessOptions,
  endings: Array<() => Promise<void> | void>,
): Promise<InProcess> => {
  const { path, remove } = temporaryFolder('in-process')
  endings.push(remove)
  const { cert, key } = await testCertificate()
  const at = (name: string): string => join(path, name)
  writeFileSync(at('cert.pem'), cert)
  writeFileSync(at('key.pem'), key)
  writeFileSync(at('smacks.toml'), `data = ${JSON.stringify(at('data'))}\n`)
  writeFileSync(at('users'), people.map(({ username, password }) => `${username}@localhost ${password}\n`).join(''))
  await run(process.execPath, [command, 'user', 'import', at('users'), '--config', at('smacks.toml')])
  const [port, directTlsPort] = await Promise.all([freePort(), freePort()])
  const config = decodeServerConfig({
    data: at('data'),
    ...options,
    c2s: { listen: `127.0.0.1:${port}`, direct_tls: `127.0.0.1:${directTlsPort}` },
    tls: { certificate: at('cert.pem'), key: at('key.pem') },
    limits: { auth_failures: 100, auth_failures_per_address: 10_000, auth_failures_per_account: 10_000, ...limits },
  })
  if (isLeft(config)) throw new Error(config.left.map(String).join('\n'))
  const lines: Array<string> = []
  const log = createLog({ level, out: { write: line => lines.push(line) } })
  const server = await startServer({
    config: config.right,
    log,
    ...(standBetween === undefined ? {} : { standBetween }),
  })
  endings.push(server.stop)
  const left = [...people]
  const house = openHouse(
    {
      target: 'smacks',
      domain: 'localhost',
      port,
      directTlsPort,
      certificate: cert,
      pid: process.pid,
      output: () => lines.join(''),
      memory: () => 0,
      terminate: async () => 0,
      stop: server.stop,
    },
    () => left.pop() ?? { username: 'nobody', password: '' },
  )
  endings.push(house.leave)
  return { server, house, directTlsPort, lines }
}
