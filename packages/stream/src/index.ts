/** XMPP streams, whatever they are framed in (RFC 6120 §4). */
export type { ChannelBindingType, Connection, ConnectionHandler, PeerCertificate } from './connection.js'
export { brief, isSmNamed, isStanza, namespaceOf, refusedFor, unknownElement, versionOf } from './elements.js'
export { ns } from './names.js'
export { networkOf } from './network.js'
export { type Framing, Output } from './output.js'
export { fromInitiating, fromReceiving, type Here } from './sm-events.js'
