/**
 * The only way out of a step, whatever the event was: what is beyond a limit ends, and what is beyond a session's share of
 * memory is spilled. So no event can be handled in a way that forgets the limits, `ServerRestarted`, `ServerStopping` and
 * `ConfigChanged` included.
 */
import type { Config } from '../config.js'
import type { Event } from '../event.js'
import { type Account, sessionOf } from '../state.js'
import type { AccountStep } from './account-step.js'
import { enforceLimits, evictOne } from './limits.js'
import { settleSpilled } from './spilling.js'

/** What was made of `before` and the event, within all limits. */
export const bounded = <A>(
  config: Config,
  before: Account<A>,
  event: Event<A>,
  handled: AccountStep<A>,
): AccountStep<A> => {
  const within = withinLimits(config, before, event, handled)
  // Where storage is not used any more, what lies there is forgotten at the change.
  return config.queueStorage || event._tag === 'ConfigChanged' ? settleSpilled(config, before, within) : within
}

const withinLimits = <A>(
  config: Config,
  before: Account<A>,
  event: Event<A>,
  handled: AccountStep<A>,
): AccountStep<A> => {
  if (config.limitsAlwaysHold) return enforceLimits(config, event.at, handled)
  return losesConnection(before, handled[0], event) ? evictOne(config, event.at, handled) : handled
}

/** A connected session hibernates from now on. */
const losesConnection = <A>(before: Account<A>, after: Account<A>, event: Event<A>): boolean =>
  'resource' in event &&
  sessionOf(before, event.resource)?._tag === 'Active' &&
  sessionOf(after, event.resource)?._tag === 'Hibernating'
