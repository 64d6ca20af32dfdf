/**
 * The process began again with what was journalled: all connections are gone, and so is the time meanwhile. What can be
 * resumed waits for its client, for as long as if the line had dropped now.
 */
import type { Config } from '../config.js'
import type { ServerRestarted } from '../event.js'
import { isSome } from '../option.js'
import { arm, milliseconds, withDeadline } from '../session/deadlines.js'
import { hibernate } from '../session/hibernating.js'
import type { Outcome } from '../session/outcome.js'
import { goesOn, over } from '../session/outcome.js'
import * as resuming from '../session/resuming.js'
import type { Account, Hibernating, Instant, Session } from '../state.js'
import { concludeAll } from './conclude-all.js'
import type { AccountStep } from './end.js'

export const restart = <A>(config: Config, account: Account<A>, { at }: ServerRestarted): AccountStep<A> =>
  concludeAll(config, account, at, session => awakened(session, at))

const awakened = <A>(session: Session<A>, at: Instant): Outcome<A> => {
  switch (session._tag) {
    case 'Active':
      return isSome(session.resumption) ? hibernate(session, session.resumption.value, at, []) : over(session, 'lost')
    case 'Hibernating':
      return waitAnew(session, at)
    // Nothing of it was sent: whoever connects for it begins anew.
    case 'Connecting':
      return goesOn(session)
    case 'Resuming':
      return waitAnew(resuming.asBefore(session), at)
    case 'Enabling':
    case 'Unmanaged':
      return over(session, 'lost')
  }
}

const waitAnew = <A>(session: Hibernating<A>, at: Instant): Outcome<A> => {
  const deadline = at + milliseconds(session.resumption.seconds)
  return goesOn({ ...session, deadlines: withDeadline(session.deadlines, 'hibernation', deadline) }, [
    arm(session.resource, 'hibernation', deadline),
  ])
}
