/** SIGHUP: the configuration and the certificate are read again. */
import type { Logger } from 'pino'
import { changedOptions } from '../../config/changed-options.js'
import type { ServerConfig } from '../../config/server-config.js'
import type { Served } from './served.js'

/** Reads the configuration again: what can change does, all else is told, and a file with a fault changes nothing. */
export const createReconfigure = (
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

export const reload = (server: Served, log: Logger): void => {
  server.reload().then(
    () => tellReload(server, log),
    error => tellReload(server, log, error),
  )
}

export const tellReload = (server: Served, log: Logger, error?: unknown): void => {
  if (error !== undefined) {
    const reason = error instanceof Error ? error.message : String(error)
    log.error({ reason }, 'the certificate cannot be reloaded; the old one stays in use')
    return
  }
  const { fingerprint, warnings } = server.tls.identity()
  log.info({ sha256: fingerprint }, 'the certificate is reloaded')
  for (const warning of warnings) log.warn(warning)
}
