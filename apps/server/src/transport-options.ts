/** What both transports, that of clients and that of servers, take from the configuration. */
import { connectionFacts, type OwnHeader, xmlStreamFraming } from '@smacks/stream'
import { defaultTcpLimits, type TcpLimits, type TcpLog, type TcpTransportOptions } from '@smacks/transport-tcp'
import type { Logger } from 'pino'
import type { FederationSettings, Limits } from './config/server-config.js'

type OwnLimits = Pick<
  FederationSettings & Limits,
  | 'burstSize'
  | 'bytesPerSecond'
  | 'connectionsPerAddress'
  | 'maxConnections'
  | 'maxPendingConnections'
  | 'maxStanzaBytes'
  | 'silenceSeconds'
>

/** `own`: what clients and servers have each for themselves. */
export const transportLimits = (own: OwnLimits, shared: Limits): TcpLimits => ({
  ...defaultTcpLimits,
  headerBytes: shared.unauthenticatedStanzaSize,
  unauthenticated: {
    ...defaultTcpLimits.unauthenticated,
    stanzaBytes: Math.min(shared.unauthenticatedStanzaSize, own.maxStanzaBytes),
  },
  stanzaBytes: own.maxStanzaBytes,
  connections: own.maxConnections,
  pendingConnections: own.maxPendingConnections,
  connectionsPerAddress: own.connectionsPerAddress,
  bytesPerSecond: own.bytesPerSecond,
  burstBytes: own.burstSize,
  outboxBytes: shared.unsentSizePerConnection,
  silenceSeconds: own.silenceSeconds,
})

export const transportLog = (log: Logger): TcpLog => ({
  info: message => log.info(message),
  warn: message => log.warn(message),
})

/** What transports report, in the log. */
export const transportReports = (log: Logger): Pick<TcpTransportOptions, 'log' | 'onTlsFailure'> => ({
  log: transportLog(log),
  onTlsFailure: (connection, reason) => log.info({ ...connectionFacts(connection), reason }, 'TLS handshake failed'),
})

/** What is said where a connection is refused: a whole stream, which holds an error. */
export const refusalOf = (header: OwnHeader, reason: string): string =>
  xmlStreamFraming.open(header) +
  xmlStreamFraming.error({ condition: 'resource-constraint', text: `You are refused: ${reason}` }) +
  xmlStreamFraming.close
