/** About how many bytes a change takes in storage: what bounds a batch. */
import { type Account, type Event, type Session, toArray } from '@smacks/core'
import type { Change } from './ports.js'

/** What any change takes besides its stanzas and texts: names, times, facts. */
const overhead = 256

/** `sizeOf` tells the size of a stanza; what is told here is in the same unit. */
export const sizeOfChange = <A>(change: Change<A>, sizeOf: (stanza: A) => number): number => {
  switch (change._tag) {
    case 'PutOffline':
      return overhead + sizeOf(change.stanza)
    case 'EventLogged':
      return overhead + sizeOfEvent(change.event, sizeOf)
    case 'Baseline':
    case 'PutSnapshot':
      return overhead + sizeOfState(change.state, sizeOf)
    case 'KeepUnacked':
      return change.unacked.reduce((sum, { stanza }) => sum + overhead + sizeOf(stanza), overhead)
    case 'PutRecord':
      return overhead + change.text.length
    case 'StoreChange':
      return overhead + change.size
    default:
      return overhead
  }
}

/** A stanza that came only counts: it is journalled without what is in it. */
const sizeOfEvent = <A>(event: Event<A>, sizeOf: (stanza: A) => number): number => {
  switch (event._tag) {
    case 'StanzaSubmitted':
      return event.size ?? sizeOf(event.stanza)
    case 'MessageSubmitted':
      return event.recipients.reduce((sum, { stanza, size }) => sum + overhead + (size ?? sizeOf(stanza)), 0)
    default:
      return 0
  }
}

/** What waits in sessions, and in those that ended and are not settled yet. */
const sizeOfState = <A>({ sessions, settlements = [] }: Account<A>, sizeOf: (stanza: A) => number): number =>
  sizeOfSessions(sessions, sizeOf) +
  settlements.reduce(
    (sum, { ended }) =>
      sum +
      sizeOfSessions(
        ended.map(({ session }) => session),
        sizeOf,
      ),
    0,
  )

const sizeOfSessions = <A>(sessions: ReadonlyArray<Session<A>>, sizeOf: (stanza: A) => number): number => {
  let size = 0
  for (const session of sessions)
    if ('outbound' in session)
      for (const { stanza } of toArray(session.outbound.unacked)) size += overhead + sizeOf(stanza)
  return size
}
