/** States in prose. */
import { isSome } from '../option.js'
import { toArray } from '../queue.js'
import { allTimers } from '../session/deadlines.js'
import { sentCount } from '../session/outbound.js'
import type { Account, Active, Deadlines, Outbound, Resumption, Session } from '../state.js'
import { type DescribeStanza, describeByFacts } from './stanza.js'
import { counted, describeInstant, describeUnacked } from './words.js'

/** What is known of an account, in one line. */
export const describeAccount = <A>(
  account: Account<A>,
  describeStanza: DescribeStanza<A> = describeByFacts,
): string => {
  const sessions = account.sessions.map(session => describeSession(session, describeStanza))
  const old = account.oldSessions.map(({ smId, h }) => `${smId} with h=${h}`)
  return [
    sessions.length === 0 ? 'no session' : `${counted(sessions.length, 'session')}: ${sessions.join('; ')}`,
    ...describeSettlements(account),
    ...(old.length === 0 ? [] : [`${counted(old.length, 'old session')}: ${old.join(', ')}`]),
  ].join('; ')
}

/** What is still to be settled of sessions that ended, each in one line. */
export const describeSettlements = <A>({ settlements = [] }: Account<A>): ReadonlyArray<string> =>
  settlements
    .flatMap(({ ended }) => ended)
    .flatMap(({ session, settled }) => {
      const left = session._tag === 'Unmanaged' ? 0 : session.outbound.unacked.length - settled
      return left === 0 ? [] : [`${counted(left, 'stanza')} of ${session.resource}, which ended, to be settled`]
    })

/** What is known of a session, in one line. */
export const describeSession = <A>(
  session: Session<A>,
  describeStanza: DescribeStanza<A> = describeByFacts,
): string => {
  switch (session._tag) {
    case 'Connecting':
      return [
        `${session.resource} is not connected yet, since ${describeInstant(session.since)}`,
        'nothing sent',
        describeQueue(session.outbound, describeStanza),
      ].join(', ')
    case 'Unmanaged':
      return `${session.resource} is unmanaged on ${session.connection}`
    case 'Negotiating':
      return [
        `${session.resource} is negotiating on ${session.connection}`,
        `waiting since ${describeInstant(session.since)}`,
        'nothing sent',
        describeQueue(session.outbound, describeStanza),
      ].join(', ')
    case 'Enabling':
      return [
        `${session.resource} is enabling on ${session.connection}`,
        describeOutbound(session.outbound, describeStanza),
      ].join(', ')
    case 'Active':
      return [
        `${session.resource} is active on ${session.connection}`,
        isSome(session.resumption) ? describeResumption(session.resumption.value) : 'not resumable',
        `h=${session.inbound.handled}`,
        describeOutbound(session.outbound, describeStanza),
        ...describeActive(session),
        ...describeDeadlines(session.deadlines),
      ].join(', ')
    case 'Hibernating':
    case 'Resuming':
      return [
        session._tag === 'Hibernating'
          ? `${session.resource} is hibernating`
          : `${session.resource} is resuming on ${session.connection}`,
        describeResumption(session.resumption),
        `h=${session.inbound.handled}`,
        describeOutbound(session.outbound, describeStanza),
        `disconnected since ${describeInstant(session.since)}`,
        ...describeDeadlines(session.deadlines),
      ].join(', ')
  }
}

const describeResumption = ({ smId, seconds }: Resumption): string =>
  `resumable by ${smId} for ${counted(seconds, 'second')}`

const describeOutbound = <A>(outbound: Outbound<A>, describeStanza: DescribeStanza<A>): string =>
  `sent ${sentCount(outbound)}, ${describeQueue(outbound, describeStanza)}`

const describeQueue = <A>(outbound: Outbound<A>, describeStanza: DescribeStanza<A>): string => {
  const { sizes, unacked } = outbound
  const queued =
    unacked.unloaded === 0
      ? describeUnacked(toArray(unacked), describeStanza)
      : `${unacked.length} unacked, ${unacked.unloaded} of them in storage`
  return sizes === undefined ? queued : `${queued}, at most ${counted(sizes.total, 'byte')}`
}

const describeActive = <A>({ request, client, unwritten, usesArchive }: Active<A>): ReadonlyArray<string> => [
  ...(unwritten > 0 ? [`${unwritten} of them not written to it yet`] : []),
  ...(request.awaiting ? ['an <r/> is unanswered'] : []),
  ...(client === 'inactive' ? ['the client is inactive'] : []),
  ...(usesArchive ? ['the client uses its archive'] : []),
]

const describeDeadlines = (deadlines: Deadlines): ReadonlyArray<string> =>
  allTimers.flatMap(timer => {
    const due = deadlines[timer]
    return due === undefined ? [] : [`${timer} due ${describeInstant(due)}`]
  })
