/** What the model knows of one peer. */
import type { ConnectionId, EndReason, Instant, StanzaFacts, TimerName } from '@smacks/core'
import type { Disposition } from './dispositions.js'
import { type Ledger, newLedger } from './ledger.js'

/** One session of a peer, by its resource. */
export interface KnownSession {
  readonly resource: string
  connection: ConnectionId | undefined
  /** With stream management. */
  ledger: Ledger | undefined
  /** What it receives counts. */
  counts: boolean
  /** `<enable/>` is sent and not answered: what is submitted is held. */
  negotiating: boolean
  /** `<resume/>` is sent and not answered. */
  resuming: boolean
  usesArchive: boolean
  /** When it lost its connection, if it is without one. */
  since: Instant | undefined
}

export const newSession = (resource: string, connection: ConnectionId): KnownSession => ({
  resource,
  connection,
  ledger: undefined,
  counts: false,
  negotiating: false,
  resuming: false,
  usesArchive: false,
  since: undefined,
})

/** A timer that was armed. */
export interface Arming {
  readonly resource: string
  readonly timer: TimerName
  readonly due: Instant
}

export interface KnownSide {
  readonly sessions: Map<string, KnownSession>
  /** Connections that were closed by this peer, or that it knows are lost. */
  readonly closed: Set<ConnectionId>
  /** Connections with an unanswered `<r/>` of this peer. */
  readonly asked: Set<ConnectionId>
  /** By resource and name: the timers that are armed. */
  readonly armed: Map<string, Arming>
  /** The timers that ever were. */
  readonly armings: Array<Arming>
  /** What this peer submitted. */
  readonly submitted: Map<string, StanzaFacts>
  /** What this peer wrote to any connection. */
  readonly written: Set<string>
  /** Stanzas of this peer that nobody counted. */
  readonly loose: Set<string>
  /** What this peer handled, in order. */
  readonly handled: Set<string>
  /** What became of the stanzas of this peer that were not acked. */
  readonly dispositions: Map<string, Disposition>
  /** Why the session ended in which it was not acked. */
  readonly unackedAt: Map<string, EndReason>
  readonly ended: Array<EndReason>
}

export const newSide = (): KnownSide => ({
  sessions: new Map(),
  closed: new Set(),
  asked: new Set(),
  armed: new Map(),
  armings: [],
  submitted: new Map(),
  written: new Set(),
  loose: new Set(),
  handled: new Set(),
  dispositions: new Map(),
  unackedAt: new Map(),
  ended: [],
})

export const timerOf = ({ resource, timer }: Pick<Arming, 'resource' | 'timer'>): string => `${resource} ${timer}`

/** The session whose connection it is. */
export const sessionOn = (known: KnownSide, connection: ConnectionId): KnownSession | undefined => {
  for (const session of known.sessions.values()) if (session.connection === connection) return session
  return undefined
}

/** What was held is of no connection, and goes over the next one. The client's, since only that holds anything. */
const hold = (session: KnownSession): void => {
  const held = newLedger(nobodys, 'urn:xmpp:sm:3')
  held.sent.client.push(...(session.ledger?.sent.client.splice(0) ?? []))
  session.ledger = held
  session.negotiating = false
}

const nobodys = 'no connection'

/** What waits in the session goes over whatever connection it gets next. */
export const isHeld = ({ connection, ledger }: KnownSession): boolean =>
  connection === undefined && ledger?.enabledOn === nobodys

/** The session has no connection any more. */
export const disconnect = (session: KnownSession, at: Instant): void => {
  session.connection = undefined
  if (session.negotiating) hold(session)
  // A session that could not be resumed hibernates since it first did.
  if (!session.resuming) session.since = at
  session.resuming = false
}
