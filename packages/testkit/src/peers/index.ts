/** A pair of peers over a simulated link. */
export type { Told } from './application.js'
export type { Counters } from './established.js'
export type { StoredMessage } from './memory-store.js'
export { createPeers, type Peers, type PeersOptions } from './pair.js'
export { type Fault, type Happening, type Peer, pairAccount, pairResource } from './peer.js'
