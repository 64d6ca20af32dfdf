/** One thing happens to all sessions of an account at once. */
import type { Config } from '../config.js'
import type { Effect } from '../effect.js'
import type { Outcome } from '../session/outcome.js'
import type { Account, Instant, Session } from '../state.js'
import { type AccountStep, endSession } from './end.js'

/**
 * Makes of each session what it comes to: those that go on first, so that what the others leave finds them there.
 */
export const concludeAll = <A>(
  config: Config,
  account: Account<A>,
  at: Instant,
  outcomeOf: (session: Session<A>) => Outcome<A>,
): AccountStep<A> => {
  const outcomes = account.sessions.map(outcomeOf)
  const going = outcomes.flatMap(outcome => (outcome._tag === 'GoesOn' ? outcome.effects : []))
  const all: Account<A> = { ...account, sessions: outcomes.map(({ session }) => session) }
  return outcomes.reduce<AccountStep<A>>(
    ([rest, soFar], outcome) => {
      if (outcome._tag === 'GoesOn') return [rest, soFar]
      const [next, ended] = endSession(config, rest, outcome.session, outcome.reason, at, outcome.effects)
      return [next, concat(soFar, ended)]
    },
    [all, going],
  )
}

const concat = <A>(one: ReadonlyArray<Effect<A>>, other: ReadonlyArray<Effect<A>>): ReadonlyArray<Effect<A>> => [
  ...one,
  ...other,
]
