/** What a step left, in one line, however much waits. */
import type { Json } from '@smacks/codec'
import {
  type Account,
  connectionOf,
  type Deadlines,
  type Outbound,
  type Resumption,
  type Session,
  type StanzaFacts,
  sentCount,
  sessionOf,
} from '@smacks/core'
import { isSome } from '#fp-ts/Option'
import type { Clockface } from './moments.js'
import { firstOf, lastOf } from './queue-ends.js'

/** The sessions of these resources as they are. */
export const describeSessions = (account: Account<Json>, resources: Iterable<string>, clockface: Clockface): string =>
  [...resources]
    .map(resource => {
      const session = sessionOf(account, resource)
      return session === undefined ? `${resource} has no session` : describeState(session, clockface)
    })
    .join('; ')

const describeState = (session: Session<Json>, clockface: Clockface): string => {
  const connection = connectionOf(session)
  const phase = `${session.resource} is ${session._tag.toLowerCase()}${connection === undefined ? '' : ` on ${connection}`}`
  switch (session._tag) {
    case 'Unmanaged':
      return phase
    case 'Connecting':
    case 'Negotiating':
      return [phase, 'nothing sent', describeQueue(session.outbound), `since ${clockface(session.since)}`].join(', ')
    case 'Enabling':
      return [phase, describeOutbound(session.outbound)].join(', ')
    case 'Active':
      return [
        phase,
        ...(isSome(session.resumption) ? [] : ['not resumable']),
        `h=${session.inbound.handled}`,
        describeOutbound(session.outbound),
        ...(session.request.awaiting ? ['an <r/> is unanswered'] : []),
        ...(session.client === 'inactive' ? ['the client is inactive'] : []),
        ...(session.usesArchive ? ['the client uses its archive'] : []),
        ...describeDeadlines(session.deadlines, clockface),
      ].join(', ')
    case 'Hibernating':
    case 'Resuming':
      return [
        phase,
        describeResumption(session.resumption),
        `h=${session.inbound.handled}`,
        describeOutbound(session.outbound),
        `disconnected since ${clockface(session.since)}`,
        ...describeDeadlines(session.deadlines, clockface),
      ].join(', ')
  }
}

const describeResumption = ({ smId }: Resumption): string => `resumable by ${smId}`

const describeOutbound = (outbound: Outbound<Json>): string => `sent ${sentCount(outbound)}, ${describeQueue(outbound)}`

const describeQueue = ({ unacked }: Outbound<Json>): string => {
  const [first, last] = [firstOf(unacked), lastOf(unacked)]
  if (unacked.unloaded > 0) return `${unacked.length} unacked, ${unacked.unloaded} of them in storage`
  if (first === undefined || last === undefined) return 'nothing unacked'
  const names = unacked.length === 1 ? nameOf(first.facts) : `${nameOf(first.facts)} to ${nameOf(last.facts)}`
  return `${unacked.length} unacked (${names})`
}

const nameOf = ({ name, id }: StanzaFacts): string => (id === undefined ? `a nameless ${name}` : id)

const describeDeadlines = (deadlines: Deadlines, clockface: Clockface): ReadonlyArray<string> =>
  (['ackDelay', 'ackHold', 'hibernation', 'readProbe'] as const).flatMap(timer => {
    const due = deadlines[timer]
    return due === undefined ? [] : [`${timer} due ${clockface(due)}`]
  })
