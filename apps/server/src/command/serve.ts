/** `smacks serve`: the server as a process: what it says, which signals it obeys, how it ends. */
import { resolve } from 'node:path'
import { foreignOwner, handlerOf } from '@smacks/control'
import * as Either from 'fp-ts/lib/Either.js'
import type { Logger } from 'pino'
import type { ServerConfig } from '../config/server-config.js'
import { createLog } from '../log.js'
import { permissionFindings } from '../permissions.js'
import { configurationOf } from './configuration.js'
import { addDemoAccounts, demoAccounts } from './demo-accounts.js'
import { CommandFailure, exitCode } from './exit-code.js'
import { createReload, tellReload } from './serving/reload.js'
import { reloadVerb } from './serving/reload-verb.js'
import type { Served, ServeParts } from './serving/served.js'
import { createEnd, type Signals } from './serving/signals.js'
import { started } from './serving/start.js'
import { say, type Terminal } from './terminal.js'

export interface ServeOptions {
  readonly config?: string | undefined
  /** Of the first address of clients. */
  readonly port?: number | undefined
  /** A folder: all accounts are recorded into its files. */
  readonly record?: string | undefined
  /** They hold x in place of text. */
  readonly redact: boolean
  /** Two accounts with known passwords, and a word on how to connect. */
  readonly demoAccounts: boolean
  /** The demo too. */
  readonly demo: boolean
}

/** Serves until a signal comes; resolves to the exit code. */
export const serve = async (
  terminal: Terminal,
  signals: Signals,
  loadParts: () => Promise<ServeParts>,
  options: ServeOptions,
): Promise<number> => {
  const read = (): ServerConfig => withPort(withRecording(configurationOf(options.config), options), options)
  const config = read()
  const log = createLog({ level: config.logLevel, out: terminal.err })
  const accounts = options.demoAccounts ? demoAccounts(config) : undefined
  judgePermissions(config, options.config, log)
  await refuseOwned(config)
  if (accounts !== undefined) await addDemoAccounts(config, accounts)

  const parts = await loadParts()
  const end = createEnd(signals, log)
  try {
    const server = await started(parts, config, log)
    const reload = createReload({ server, log, started: config, read })
    end.hangUp(() => void reload())
    server.obey([handlerOf(reloadVerb, async () => Either.right(await reload()))])
    tellStart(server, config, log)
    server.tls.watch(error => tellReload(server, log, error))
    if (accounts !== undefined) {
      const [domain = ''] = config.domains
      say(terminal.out, parts.howToConnect(server, domain, accounts))
      if (options.demo) await Promise.race([undisturbed(log, parts.showDemo(server, domain, accounts)), end.told])
      say(terminal.out, 'The server goes on serving. Ctrl-C stops it.')
    }
    const code = await end.told
    server.tls.close()
    return (await stopped(server, log)) ? code : exitCode.failure
  } finally {
    end.release()
  }
}

/** The command line says it for this start; limits and outcome stay as configured. */
const withRecording = (config: ServerConfig, { record, redact }: ServeOptions): ServerConfig => {
  if (record === undefined) {
    if (redact)
      throw new CommandFailure('--redact goes with --record; else see [record] in the configuration.', exitCode.usage)
    return config
  }
  return {
    ...config,
    record: { ...config.record, directory: resolve(record), accounts: ['*'], redact: redact || config.record.redact },
  }
}

const withPort = (config: ServerConfig, { port }: ServeOptions): ServerConfig => {
  if (port === undefined) return config
  const [first, ...others] = config.c2s.listen
  if (first === undefined)
    throw new CommandFailure('--port goes with an address in c2s.listen; the configuration has none.', exitCode.usage)
  return { ...config, c2s: { ...config.c2s, listen: [{ ...first, port }, ...others] } }
}

/** The demo draws on the terminal that the log writes to: until it is over, only what is wrong is logged. */
const undisturbed = async (log: Logger, demo: Promise<unknown>): Promise<void> => {
  const { level } = log
  if (log.isLevelEnabled('info')) log.level = 'warn'
  await demo
  log.level = level
}

/** Nothing is changed beside a server that runs on the same data. */
const refuseOwned = async (config: ServerConfig): Promise<void> => {
  const owner = await foreignOwner(config)
  if (owner !== undefined) throw new CommandFailure(`The server cannot start: ${owner}`)
}

/** Says who else could read or change what the server relies on; fails where anybody could. */
const judgePermissions = (config: ServerConfig, configFile: string | undefined, log: Logger): void => {
  const hasSecret = config.http.token !== undefined
  const findings = permissionFindings({ data: config.data, key: config.tls.key, configFile, hasSecret })
  const unsafe = findings.find(({ isUnsafe }) => isUnsafe)
  if (unsafe !== undefined) throw new CommandFailure(`The server does not start: ${unsafe.problem}`, exitCode.config)
  for (const { path, mode, problem } of findings) log.warn({ path, mode }, problem)
}

const tellStart = (server: Served, config: ServerConfig, log: Logger): void => {
  const { fingerprint, selfSigned, warnings } = server.tls.identity()
  log.info({ domains: config.domains, data: config.data, durability: config.durability }, 'serving')
  for (const address of server.listening) log.info({ address }, 'listening for clients with STARTTLS')
  for (const address of server.directTls) log.info({ address }, 'listening for clients with direct TLS')
  log.info({ sha256: fingerprint }, selfSigned ? 'the certificate is self-signed' : 'the certificate is from a file')
  for (const warning of warnings) log.warn(warning)
}

const stopped = async (server: Served, log: Logger): Promise<boolean> => {
  try {
    await server.stop()
    log.info('stopped')
    return true
  } catch (error) {
    log.error({ err: error }, 'the server did not stop cleanly')
    return false
  }
}
