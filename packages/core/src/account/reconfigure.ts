/**
 * The options change. What each session makes of that by itself is here; what is beyond the new limits ends, and what is
 * beyond the new share goes into storage, as after every step.
 */

import type { Config } from '../config.js'
import type { ConfigChanged } from '../event.js'
import type { Instant } from '../ids.js'
import { askForAck } from '../session/ack-policy.js'
import { isAboveCeiling } from '../session/ceiling.js'
import { disarm, withDeadline } from '../session/deadlines.js'
import { continues, type Outcome } from '../session/outcome.js'
import type { Account, Active, Session } from '../state.js'
import type { AccountStep } from './account-step.js'

/** Always another account, though it may be equal: what follows is to be folded under other options. */
export const reconfigure = <A>(config: Config, account: Account<A>, { at }: ConfigChanged): AccountStep<A> => {
  const outcomes = account.sessions.map(session => under(config, inMemory(config, session), at))
  return [{ ...account, sessions: outcomes.map(({ session }) => session) }, outcomes.flatMap(({ effects }) => effects)]
}

/** One that has too much now ends anyway. */
const under = <A>(config: Config, session: Session<A>, at: Instant): Outcome<A> =>
  session._tag === 'Active' && !isAboveCeiling(config, session.outbound)
    ? continues(...askUnder(config, session, at))
    : continues(session)

/** More may be unacked than the new options allow without a request; and they may not want delays told. */
const askUnder = <A>(config: Config, session: Active<A>, at: Instant): Parameters<typeof continues<A>> => {
  const isUntold = config.maxAckDelay === 0 && session.deadlines.ackDelay !== undefined
  const quiet = isUntold ? { ...session, deadlines: withDeadline(session.deadlines, 'ackDelay', undefined) } : session
  const [asked, effects] = askForAck(config, quiet, at, 'due')
  return [asked, [...(isUntold ? disarm(session.resource, session.deadlines, ['ackDelay']) : []), ...effects]]
}

/** Where nothing can be spilled to storage any more, all of it is in memory now. */
const inMemory = <A>(config: Config, session: Session<A>): Session<A> =>
  !config.queueStorage && 'outbound' in session && session.outbound.spilled > 0
    ? { ...session, outbound: { ...session.outbound, spilled: 0 } }
    : session
