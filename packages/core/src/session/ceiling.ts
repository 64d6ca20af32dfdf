/** The greatest number of unacked stanzas, and of their bytes: what is beyond it ends the session, so that all stays bounded. */
import type { Config } from '../config.js'
import type { StreamError } from '../nonza.js'
import type { Outbound } from '../state.js'
import { unackedBytes } from './sizes.js'

/** True if more is unacked than any session may keep. */
export const isAboveCeiling = <A>(config: Config, outbound: Outbound<A>): boolean =>
  outbound.unacked.length > config.queueCeiling || unackedBytes(outbound) > config.maxQueueBytes

/** What a peer is told that never acks; with other sessions of its account, if it has not too much by itself. */
export const tooMuchUnacked = <A>(config: Config, outbound: Outbound<A>): StreamError => ({
  condition: 'resource-constraint',
  text: `More than ${allowedOf(config, outbound)}; acknowledge what you receive.`,
})

const allowedOf = <A>(config: Config, outbound: Outbound<A>): string => {
  if (outbound.unacked.length > config.queueCeiling) return `${config.queueCeiling} stanzas are unacknowledged`
  return isAboveCeiling(config, outbound)
    ? `${config.maxQueueBytes} bytes are unacknowledged`
    : `${config.maxAccountQueueBytes} bytes are unacknowledged by all your sessions together`
}
