/** Servers that know each other: what each is told of itself and of the others. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Authority, createAuthority, type Issued } from '../authority.js'
import { freePort } from '../places.js'
import { orCleanUp, runningServer } from '../running.js'
import { awaitPort, launch, type RunningServer, run, type TestUser } from '../server.js'

let made: Promise<Authority> | undefined

/** Whom all servers of the neighbourhood trust; made once a process. */
export const authority = (): Promise<Authority> => {
  made ??= createAuthority()
  return made
}

/** Where other servers find a domain. */
export type Hosts = Readonly<Record<string, number>>

export interface NeighbourOptions {
  readonly domain: string
  /** More domains that the same server serves. */
  readonly others?: ReadonlyArray<string>
  readonly users: ReadonlyArray<TestUser>
  /** Outlives the server. */
  readonly folder: string
  /** The port for servers. */
  readonly serverPort: number
  readonly hosts: Hosts
  /** Instead of one that the tests' authority signed. */
  readonly certificate?: Issued
}

export interface OurOptions extends NeighbourOptions {
  /** Lines of the configuration's top level. */
  readonly config?: Readonly<Record<string, unknown>>
  /** Lines of its table `[s2s]`. */
  readonly s2s?: Readonly<Record<string, unknown>>
}

const command = fileURLToPath(new URL('../../../apps/server/bin/smacks.mjs', import.meta.url))

/** Starts our built server; accounts are added at the first start on a folder. */
export const startOurs = async (options: OurOptions): Promise<RunningServer> => {
  const { domain, others = [], folder, users } = options
  const domains = [domain, ...others]
  const [port, directTlsPort] = await Promise.all([freePort(), freePort()])
  const cert = await writeCertificates(folder, domains, options.certificate)
  const path = (name: string): string => join(folder, name)
  writeFileSync(path('smacks.toml'), toml(options, domains, port, directTlsPort))
  writeFileSync(
    path('users'),
    domains.flatMap(one => users.map(user => `${user.username}@${one} ${user.password}\n`)).join(''),
  )
  await run(process.execPath, [command, 'user', 'import', path('users'), '--config', path('smacks.toml')]).catch(
    error => {
      // They are there from an earlier start.
      if (!String(error).includes('exist')) throw error
    },
  )
  const launched = launch(process.execPath, [command, 'serve', '--config', path('smacks.toml')])
  await orCleanUp(awaitPort(launched, port), launched, () => {})
  return runningServer(launched, { target: 'smacks', domain, port, directTlsPort, certificate: cert, remove: () => {} })
}

/** Certificate, key and roots in the folder; the certificate. */
export const writeCertificates = async (
  folder: string,
  domains: ReadonlyArray<string>,
  given: Issued | undefined,
): Promise<string> => {
  const trusted = await authority()
  const { certificate, key } = given ?? (await trusted.issue({ names: domains.map(dns => ({ dns })) }))
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'cert.pem'), certificate)
  writeFileSync(join(folder, 'key.pem'), key)
  writeFileSync(join(folder, 'ca.pem'), trusted.root)
  return certificate
}

const toml = (
  { folder, serverPort, hosts, config = {}, s2s = {} }: OurOptions,
  domains: ReadonlyArray<string>,
  port: number,
  directTlsPort: number,
): string => {
  const line = ([key, value]: readonly [string, unknown]): string =>
    `${JSON.stringify(key)} = ${JSON.stringify(value)}\n`
  const lines = (table: Readonly<Record<string, unknown>>): string => Object.entries(table).map(line).join('')
  const path = (name: string): string => join(folder, name)
  const away = Object.entries(hosts).filter(([domain]) => !domains.includes(domain))
  return [
    lines({ domains, data: path('data'), log_level: process.env.SMACKS_LOG_LEVEL ?? 'warn', ...config }),
    `[c2s]\n${lines({ listen: `127.0.0.1:${port}`, direct_tls: `127.0.0.1:${directTlsPort}` })}`,
    `[tls]\n${lines({ certificate: path('cert.pem'), key: path('key.pem') })}`,
    `[limits]\n${lines({ connections_per_address: 2_000, resources_per_user: 50, bytes_per_second: 0 })}`,
    `[s2s]\n${lines({ listen: `127.0.0.1:${serverPort}`, ca: path('ca.pem'), bytes_per_second: 0, ...s2s })}`,
    `[s2s.hosts]\n${lines(Object.fromEntries(away.map(([domain, at]) => [domain, `127.0.0.1:${at}`])))}`,
  ].join('')
}
