/** One thing happens to all sessions of an account at once. */

import type { Config } from '../config.js'
import type { Instant } from '../ids.js'
import type { Outcome } from '../session/outcome.js'
import type { Account, Session } from '../state.js'
import type { AccountStep } from './account-step.js'
import { endSession } from './end.js'
import { deferred } from './settlement.js'
import { inOrderOfTime, withoutDoubles } from './storing.js'

/**
 * Makes of each session what it comes to. Those that end do so together: none of them is there for what another leaves.
 * What waited in several of them is stored once, and all in the order in which it was submitted.
 */
export const concludeAll = <A>(
  config: Config,
  account: Account<A>,
  at: Instant,
  outcomeOf: (session: Session<A>) => Outcome<A>,
): AccountStep<A> => {
  const outcomes = account.sessions.map(outcomeOf)
  if (outcomes.every((outcome, index) => isAsBefore(outcome, account.sessions[index]))) return [account, []]
  const ended = outcomes.filter(outcome => outcome._tag === 'Ended')
  const reasons = new Map(ended.map(({ session, reason }) => [session.resource, reason]))
  const [settling, isDeferred] = deferred(
    { ...account, sessions: outcomes.map(({ session }) => session) },
    ended,
    ended.length === outcomes.length,
  )
  const start: AccountStep<A> = [
    settling,
    outcomes.flatMap(outcome => (outcome._tag === 'Continues' ? outcome.effects : [])),
  ]
  const ending = { account: settling, reasons, isDeferred }
  const [concluded, effects] = outcomes.reduce<AccountStep<A>>(([rest, soFar], outcome) => {
    if (outcome._tag === 'Continues') return [rest, soFar]
    const { session, reason, effects: closing } = outcome
    const [next, ended] = endSession(config, rest, session, reason, at, closing, ending)
    return [next, [...soFar, ...ended]]
  }, start)
  return [concluded, inOrderOfTime(withoutDoubles(effects))]
}

const isAsBefore = <A>({ _tag, session, effects }: Outcome<A>, before: Session<A> | undefined): boolean =>
  _tag === 'Continues' && session === before && effects.length === 0
