/** XMPP Stream Management (XEP-0198) as a pure function: account and event in, account and effects out. */
export * from './config.js'
export * from './counter.js'
export * from './effect.js'
export * from './event.js'
export * from './nonza.js'
export * from './queue.js'
export * from './stanza.js'
export * from './state.js'
