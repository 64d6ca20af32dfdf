/** The receiving side of client streams (RFC 6120 §§5 to 7, XEP-0198, XEP-0388, XEP-0386). */
export { createC2s } from './create.js'
export { createUnboundStreams, type UnboundStreams } from './unbound-streams.js'
