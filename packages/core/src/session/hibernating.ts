/** The phase `Hibernating`: disconnected, resumable until the deadline (XEP-0198 §§5, 7). */

import type { Config } from '../config.js'
import type { Effect } from '../effect.js'
import type { ResumeRequested, StanzaSubmitted, TimerFired } from '../event.js'
import type { ConnectionId, Instant } from '../ids.js'
import type { Active, Hibernating, Resumption, Role } from '../state.js'
import { isAboveCeiling } from './ceiling.js'
import { allTimers, arm, disarm, milliseconds } from './deadlines.js'
import { enqueue, enqueueLatest, noticed } from './outbound.js'
import { continues, ends, type Ignoring, ignores, type Outcome } from './outcome.js'

/** An active session loses its connection. `closing` goes over that connection first. */
export const hibernate = <A, R extends Role>(
  session: Active<A, R>,
  resumption: Resumption,
  at: Instant,
  closing: ReadonlyArray<Effect<A>>,
): Outcome<A> => {
  const { resource, role, version, inbound, outbound, usesArchive } = session
  const deadline = at + milliseconds(resumption.seconds)
  const waiting: Hibernating<A, R> = {
    _tag: 'Hibernating',
    resource,
    role,
    version,
    resumption,
    inbound,
    outbound,
    deadlines: { hibernation: deadline },
    since: at,
    usesArchive,
  }
  return continues<A>(waiting, [
    ...closing,
    ...disarm(resource, session.deadlines, allTimers),
    arm(resource, 'hibernation', deadline),
    {
      _tag: 'Notify',
      resource,
      notice: { _tag: 'HibernationStarted', ...noticed(outbound), deadline },
    },
  ])
}

/** A stanza waits for the client to come back. */
export const queue = <A>(config: Config, session: Hibernating<A>, event: StanzaSubmitted<A>): Outcome<A> => {
  const { stanza, facts } = event
  const wait = session.role === 'receiving' ? enqueueLatest : enqueue
  const queued = { ...session, outbound: wait(session.outbound, event) }
  if (isAboveCeiling(config, queued.outbound)) return ends(queued, 'evicted')
  return continues(queued, [
    {
      _tag: 'Notify',
      resource: session.resource,
      notice: { _tag: 'HibernationStanzaQueued', stanza, facts, queueLength: queued.outbound.unacked.length },
    },
  ])
}

/** The client did not come back in time. */
export const onTimer = <A>(_: Config, session: Hibernating<A>, event: TimerFired): Ignoring | Outcome<A> =>
  event.timer === 'hibernation' && session.deadlines.hibernation === event.due
    ? ends(session, 'expired')
    : ignores('late-timer')

/** Nobody waits for the client any more. */
export const giveUp = <A>(_: Config, session: Hibernating<A>): Outcome<A> => ends(session, 'closed')

/** We are the client and ask to resume on a new connection (§5). Where we are the server, that is for the client to do. */
export const requestResume = <A>(
  _: Config,
  session: Hibernating<A>,
  { connection }: ResumeRequested,
): Ignoring | Outcome<A> => (isInitiating(session) ? resumeOn(session, connection) : ignores('wrong-role'))

const isInitiating = <A>(session: Hibernating<A>): session is Hibernating<A, 'initiating'> =>
  session.role === 'initiating'

/** In this role alone, since a session that is `Resuming` has it. */
const resumeOn = <A>(session: Hibernating<A, 'initiating'>, connection: ConnectionId): Outcome<A> => {
  const { resource, version, resumption, inbound, outbound, deadlines, since } = session
  return continues<A>(
    { _tag: 'Resuming', resource, connection, version, resumption, inbound, outbound, deadlines, since },
    [
      {
        _tag: 'SendNonza',
        connection,
        nonza: { _tag: 'Resume', version, previd: resumption.smId, h: inbound.handled },
      },
    ],
  )
}
