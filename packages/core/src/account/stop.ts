/** The process stops and sessions do not outlive it: all are ended, and nothing that waits in them is lost. */
import type { Config } from '../config.js'
import type { Effect, StoreOffline } from '../effect.js'
import type { ServerStopping } from '../event.js'
import { type Account, connectionOf, type Session } from '../state.js'
import { type AccountStep, endSession } from './end.js'

export const stop = <A>(config: Config, account: Account<A>, event: ServerStopping): AccountStep<A> => {
  const [stopped, effects] = account.sessions.reduce<AccountStep<A>>(
    ([rest, soFar], session) => {
      const [next, ended] = endSession(config, rest, session, 'stopped', event.at, farewell(session))
      return [next, [...soFar, ...ended]]
    },
    [account, []],
  )
  return [stopped, withoutDoubles(effects)]
}

const farewell = <A>(session: Session<A>): ReadonlyArray<Effect<A>> => {
  const connection = connectionOf(session)
  if (connection === undefined) return []
  const close: Effect<A> = { _tag: 'CloseConnection', connection, error: { condition: 'system-shutdown' } }
  if (session._tag !== 'Active') return [close]
  const { version, inbound } = session
  return [{ _tag: 'SendNonza', connection, nonza: { _tag: 'Ack', version, h: inbound.handled } }, close]
}

/** A message to the bare JID may wait in several sessions; it is stored once. */
const withoutDoubles = <A>(effects: ReadonlyArray<Effect<A>>): ReadonlyArray<Effect<A>> => {
  const stored: Array<StoreOffline<A>> = []
  return effects.map((effect): Effect<A> => {
    if (effect._tag !== 'StoreOffline') return effect
    const { resource, stanza, facts } = effect
    if (stored.some(other => isSameMessage(effect, other)))
      return { _tag: 'Discard', resource, stanza, facts, reason: 'copy' }
    stored.push(effect)
    return effect
  })
}

const isSameMessage = <A>(one: StoreOffline<A>, other: StoreOffline<A>): boolean =>
  one.resource !== other.resource &&
  one.facts.id !== undefined &&
  one.facts.id === other.facts.id &&
  one.facts.from === other.facts.from &&
  one.facts.to === other.facts.to &&
  one.submittedAt === other.submittedAt
