/** The process stops. What outlives it hibernates; all else is ended, and nothing that waits in it is lost. */
import type { Config } from '../config.js'
import type { Effect, StoreOffline } from '../effect.js'
import type { ServerStopping } from '../event.js'
import { isSome } from '../option.js'
import { hibernate } from '../session/hibernating.js'
import { goesOn, type Outcome, over } from '../session/outcome.js'
import * as resuming from '../session/resuming.js'
import { type Account, connectionOf, type Instant, type Session } from '../state.js'
import { concludeAll } from './conclude-all.js'
import type { AccountStep } from './end.js'

export const stop = <A>(config: Config, account: Account<A>, event: ServerStopping): AccountStep<A> => {
  if (event.journalled) return concludeAll(config, account, event.at, session => suspended(session, event.at))
  const [stopped, effects] = concludeAll(config, account, event.at, session =>
    over(session, 'stopped', farewell(session)),
  )
  return [stopped, inOrderOfTime(withoutDoubles(effects))]
}

/** What can be resumed waits in the journal; its client is told that the stream ends, not the session. */
const suspended = <A>(session: Session<A>, at: Instant): Outcome<A> => {
  const closing = farewell(session)
  switch (session._tag) {
    case 'Active':
      return isSome(session.resumption)
        ? hibernate(session, session.resumption.value, at, closing)
        : over(session, 'lost', closing)
    case 'Hibernating':
      return goesOn(session)
    case 'Resuming':
      return goesOn<A>(resuming.asBefore(session), closing)
    case 'Enabling':
    case 'Unmanaged':
      return over(session, 'lost', closing)
  }
}

const farewell = <A>(session: Session<A>): ReadonlyArray<Effect<A>> => {
  const connection = connectionOf(session)
  if (connection === undefined) return []
  const close: Effect<A> = { _tag: 'CloseConnection', connection, error: { condition: 'system-shutdown' } }
  if (session._tag !== 'Active') return [close]
  const { version, inbound } = session
  return [{ _tag: 'SendNonza', connection, nonza: { _tag: 'Ack', version, h: inbound.handled } }, close]
}

/** A message to the bare JID may wait in several sessions; it is stored once, from the first of them. */
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

/** What waits in several sessions is stored as it was submitted, since storage gives it back in its own order. */
const inOrderOfTime = <A>(effects: ReadonlyArray<Effect<A>>): ReadonlyArray<Effect<A>> => {
  const stores = effects.filter((effect): effect is StoreOffline<A> => effect._tag === 'StoreOffline')
  const rest = effects.filter(effect => effect._tag !== 'StoreOffline')
  return [...stores.sort((one, other) => one.submittedAt - other.submittedAt), ...rest]
}
