/** SIGHUP and `smacks reload`: the configuration and the certificate are read again. */
import type { Logger } from 'pino'
import { changedOptions } from '../../config/changed-options.js'
import type { ServerConfig } from '../../config/server-config.js'
import type { Reloaded } from './reload-verb.js'
import type { Served } from './served.js'

export interface ReloadOptions {
  readonly server: Served
  readonly log: Logger
  /** The configuration that the server was started with. */
  readonly started: ServerConfig
  /** Throws an `Error` that says all that is wrong with the file. */
  readonly read: () => ServerConfig
}

/** Reads all of it again: what can change does, all else is told, and a file with a fault changes nothing. Never rejects. */
export const createReload = (options: ReloadOptions): (() => Promise<Reloaded>) => {
  const reconfigure = createReconfigure(options)
  return async () => ({ ...reconfigure(), ...(await reloadCertificate(options)) })
}

type Options = Pick<Reloaded, 'changed' | 'fault' | 'waiting'>

const createReconfigure = ({ server, log, started, read }: ReloadOptions): (() => Options) => {
  let running = started
  return () => {
    let wanted: ServerConfig
    try {
      wanted = read()
    } catch (error) {
      const reason = reasonOf(error)
      log.error({ reason }, 'the configuration cannot be used; the old one stays in force')
      return { changed: [], waiting: [], fault: reason }
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
    return { changed, waiting }
  }
}

const reloadCertificate = async ({
  server,
  log,
}: ReloadOptions): Promise<Pick<Reloaded, 'certificateFault' | 'fingerprint'>> => {
  try {
    await server.reload()
    tellReload(server, log)
    return { fingerprint: server.tls.identity().fingerprint }
  } catch (error) {
    tellReload(server, log, error)
    return { certificateFault: reasonOf(error) }
  }
}

export const tellReload = (server: Served, log: Logger, error?: unknown): void => {
  if (error !== undefined)
    return log.error({ reason: reasonOf(error) }, 'the certificate cannot be reloaded; the old one stays in use')
  const { fingerprint, warnings } = server.tls.identity()
  log.info({ sha256: fingerprint }, 'the certificate is reloaded')
  for (const warning of warnings) log.warn(warning)
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
