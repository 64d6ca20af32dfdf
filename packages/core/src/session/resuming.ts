/** The phase `Resuming` (initiating role): `<resume/>` is sent, the answer is not there (XEP-0198 §5). */
import type { Config } from '../config.js'
import type { Effect } from '../effect.js'
import type { FailedReceived, ResumedReceived, StanzaSubmitted } from '../event.js'
import type { StreamError } from '../nonza.js'
import { some } from '../option.js'
import { type Active, type Hibernating, noRequest, type Resuming } from '../state.js'
import { askForAck } from './ack-policy.js'
import { isAboveCeiling, tooMuchUnacked } from './ceiling.js'
import { closeStream, dropConnection } from './closing.js'
import { arm, disarm, noDeadlines } from './deadlines.js'
import { acknowledge, enqueue, unsentCount } from './outbound.js'
import { continues, ends, type Outcome } from './outcome.js'
import { resend } from './resend.js'

/** `<resumed/>`: its `h` is an ack; what it does not cover is sent again, then the session is as before. */
export const resume = <A>(config: Config, session: Resuming<A>, event: ResumedReceived): Outcome<A> => {
  const { resource, connection, version, resumption, inbound } = session
  if (event.previd !== resumption.smId)
    return failWith(session, {
      condition: 'undefined-condition',
      text: `You resumed '${event.previd}', but '${resumption.smId}' was asked for.`,
    })
  const judgement = acknowledge(session.outbound, event.h, unsentCount(config, session.outbound))
  if (judgement._tag !== 'Accepted')
    return failWith(session, {
      condition: 'undefined-condition',
      text: `You acknowledged ${event.h} stanzas, which is not between what you acknowledged and what was sent.`,
    })
  const active: Active<A> = {
    _tag: 'Active',
    resource,
    role: 'initiating',
    connection,
    version,
    resumption: some(resumption),
    inbound,
    outbound: judgement.outbound,
    unwritten: judgement.outbound.unacked.length,
    request: noRequest,
    deadlines: noDeadlines,
    client: 'active',
    usesArchive: false,
  }
  const [resent, page] = resend(active, event.room)
  const [asked, effects] = askForAck(config, resent, event.at, 'opportune')
  return continues(asked, [
    ...disarm(resource, session.deadlines, ['hibernation']),
    ...page,
    ...effects,
    {
      _tag: 'Notify',
      resource,
      notice: { _tag: 'HibernationEnded', outcome: 'resumed', hibernatedSince: session.since },
    },
  ])
}

/** The peer answered with nonsense: no count can be trusted any more. */
const failWith = <A>(session: Resuming<A>, error: StreamError): Outcome<A> =>
  ends(session, 'failed', closeStream(session, error))

/** `<failed/>`: the session is over. An `h` says what arrived before it ended (§5). */
export const giveUp = <A>(config: Config, session: Resuming<A>, event: FailedReceived): Outcome<A> => {
  if (event.h === undefined) return ends(session, 'failed')
  const judgement = acknowledge(session.outbound, event.h, unsentCount(config, session.outbound))
  return ends(judgement._tag === 'Accepted' ? { ...session, outbound: judgement.outbound } : session, 'failed')
}

/** Nothing is sent before the answer, so that the order is kept. */
export const queue = <A>(config: Config, session: Resuming<A>, event: StanzaSubmitted<A>): Outcome<A> => {
  const queued = { ...session, outbound: enqueue(session.outbound, event) }
  return isAboveCeiling(config, queued.outbound)
    ? ends(queued, 'evicted', closeStream(session, tooMuchUnacked(config, queued.outbound)))
    : continues(queued)
}

/** The new connection dropped without an answer: nothing has changed. */
export const lose = <A>(_: Config, session: Resuming<A>): Outcome<A> => fallBack(session, [])

/** The new connection is of no use, but the session may be resumed on another, so the peer sees a line that drops. */
export const leave = <A>(_: Config, session: Resuming<A>): Outcome<A> => fallBack(session, dropConnection(session))

/** We close: the session is given up. */
export const abandon = <A>(_: Config, session: Resuming<A>): Outcome<A> => ends(session, 'closed', closeStream(session))

/** The session waits again, as it did before `<resume/>`. */
export const fallBack = <A>(session: Resuming<A>, closingEffects: ReadonlyArray<Effect<A>>): Outcome<A> => {
  const { resource, deadlines } = session
  // The timer may have fired meanwhile, when it was of no use.
  return continues<A>(asBefore(session), [...closingEffects, arm(resource, 'hibernation', deadlines.hibernation)])
}

/** The session as it was before `<resume/>`. */
export const asBefore = <A>(session: Resuming<A>): Hibernating<A, 'initiating'> => {
  const { resource, version, resumption, inbound, outbound, deadlines, since } = session
  return {
    _tag: 'Hibernating',
    resource,
    role: 'initiating',
    version,
    resumption,
    inbound,
    outbound,
    deadlines,
    since,
    usesArchive: false,
  }
}
