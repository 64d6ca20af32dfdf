/** What sessions that end together leave for storage: each message once, and in the order in which it was submitted. */

import type { Effect, StoreOffline } from '../effect.js'
import type { Instant } from '../ids.js'

/**
 * A message to the bare JID may wait in several sessions without their knowing of each other, if it was submitted to each
 * by itself; it is stored once, from the first of them.
 */
export const withoutDoubles = <A>(effects: ReadonlyArray<Effect<A>>): ReadonlyArray<Effect<A>> => {
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
export const inOrderOfTime = <A>(effects: ReadonlyArray<Effect<A>>): ReadonlyArray<Effect<A>> => {
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
