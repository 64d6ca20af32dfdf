/** Starts the server, or says in words for operators why it cannot start. */

import { TlsError } from '@smacks/certificates'
import type { Logger } from 'pino'
import type { ServerConfig } from '../../config/server-config.js'
import { CommandFailure, exitCode } from '../exit-code.js'
import type { Served, ServeParts } from './served.js'

/** Starts, or says in a sentence why not. */
export const started = async (parts: ServeParts, config: ServerConfig, log: Logger): Promise<Served> => {
  try {
    return await parts.startServer({ config, log })
  } catch (cause) {
    if (cause instanceof TlsError) throw new CommandFailure(`${cause.message}.`, exitCode.config)
    throw new CommandFailure(`The server cannot start: ${reasonOf(cause, config)}`)
  }
}

/** The errors of `listen` name what the operating system calls them; operators want to know what to do. */
const reasonOf = (cause: unknown, config: ServerConfig): string => {
  if (!(cause instanceof Error)) return String(cause)
  const { code, address, port } = systemError(cause)
  switch (code) {
    case 'EADDRINUSE':
      return (
        `${address}:${port} is in use already, maybe by another smacks. Stop that program, or choose another port in [c2s], [s2s] ` +
        `or [http]${typeof port === 'number' && port === config.c2s.listen[0]?.port ? otherThan(port) : ''}.`
      )
    case 'EADDRNOTAVAIL':
      return `${address} is not an address of this machine; see listen and direct_tls in [c2s], [s2s] and [http].`
    case 'EACCES':
      return port === undefined
        ? cause.message
        : `this user may not listen on port ${port}; ports below 1024 need a privilege.`
    default:
      return cause.message
  }
}

/** It changes the first address of clients alone. */
const otherThan = (port: number): string => {
  const other = port > 60_000 ? port - 100 : port + 100
  return `; for this start: smacks serve --port ${other} (npm start -- --port ${other})`
}

type SystemError = Readonly<Partial<Record<'address' | 'code' | 'port', unknown>>>

/** The operating system's error, maybe wrapped by whoever met it. */
const systemError = (error: Error): SystemError =>
  !('code' in error) && error.cause instanceof Error ? systemError(error.cause) : (error as SystemError)
