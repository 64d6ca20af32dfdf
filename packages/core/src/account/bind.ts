/** A resource is bound: a session starts, and takes the place of any other of the same full JID (RFC 6120 §7.7.2.2). */

import type { Config } from '../config.js'
import type { Effect } from '../effect.js'
import type { ConnectionWanted, SessionBound } from '../event.js'
import type { ConnectionId } from '../ids.js'
import { closeStream } from '../session/closing.js'
import * as connecting from '../session/connecting.js'
import {
  type Account,
  type Connecting,
  connectionOf,
  type Negotiating,
  replaceSession,
  type Session,
  sessionOf,
} from '../state.js'
import type { AccountStep } from './account-step.js'
import { endSession } from './end.js'
import { ignore } from './ignoring.js'
import { positionsTaken } from './settlement.js'

export const bind = <A>(config: Config, account: Account<A>, event: SessionBound): AccountStep<A> => {
  const replaced = sessionOf(account, event.resource)
  if (isTaken(account, event.connection)) return ignore(account, event, replaced?._tag, 'connection-in-use')
  if (replaced?._tag === 'Connecting' || replaced?._tag === 'Negotiating')
    return connected(account, replaced, event.connection)
  const [rest, effects] =
    replaced === undefined
      ? [account, []]
      : endSession(config, account, replaced, 'replaced', event.at, conflict(replaced))
  const session: Session<A> = { _tag: 'Unmanaged', resource: event.resource, connection: event.connection }
  return [{ ...rest, sessions: [...rest.sessions, session] }, effects]
}

/** What waited for the connection goes over it; the answer on another is not awaited any longer. */
const connected = <A>(
  account: Account<A>,
  waiting: Connecting<A> | Negotiating<A>,
  connection: ConnectionId,
): AccountStep<A> => {
  const [session, effects] = connecting.bound(waiting, connection)
  return [replaceSession(account, waiting, session), [...conflict(waiting), ...effects]]
}

/** Stanzas are to wait for a connection. */
export const want = <A>(account: Account<A>, event: ConnectionWanted): AccountStep<A> => {
  const { resource, at } = event
  const session = sessionOf(account, resource)
  if (session !== undefined) return ignore(account, event, session._tag, 'nothing-to-do')
  const waiting = connecting.begin(resource, at, positionsTaken(account, resource))
  return [{ ...account, sessions: [...account.sessions, waiting] }, []]
}

/** A connection belongs to one session at most. */
export const isTaken = <A>(account: Account<A>, connection: ConnectionId): boolean =>
  account.sessions.some(session => connectionOf(session) === connection)

/**
 * The connection of a session, if it has one, is closed with `conflict`: whoever is there must not take the session back,
 * or two would take it from each other for ever.
 */
export const conflict = <A>(session: Session<A>): ReadonlyArray<Effect<A>> =>
  closeStream(session, { condition: 'conflict' })
