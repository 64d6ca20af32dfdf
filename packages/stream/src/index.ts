/** XMPP streams, whatever they are framed in (RFC 6120 §4). */
export type { ChannelBindingType, Connection, ConnectionHandler, PeerCertificate } from './connection.js'
export { brief, isSmNamed, isStanza, namespaceOf, refusedFor, unknownElement, versionOf } from './elements.js'
export { errorContent, type Framing, type OwnHeader, xmlStreamFraming } from './framing.js'
export { ns } from './names.js'
export { networkOf } from './network.js'
export { type Fill, Output } from './output.js'
export { fromInitiating, fromReceiving, type Here } from './sm-events.js'
export { type Connections, type StreamTransportOptions, streamTransport } from './stream-transport.js'
