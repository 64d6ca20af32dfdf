/** Starts Prosody as another server of the neighbourhood. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram, freePort } from '../places.js'
import { orCleanUp, runningServer } from '../running.js'
import { awaitPort, launch, type RunningServer } from '../server.js'
import { type Hosts, type NeighbourOptions, writeCertificates } from './neighbour.js'

export interface ProsodyOptions extends NeighbourOptions {
  /** Lines of its configuration. */
  readonly lua?: ReadonlyArray<string>
  /** Default: PROSODY_LOG_LEVEL, or warn. */
  readonly logLevel?: 'debug' | 'info' | 'warn'
}

/** The program; nothing where it is not installed. */
export const prosodyProgram = (): string | undefined => findProgram('prosody')

export const startProsodyNeighbour = async (options: ProsodyOptions): Promise<RunningServer> => {
  const { domain, folder, users, hosts } = options
  const program = prosodyProgram()
  if (program === undefined) throw new Error('Prosody is not installed')
  const [port, directTlsPort] = await Promise.all([freePort(), freePort()])
  const cert = await writeCertificates(folder, [domain], options.certificate)
  const path = (...names: ReadonlyArray<string>): string => join(folder, ...names)
  mkdirSync(path('plugins'), { recursive: true })
  writeFileSync(path('plugins', 'mod_neighbourhood.lua'), whereOthersAre(hosts))
  writeFileSync(path('prosody.cfg.lua'), configuration(options, port, directTlsPort))
  const accounts = path('data', encoded(domain), 'accounts')
  mkdirSync(accounts, { recursive: true })
  for (const { username, password } of users)
    writeFileSync(
      join(accounts, `${encoded(username)}.dat`),
      `return { ["password"] = ${JSON.stringify(password)} };\n`,
    )
  const launched = launch(program, ['-F', '--config', path('prosody.cfg.lua')])
  await orCleanUp(awaitPort(launched, port), launched, () => {})
  await orCleanUp(awaitPort(launched, options.serverPort), launched, () => {})
  return runningServer(launched, {
    target: 'prosody',
    domain,
    port,
    directTlsPort,
    certificate: cert,
    remove: () => {},
  })
}

/** How Prosody names files. */
const encoded = (name: string): string =>
  name.replace(/[^a-zA-Z0-9]/g, character => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`)

/** Prosody finds servers by DNS alone; a module of the test's own answers in its place. */
const whereOthersAre = (hosts: Hosts): string =>
  [
    'module:set_global();',
    'local basic = require "net.resolvers.basic";',
    'local service = require "net.resolvers.service";',
    `local ports = { ${Object.entries(hosts)
      .map(([domain, port]) => `[${JSON.stringify(domain)}] = ${port}`)
      .join('; ')} };`,
    'local by_dns = service.new;',
    'service.new = function (hostname, name, conn_type, extra)',
    '  local port = ports[hostname];',
    '  if not port then return by_dns(hostname, name, conn_type, extra); end',
    // No TLS from the first byte on: nothing comes of it there.
    '  if name == "xmpps-server" then return { next = function (_, found) found(nil); end }; end',
    '  return basic.new("127.0.0.1", port, conn_type, extra);',
    'end;',
    '',
  ].join('\n')

const modules =
  'saslauth tls disco roster presence message iq c2s s2s s2s_auth_certs dialback smacks ping version offline neighbourhood'

const configuration = (
  { domain, folder, serverPort, lua = [], logLevel = 'warn' }: ProsodyOptions,
  port: number,
  directTlsPort: number,
): string => {
  const path = (name: string): string => JSON.stringify(join(folder, name))
  return [
    `data_path = ${path('data')}`,
    `plugin_paths = { ${path('plugins')} }`,
    'run_as_root = true',
    'daemonize = false',
    'admins = {}',
    `pidfile = ${path('prosody.pid')}`,
    `modules_enabled = { ${modules
      .split(' ')
      .map(name => `"${name}"`)
      .join('; ')} }`,
    'interfaces = { "127.0.0.1" }',
    `log = { ${process.env.PROSODY_LOG_LEVEL ?? logLevel} = "*console" }`,
    `c2s_ports = { ${port} }`,
    `c2s_direct_tls_ports = { ${directTlsPort} }`,
    `s2s_ports = { ${serverPort} }`,
    's2s_direct_tls_ports = {}',
    'http_ports = {}',
    'https_ports = {}',
    'authentication = "internal_plain"',
    'storage = "internal"',
    'limits = {}',
    `ssl = { certificate = ${path('cert.pem')}; key = ${path('key.pem')}; cafile = ${path('ca.pem')} }`,
    ...lua,
    `VirtualHost "${domain}"`,
    '',
  ].join('\n')
}
