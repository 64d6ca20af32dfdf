/** The end of a session: its stanzas are settled, its count is kept if it may be asked for, its timers go. */

import type { Config } from '../config.js'
import type { Effect } from '../effect.js'
import type { EndReason } from '../end-reason.js'
import type { Instant, SmId } from '../ids.js'
import { isSome } from '../option.js'
import { allTimers, disarm } from '../session/deadlines.js'
import type { Account, Active, Hibernating, OldSession, Session } from '../state.js'
import type { AccountStep } from './account-step.js'
import { type Ending, rememberLastAck } from './deliveries.js'
import { dispositionOf, leavingOf, unackedOf } from './disposition.js'
import { remember } from './old-sessions.js'
import { deferred } from './settlement.js'

/**
 * Takes a session out of the account. `closing` is what still goes over its connection; `ending` are the sessions that end
 * in the same step.
 *
 * The order: the connection, the dispositions, the kept `h`, the end itself, what is routed anew, the timers, the notice. Where
 * stanzas lie in storage, dispositions and what is routed anew follow in steps of their own (`QueueSettled`).
 */
export const endSession = <A>(
  config: Config,
  before: Account<A>,
  session: Session<A>,
  reason: EndReason,
  at: Instant,
  closing: ReadonlyArray<Effect<A>>,
  together?: Ending<A>,
): AccountStep<A> => {
  const { resource } = session
  const [account, isDeferred] =
    together === undefined
      ? deferred(before, [{ session, reason }], before.sessions.length === 1)
      : [before, together.isDeferred]
  const ending = together ?? { account, reasons: new Map(), isDeferred }
  const left = { ...account, sessions: account.sessions.filter(other => other.resource !== resource) }
  const leaving = leavingOf(
    session,
    reason,
    ending,
    left.sessions.every(other => ending.reasons.has(other.resource)),
  )
  const dispositions = isDeferred ? [] : unackedOf(session).map(unacked => dispositionOf(config, leaving, unacked))
  const old = oldSessionOf(config, session, reason, at)
  const [oldSessions, remembered] =
    old === undefined ? [account.oldSessions, []] : remember(config, account.oldSessions, old)
  const effects: ReadonlyArray<Effect<A>> = [
    ...closing,
    ...dispositions.filter(one => one._tag !== 'Redeliver'),
    ...remembered,
    { _tag: 'EndSession', resource, reason },
    ...dispositions.filter(one => one._tag === 'Redeliver'),
    ...('deadlines' in session ? disarm(resource, session.deadlines, allTimers) : []),
    ...hibernationEnd(session, reason),
  ]
  return [rememberLastAck({ ...left, oldSessions }, session, reason), effects]
}

/** A client may come back for any session but one that was closed: it has to learn what was handled (§5). */
const oldSessionOf = <A>(
  config: Config,
  session: Session<A>,
  reason: EndReason,
  at: Instant,
): OldSession | undefined => {
  if (session._tag !== 'Active' && session._tag !== 'Hibernating') return undefined
  const isRemembered =
    reason === 'expired' ||
    reason === 'evicted' ||
    reason === 'stopped' ||
    (config.rememberBroken && session.role === 'receiving' && (reason === 'refused' || reason === 'replaced'))
  const smId = smIdOf(session)
  return isRemembered && smId !== undefined ? { smId, h: session.inbound.handled, at } : undefined
}

const smIdOf = <A>(session: Active<A> | Hibernating<A>): SmId | undefined => {
  if (session._tag === 'Hibernating') return session.resumption.smId
  return isSome(session.resumption) ? session.resumption.value.smId : undefined
}

const hibernationEnd = <A>(session: Session<A>, reason: EndReason): ReadonlyArray<Effect<A>> =>
  session._tag === 'Hibernating' || session._tag === 'Resuming'
    ? [
        {
          _tag: 'Notify',
          resource: session.resource,
          notice: { _tag: 'HibernationEnded', outcome: reason, hibernatedSince: session.since },
        },
      ]
    : []
