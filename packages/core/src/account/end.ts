/** The end of a session: its stanzas are settled, its count is kept if it may be asked for, its timers go. */
import type { Config } from '../config.js'
import type { Effect, EndReason } from '../effect.js'
import { isSome } from '../option.js'
import { allTimers, disarm } from '../session/deadlines.js'
import type { Account, Active, Hibernating, Instant, OldSession, Session } from '../state.js'
import { fateOf, type Leaving, unackedOf } from './fate.js'
import { type Ending, rememberLastAck } from './holders.js'
import { remember } from './old-sessions.js'

export type AccountStep<A> = readonly [Account<A>, ReadonlyArray<Effect<A>>]

/**
 * Takes a session out of the account. `closing` is what still goes over its connection; `ending` are the sessions that end
 * in the same step.
 *
 * The order: the connection, the fates, the kept `h`, the end itself, what is routed anew, the timers, the notice.
 */
export const endSession = <A>(
  config: Config,
  account: Account<A>,
  session: Session<A>,
  reason: EndReason,
  at: Instant,
  closing: ReadonlyArray<Effect<A>>,
  ending: Ending<A> = { account, reasons: new Map() },
): AccountStep<A> => {
  const { resource } = session
  const left = { ...account, sessions: account.sessions.filter(other => other.resource !== resource) }
  const leaving: Leaving<A> = {
    resource,
    session,
    reason,
    ending,
    isLast: left.sessions.every(other => ending.reasons.has(other.resource)),
    initiating: isInitiating(session),
    neverConnected: session._tag === 'Connecting',
    usesArchive: (session._tag === 'Active' || session._tag === 'Hibernating') && session.usesArchive,
  }
  const fates = unackedOf(session).map(unacked => fateOf(config, leaving, unacked))
  const old = oldSessionOf(config, session, reason, at)
  const [oldSessions, kept] = old === undefined ? [account.oldSessions, []] : remember(config, account.oldSessions, old)
  const effects: ReadonlyArray<Effect<A>> = [
    ...closing,
    ...fates.filter(fate => fate._tag !== 'Redeliver'),
    ...kept,
    { _tag: 'EndSession', resource, reason },
    ...fates.filter(fate => fate._tag === 'Redeliver'),
    ...('deadlines' in session ? disarm(resource, session.deadlines, allTimers) : []),
    ...hibernationEnd(session, reason),
  ]
  return [rememberLastAck({ ...left, oldSessions }, session, reason), effects]
}

const isInitiating = <A>(session: Session<A>): boolean =>
  session._tag === 'Connecting' ||
  session._tag === 'Enabling' ||
  session._tag === 'Resuming' ||
  ('role' in session && session.role === 'initiating')

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

const smIdOf = <A>(session: Active<A> | Hibernating<A>): string | undefined => {
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
