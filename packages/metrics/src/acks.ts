/** What an acknowledgement tells (XEP-0198 §4): how much it covers, how long that waited, and how long the answer took. */
import {
  type Account,
  type ConnectionId,
  connectionOf,
  distance,
  type Instant,
  type Queue,
  type Resource,
  type Session,
  type Unacked,
} from '@smacks/core'

/** How many stanzas a step took off the queue of a session that goes on: as it was, as it is. */
export const ackedCount = <A>(had: Session<A> | undefined, has: Session<A> | undefined): number => {
  if (had === undefined || has === undefined || had._tag === 'Unmanaged' || has._tag === 'Unmanaged') return 0
  const count = distance(had.outbound.acked, has.outbound.acked)
  return count > had.outbound.unacked.length ? 0 : count
}

/** Milliseconds that the oldest stanza of the session has waited; undefined if it lies in storage. */
export const ageOf = <A>(session: Session<A> | undefined, at: Instant): number | undefined => {
  if (session === undefined || session._tag === 'Unmanaged') return undefined
  const since = oldestOf(session.outbound.unacked)
  return since === undefined ? undefined : Math.max(0, at - since)
}

/** The session that has the connection, by its name. */
export const resourceOf = <A>(account: Account<A>, connection: ConnectionId): Resource | undefined =>
  account.sessions.find(session => connectionOf(session) === connection)?.resource

/** Milliseconds from an `<r/>` of ours to the `<a/>` that answers it; undefined if none was awaited, or nobody watched how long. */
export const latencyOf = <A>(session: Session<A> | undefined, maxAckDelay: number, at: Instant): number | undefined => {
  if (session?._tag !== 'Active' || !session.request.awaiting || session.deadlines.ackDelay === undefined)
    return undefined
  return Math.max(0, at - (session.deadlines.ackDelay - maxAckDelay * 1000))
}

/**
 * When the first of the queue was submitted. Its links are gone only while nothing stands before them, and an ack that takes some off
 * turns the rest around: so no stanza is gone past twice.
 */
const oldestOf = <A>({ unloaded, front, offset, back }: Queue<Unacked<A>>): Instant | undefined => {
  if (unloaded > 0) return undefined
  const first = front[offset]
  if (first !== undefined) return first.at
  let link = back
  while (link?.older !== undefined) link = link.older
  return link?.value.at
}
