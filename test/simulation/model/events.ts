/** What the books take from an event by itself, before anything is made of it. */
import type { Event } from '@smacks/core'
import type { Books, Judged } from './books.js'
import { takeH } from './ledger.js'
import { failuresAllowed, takeResume } from './resume.js'
import { disconnect, isHeld, type KnownSession, type KnownSide, newSession, timerOf } from './side.js'

/**
 * An event that must not change anything: of a connection that is not the session's, of a session that is not there, or
 * of a timer that is not armed.
 */
export const isVoid = (known: KnownSide, event: Event<unknown>): boolean => {
  switch (event._tag) {
    case 'ConfigChanged':
    case 'ClockStepped':
    case 'MessageSubmitted':
    case 'QueueSettled':
    case 'ResumeReceived':
    case 'ServerRestarted':
    case 'ServerStopping':
    case 'StanzaSubmitted':
      return false
    case 'ResumeRequested':
    case 'SessionBound':
      return [...known.sessions.values()].some(({ connection }) => connection === event.connection)
    case 'TimerFired':
      return known.armed.get(timerOf(event))?.due !== event.due
    default: {
      const session = known.sessions.get(event.resource)
      if (session !== undefined && event._tag === 'EnableRequested' && isHeld(session)) return false
      return session === undefined || ('connection' in event && session.connection !== event.connection)
    }
  }
}

export const takeEvent = (books: Books, judged: Judged): void => {
  const { side, known, event, session } = judged
  switch (event._tag) {
    case 'SessionBound':
      // Where another has the resource, that one ends first, in the same step.
      if (session === undefined) known.sessions.set(event.resource, newSession(event.resource, event.connection))
      return
    case 'StanzaSubmitted':
      return takeSubmission(books, judged, event.facts.id ?? judged.fail('is given a stanza without an id'))
    case 'ResumeReceived':
      return takeResume(books, judged, event)
    case 'TimerFired':
      known.armed.delete(timerOf(event))
      return
    case 'ConnectionLost':
      known.closed.add(event.connection)
      break
    case 'AckReceived':
      known.asked.delete(event.connection)
      if (session?.ledger !== undefined) takeH(session.ledger, side, event.h)
      return
  }
  if (session !== undefined) takeSessionEvent(books, judged, session)
}

const takeSessionEvent = (books: Books, { side, event, fail }: Judged, session: KnownSession): void => {
  switch (event._tag) {
    case 'EnableRequested':
      session.connection = event.connection
      session.since = undefined
      return
    case 'EnabledReceived':
      session.counts = true
      session.negotiating = false
      return
    case 'ResumeRequested':
      session.connection = event.connection
      session.resuming = true
      return
    case 'ResumedReceived':
      session.resuming = false
      session.since = undefined
      books.count('resumed')
      if (session.ledger !== undefined) takeH(session.ledger, side, event.h)
      return
    case 'FailedReceived':
      books.count(`resume failed: ${event.condition}`)
      if (!session.resuming) fail('is refused stream management')
      if (!failuresAllowed.has(event.condition)) fail(`is told ${event.condition}`)
      if (session.ledger !== undefined && event.h !== undefined) takeH(session.ledger, side, event.h)
      return
    case 'ConnectionLost':
      return disconnect(session, event.at)
    case 'ArchiveQueried':
      if (session.counts) session.usesArchive = true
  }
}

const takeSubmission = (books: Books, judged: Judged, id: string): void => {
  const { side, known, event, session } = judged
  if (event._tag !== 'StanzaSubmitted') return
  known.submitted.set(id, event.facts)
  if (session === undefined) return
  if (session.ledger === undefined) known.loose.add(id)
  else {
    supersede(books, judged, session.ledger.sent[side])
    session.ledger.sent[side].push(id)
  }
}

/** A presence that the server never wrote gives way to the next one of its sender (RFC 6121 §4). */
const supersede = (books: Books, { side, known, event }: Judged, sent: Array<string>): void => {
  if (event._tag !== 'StanzaSubmitted' || side === 'client' || event.facts.state !== true) return
  const { from, to } = event.facts
  const place = sent.findIndex(id => {
    const facts = known.submitted.get(id)
    return facts?.state === true && facts.from === from && facts.to === to && !known.written.has(id)
  })
  if (place < 0) return
  sent.splice(place, 1)
  books.count('superseded')
}
