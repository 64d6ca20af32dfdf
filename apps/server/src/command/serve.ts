/** `smacks serve`: the server as a process: what it says, which signals it obeys, how it ends. */
import { resolve } from 'node:path'
import type { Logger } from 'pino'
import { changedOptions } from '../config/changed-options.js'
import type { ServerConfig } from '../config/server-config.js'
import { foreignOwner } from '../control/ownership.js'
import { createLog } from '../log.js'
import { permissionFindings } from '../permissions.js'
import { type LoadedTls, TlsError } from '../tls/load.js'
import { configurationOf } from './configuration.js'
import { addDemoAccounts, type DemoAccounts, demoAccounts } from './demo-accounts.js'
import { CommandFailure, exitCode, signalExitCode } from './exit-code.js'
import { say, type Terminal } from './terminal.js'

/** A server, as far as this command needs to know it. */
export interface Served {
  /** `host:port` of each listener. */
  readonly listening: ReadonlyArray<string>
  readonly directTls: ReadonlyArray<string>
  readonly tls: Pick<LoadedTls, 'close' | 'identity' | 'watch'>
  readonly reload: () => Promise<void>
  readonly reconfigure: (config: ServerConfig) => void
  readonly stop: () => Promise<void>
}

/** The server and the demo. Loaded when they are needed: other commands start sooner without. */
export interface ServeParts {
  readonly startServer: (options: { readonly config: ServerConfig; readonly log: Logger }) => Promise<Served>
  /** What to tell whoever wants to connect. */
  readonly howToConnect: (server: Served, domain: string, accounts: DemoAccounts) => string
  /** Shows the main job on the terminal; never rejects. */
  readonly showDemo: (server: Served, domain: string, accounts: DemoAccounts) => Promise<unknown>
}

/** How the world tells the process to end, or to read its certificate again. */
export interface Signals {
  readonly on: (signal: Signal, listener: () => void) => unknown
  readonly off: (signal: Signal, listener: () => void) => unknown
  /** Ends the process without further ado. */
  readonly exit: (code: number) => void
}

export type Signal = 'SIGHUP' | 'SIGINT' | 'SIGTERM'

export interface ServeOptions {
  readonly config?: string | undefined
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
  const read = (): ServerConfig => withRecording(configurationOf(options.config), options)
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
    const reconfigure = createReconfigure(server, log, config, read)
    end.hangUp(() => {
      reconfigure()
      reload(server, log)
    })
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
  const findings = permissionFindings({ data: config.data, key: config.tls.key, configFile })
  const unsafe = findings.find(({ isUnsafe }) => isUnsafe)
  if (unsafe !== undefined) throw new CommandFailure(`The server does not start: ${unsafe.problem}`, exitCode.config)
  for (const { path, mode, problem } of findings) log.warn({ path, mode }, problem)
}

/** Starts, or says in a sentence why not. */
const started = async (parts: ServeParts, config: ServerConfig, log: Logger): Promise<Served> => {
  try {
    return await parts.startServer({ config, log })
  } catch (cause) {
    if (cause instanceof TlsError) throw new CommandFailure(`${cause.message}.`, exitCode.config)
    throw new CommandFailure(`The server cannot start: ${reasonOf(cause)}`)
  }
}

/** The errors of `listen` name what the operating system calls them; operators want to know what to do. */
const reasonOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return String(cause)
  const { code, address, port } = systemError(cause)
  switch (code) {
    case 'EADDRINUSE':
      return `${address}:${port} is in use already, maybe by another smacks. Choose another port in [c2s], or stop the other program.`
    case 'EADDRNOTAVAIL':
      return `${address} is not an address of this machine; see listen and direct_tls in [c2s].`
    case 'EACCES':
      return port === undefined
        ? cause.message
        : `this user may not listen on port ${port}; ports below 1024 need a privilege.`
    default:
      return cause.message
  }
}

type SystemError = Readonly<Partial<Record<'address' | 'code' | 'port', unknown>>>

/** The operating system's error, maybe wrapped by whoever met it. */
const systemError = (error: Error): SystemError =>
  !('code' in error) && error.cause instanceof Error ? systemError(error.cause) : (error as SystemError)

const tellStart = (server: Served, config: ServerConfig, log: Logger): void => {
  const { fingerprint, selfSigned, warnings } = server.tls.identity()
  log.info({ domains: config.domains, data: config.data, durability: config.durability }, 'serving')
  for (const address of server.listening) log.info({ address }, 'listening for clients with STARTTLS')
  for (const address of server.directTls) log.info({ address }, 'listening for clients with direct TLS')
  log.info({ sha256: fingerprint }, selfSigned ? 'the certificate is self-signed' : 'the certificate is from a file')
  for (const warning of warnings) log.warn(warning)
}

/** Reads the configuration again: what can change does, all else is told, and a file with a fault changes nothing. */
const createReconfigure = (
  server: Served,
  log: Logger,
  started: ServerConfig,
  read: () => ServerConfig,
): (() => void) => {
  let running = started
  return () => {
    let wanted: ServerConfig
    try {
      wanted = read()
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      log.error({ reason }, 'the configuration cannot be used; the old one stays in force')
      return
    }
    const { config, changed, waiting } = changedOptions(running, wanted)
    running = config
    log.level = config.logLevel
    if (changed.length > 0) server.reconfigure(config)
    log.info({ changed }, 'the configuration is reloaded')
    if (waiting.length > 0)
      log.warn(
        { options: waiting },
        'these options are changed in the file; they wait for the next start of the server',
      )
  }
}

const reload = (server: Served, log: Logger): void => {
  server.reload().then(
    () => tellReload(server, log),
    error => tellReload(server, log, error),
  )
}

const tellReload = (server: Served, log: Logger, error?: unknown): void => {
  if (error !== undefined) {
    const reason = error instanceof Error ? error.message : String(error)
    log.error({ reason }, 'the certificate cannot be reloaded; the old one stays in use')
    return
  }
  const { fingerprint, warnings } = server.tls.identity()
  log.info({ sha256: fingerprint }, 'the certificate is reloaded')
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

interface End {
  /** The exit code, once the process is to end. */
  readonly told: Promise<number>
  readonly hangUp: (listener: () => void) => void
  readonly release: () => void
}

/** The first signal asks for a clean stop, the second for none. */
const createEnd = (signals: Signals, log: Logger): End => {
  let tell: (code: number) => void = () => {}
  const told = new Promise<number>(resolve => {
    tell = resolve
  })
  let asked = false
  let hangUp = (): void => {}
  const stop = (signal: 'SIGINT' | 'SIGTERM') => (): void => {
    if (asked) return signals.exit(signalExitCode[signal])
    asked = true
    log.info({ signal }, 'stopping; the same signal again ends the process at once')
    tell(exitCode.ok)
  }
  const listeners = { SIGINT: stop('SIGINT'), SIGTERM: stop('SIGTERM'), SIGHUP: () => hangUp() } as const
  const each = (act: (signal: Signal, listener: () => void) => unknown): void => {
    act('SIGINT', listeners.SIGINT)
    act('SIGTERM', listeners.SIGTERM)
    act('SIGHUP', listeners.SIGHUP)
  }
  each((signal, listener) => signals.on(signal, listener))
  return {
    told,
    hangUp: listener => {
      hangUp = listener
    },
    release: () => each((signal, listener) => signals.off(signal, listener)),
  }
}
