/** The log of the transport. */

/** Where the transport tells its operator something. A logger of pino fits. */
export interface TcpLog {
  readonly info: (message: string) => void
  readonly warn: (message: string) => void
}
