/** The greatest number of unacked stanzas: what is beyond it ends the session, so that memory stays bounded. */
import type { Config } from '../config.js'
import type { StreamError } from '../nonza.js'
import type { Outbound } from '../state.js'

/** True if more stanzas are unacked than any session may keep. */
export const isAboveCeiling = <A>(config: Config, outbound: Outbound<A>): boolean =>
  outbound.unacked.length > config.queueCeiling

/** What a peer is told that never acks. */
export const tooManyUnacked = (config: Config): StreamError => ({
  condition: 'resource-constraint',
  text: `More than ${config.queueCeiling} stanzas are unacknowledged; acknowledge what you receive.`,
})
