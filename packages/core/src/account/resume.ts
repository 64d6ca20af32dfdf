/**
 * `<resume/>` (XEP-0198 §5). Whatever cannot be resumed is answered with `<failed/>`, and then nothing has
 * changed: the old session, its connection and its timers are as they were. Whatever is known of the session by then, its
 * client learns its `h`: what that covers need not be sent again.
 */

import type { Config } from '../config.js'
import type { Counter } from '../counter.js'
import type { Effect } from '../effect.js'
import type { ResumeReceived } from '../event.js'
import type { SmId } from '../ids.js'
import type { Failed } from '../nonza.js'
import { isSome, some } from '../option.js'
import { askForAck } from '../session/ack-policy.js'
import { allTimers, disarm, noDeadlines } from '../session/deadlines.js'
import { acknowledge, unsentCount } from '../session/outbound.js'
import { resend } from '../session/resend.js'
import {
  type Account,
  type Active,
  type Hibernating,
  noRequest,
  type Outbound,
  type Resumption,
  type Role,
  replaceSession,
} from '../state.js'
import type { AccountStep } from './account-step.js'
import { conflict, isTaken } from './bind.js'

export const resume = <A>(config: Config, account: Account<A>, event: ResumeReceived): AccountStep<A> => {
  if (isTaken(account, event.connection)) return fail(account, event, { condition: 'unexpected-request' })
  const found = resumable(account, event.previd)
  if (found === undefined) return failUnknown(config, account, event)
  const [session, resumption] = found
  if (session.version !== event.version) return fail(account, event, { condition: 'unexpected-request' })
  const judgement = acknowledge(session.outbound, event.h, unsentCount(config, session.outbound))
  switch (judgement._tag) {
    case 'TooHigh':
      return fail(account, event, {
        condition: 'undefined-condition',
        tooHigh: { h: event.h, sendCount: judgement.sendCount },
      })
    case 'Backwards':
      return fail(account, event, { condition: 'undefined-condition' })
    case 'Accepted':
      return judgement.outbound.unacked.length > config.maxQueueSize
        ? fail(account, event, { condition: 'resource-constraint' })
        : takeOver(config, account, session, resumption, judgement.outbound, event)
  }
}

type Resumable<A, R extends Role = Role> = Active<A, R> | Hibernating<A, R>

/** The session that the SM-ID names, if it is one of this account. */
export const resumable = <A>(account: Account<A>, previd: SmId): readonly [Resumable<A>, Resumption] | undefined => {
  for (const session of account.sessions) {
    if (session._tag === 'Hibernating' && session.resumption.smId === previd) return [session, session.resumption]
    if (session._tag === 'Active' && isSome(session.resumption) && session.resumption.value.smId === previd)
      return [session, session.resumption.value]
  }
  return undefined
}

/** The session goes on on the new connection: `<resumed/>`, what was not handled (or its first page), then what comes now. */
const takeOver = <A, R extends Role>(
  config: Config,
  account: Account<A>,
  session: Resumable<A, R>,
  resumption: Resumption,
  outbound: Outbound<A>,
  event: ResumeReceived,
): AccountStep<A> => {
  const { resource, role, version, inbound, usesArchive } = session
  const { connection, at, previd } = event
  const resumed: Active<A, R> = {
    _tag: 'Active',
    resource,
    role,
    connection,
    version,
    resumption: some(resumption),
    inbound,
    outbound,
    unwritten: outbound.unacked.length,
    // Whatever was asked on the old connection will not be answered; the client is active anew (XEP-0352 §5).
    request: noRequest,
    deadlines: noDeadlines,
    client: 'active',
    usesArchive,
  }
  const [resent, page] = resend(resumed, event.room)
  const [asked, asking] = askForAck(config, resent, at, 'opportune')
  const effects: ReadonlyArray<Effect<A>> = [
    ...conflict(session),
    ...disarm(resource, session.deadlines, allTimers),
    { _tag: 'AdoptConnection', connection, resource },
    { _tag: 'SendNonza', connection, nonza: { _tag: 'Resumed', version, previd, h: inbound.handled } },
    ...page,
    ...asking,
    ...(session._tag === 'Hibernating' ? [hibernationResumed<A>(session)] : []),
  ]
  return [replaceSession(account, session, asked), effects]
}

const hibernationResumed = <A>(session: Hibernating<A>): Effect<A> => ({
  _tag: 'Notify',
  resource: session.resource,
  notice: { _tag: 'HibernationEnded', outcome: 'resumed', hibernatedSince: session.since },
})

/** Nobody's session, or one that ended: only its `h` is left. Without resumption at all, we say so (§5). */
const failUnknown = <A>(config: Config, account: Account<A>, event: ResumeReceived): AccountStep<A> => {
  return fail(account, event, { condition: config.hibernationTime > 0 ? 'item-not-found' : 'feature-not-implemented' })
}

/** How many stanzas of its client a session handled that stands, or that is over and was remembered. */
export const handledBy = <A>(account: Account<A>, smId: SmId): Counter | undefined =>
  resumable(account, smId)?.[0].inbound.handled ?? account.oldSessions.find(old => old.smId === smId)?.h

const fail = <A>(
  account: Account<A>,
  { connection, version, previd }: ResumeReceived,
  why: Pick<Failed, 'condition' | 'tooHigh'>,
): AccountStep<A> => {
  const h = handledBy(account, previd)
  const nonza: Failed = { _tag: 'Failed', version, ...why, ...(h === undefined ? {} : { h }) }
  return [account, [{ _tag: 'SendNonza', connection, nonza }]]
}
