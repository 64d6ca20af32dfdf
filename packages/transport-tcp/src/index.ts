/** XMPP over TCP and TLS, on Node. */
export type { RemoteEndpoint, TcpEndpoint } from './endpoints.js'
export * from './log.js'
export * from './options.js'
export type { Traffic } from './traffic.js'
export * from './transport.js'
export { createUnsentTotal, type UnsentTotal } from './unsent-total.js'
