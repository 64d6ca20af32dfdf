/** One thing happens to all sessions of an account at once. */
import type { Config } from '../config.js'
import type { Effect, StoreOffline } from '../effect.js'
import type { Outcome } from '../session/outcome.js'
import type { Account, Instant, Session } from '../state.js'
import { type AccountStep, endSession } from './end.js'

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
  const reasons = new Map(outcomes.flatMap(one => (one._tag === 'Over' ? [[one.session.resource, one.reason]] : [])))
  const start: AccountStep<A> = [
    { ...account, sessions: outcomes.map(({ session }) => session) },
    outcomes.flatMap(outcome => (outcome._tag === 'GoesOn' ? outcome.effects : [])),
  ]
  const [concluded, effects] = outcomes.reduce<AccountStep<A>>(([rest, soFar], outcome) => {
    if (outcome._tag === 'GoesOn') return [rest, soFar]
    const { session, reason, effects: closing } = outcome
    const [next, ended] = endSession(config, rest, session, reason, at, closing, { account: start[0], reasons })
    return [next, [...soFar, ...ended]]
  }, start)
  return [concluded, inOrderOfTime(withoutDoubles(effects))]
}

const isAsBefore = <A>({ _tag, session, effects }: Outcome<A>, before: Session<A> | undefined): boolean =>
  _tag === 'GoesOn' && session === before && effects.length === 0

/**
 * A message to the bare JID may wait in several sessions without their knowing of each other, if it was submitted to each
 * by itself; it is stored once, from the first of them.
 */
const withoutDoubles = <A>(effects: ReadonlyArray<Effect<A>>): ReadonlyArray<Effect<A>> => {
  const storedFrom = new Map<string, string>()
  return effects.map((effect): Effect<A> => {
    if (effect._tag !== 'StoreOffline' || effect.facts.id === undefined) return effect
    const { resource, stanza, facts, submittedAt } = effect
    const message = JSON.stringify([facts.id, facts.from, facts.to, submittedAt])
    const first = storedFrom.get(message)
    if (first === undefined) storedFrom.set(message, resource)
    return first === undefined || first === resource
      ? effect
      : { _tag: 'Discard', resource, stanza, facts, reason: 'copy' }
  })
}

/**
 * Storage gives back what it holds in the order in which it got it. Stamps decide between sessions only: within one, a
 * stanza may have an earlier stamp than the one before it, if the clock was set back between them.
 */
const inOrderOfTime = <A>(effects: ReadonlyArray<Effect<A>>): ReadonlyArray<Effect<A>> => {
  const stores = effects.filter((effect): effect is StoreOffline<A> => effect._tag === 'StoreOffline')
  const rest = effects.filter(effect => effect._tag !== 'StoreOffline')
  const latest = new Map<string, Instant>()
  const placed = stores.map(store => {
    const notBefore = Math.max(store.submittedAt, latest.get(store.resource) ?? store.submittedAt)
    latest.set(store.resource, notBefore)
    return { store, notBefore }
  })
  placed.sort((one, other) => one.notBefore - other.notBefore)
  return [...placed.map(({ store }) => store), ...rest]
}
