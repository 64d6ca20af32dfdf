/** XMPP streams, whatever they are framed in (RFC 6120 §4). */
export type { ChannelBindingType, Connection, ConnectionHandler, PeerCertificate } from './connection.js'
export { brief, isSmNamed, isStanza, namespaceOf, refusedFor, unknownElement, versionOf } from './elements.js'
export { errorContent, type Framing, type OwnHeader, xmlStreamFraming } from './framing.js'
export { connectionFacts, type StreamLog, streamErrorFacts } from './log.js'
export {
  ManagedStream,
  type ManagedStreamOptions,
  type NegotiationLimits,
  type StreamSession,
} from './managed-stream.js'
export { ns } from './names.js'
export { isLoopback, networkOf } from './network.js'
export { Output, type WriteReserved } from './output.js'
export { routeTransports } from './route-transports.js'
export { fromEither, fromInitiating, fromReceiving, type Origin, type ReceivingSide } from './sm-events.js'
export {
  type Refuse,
  type Reply,
  type Restart,
  refuse,
  reply,
  restart,
  type StartTls,
  type StreamStep,
  startTlsSteps,
} from './step.js'
export { type Connections, type StreamTransportOptions, streamTransport } from './stream-transport.js'
