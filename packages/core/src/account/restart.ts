/**
 * The process began again with what was journalled: all connections are gone, and so is the time meanwhile. What was
 * connected waits for its client for as long as if the line had dropped now; what waited already, for the rest of its time.
 */

import type { Config } from '../config.js'
import type { ServerRestarted } from '../event.js'
import type { Instant } from '../ids.js'
import { isSome } from '../option.js'
import { arm, milliseconds } from '../session/deadlines.js'
import { hibernate } from '../session/hibernating.js'
import * as negotiating from '../session/negotiating.js'
import type { Outcome } from '../session/outcome.js'
import { continues, ends } from '../session/outcome.js'
import * as resuming from '../session/resuming.js'
import type { Account, Hibernating, Session } from '../state.js'
import type { AccountStep } from './account-step.js'
import { concludeAll } from './conclude-all.js'

export const restart = <A>(config: Config, account: Account<A>, event: ServerRestarted): AccountStep<A> =>
  concludeAll(config, account, event.at, session => awakened(session, event))

const awakened = <A>(session: Session<A>, event: ServerRestarted): Outcome<A> => {
  const { at } = event
  switch (session._tag) {
    case 'Active':
      return isSome(session.resumption) ? hibernate(session, session.resumption.value, at, []) : ends(session, 'lost')
    case 'Hibernating':
      return waitAgain(session, event)
    // Nothing of it was sent: whoever connects for it begins anew.
    case 'Connecting':
      return continues(session)
    case 'Negotiating':
      return negotiating.fallBack(session, [])
    case 'Resuming':
      return waitAgain(resuming.asBefore(session), event)
    case 'Enabling':
    case 'Unmanaged':
      return ends(session, 'lost')
  }
}

const waitAgain = <A>(session: Hibernating<A>, { at, lastAlive }: ServerRestarted): Outcome<A> => {
  const full = milliseconds(session.resumption.seconds)
  const { hibernation } = session.deadlines
  const rest = lastAlive === undefined ? full : Math.min(Math.max(hibernation - lastAlive, 0), full)
  const deadline = at + rest
  return continues(
    {
      ...session,
      since: lastAlive === undefined ? session.since : sinceNow(session.since, at, lastAlive),
      deadlines: { hibernation: deadline },
    },
    [arm(session.resource, 'hibernation', deadline)],
  )
}

/** Where the clock was put back meanwhile: who waits longest must not seem to have begun after those who begin now. */
const sinceNow = (since: Instant, at: Instant, lastAlive: Instant): Instant =>
  at < lastAlive ? Math.min(since + at - lastAlive, at) : since
