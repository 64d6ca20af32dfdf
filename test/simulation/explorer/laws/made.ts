/** A step that was made, and words to speak of it. The laws know events, states and effects; they call nothing of the reducer. */
import {
  type Account,
  type Config,
  type ConnectionId,
  type Counter,
  connectionOf,
  type Effect,
  type Event,
  type Instant,
  type Session,
  type TimerName,
  toArray,
  type Unacked,
} from '@smacks/core'

export type Effects = ReadonlyArray<Effect<string>>

/** A timer that the shell has armed. */
export interface Armed {
  readonly resource: string
  readonly timer: TimerName
  readonly due: Instant
}

export interface Made {
  readonly config: Config
  readonly before: Account<string>
  readonly event: Event<string>
  readonly after: Account<string>
  readonly effects: Effects
  /** The timers that are armed as the event comes, as the effects of all steps before say. */
  readonly armed: ReadonlyArray<Armed>
}

/** The event as one session has it: of a message that goes to several, what is submitted to that one. */
export const seenBy = (event: Event<string>, resource: string): Event<string> => {
  if (event._tag !== 'MessageSubmitted') return event
  const own = event.recipients.find(one => one.resource === resource)
  return own === undefined ? event : { _tag: 'StanzaSubmitted', at: event.at, ...own }
}

/** What an event submits, and to whom. */
export const submittedIn = (
  event: Event<string>,
): ReadonlyArray<Extract<Event<string>, { _tag: 'StanzaSubmitted' }>> => {
  if (event._tag === 'StanzaSubmitted') return [event]
  if (event._tag !== 'MessageSubmitted') return []
  return event.recipients.map(one => ({ _tag: 'StanzaSubmitted', at: event.at, ...one }))
}

/** The effects of one kind. */
export const effectsNamed = <T extends Effect<string>['_tag']>(
  effects: Effects,
  name: T,
): ReadonlyArray<Extract<Effect<string>, { readonly _tag: T }>> =>
  effects.filter((effect): effect is Extract<Effect<string>, { readonly _tag: T }> => effect._tag === name)

/** No connection took anything of it. */
export const isUnsent = ({ _tag }: Session<string>): boolean => _tag === 'Connecting' || _tag === 'Negotiating'

export const isTaken = (account: Account<string>, connection: ConnectionId): boolean =>
  account.sessions.some(session => connectionOf(session) === connection)

const nothing: ReadonlyArray<never> = []

/** What a session has in its queue. */
export const queueOf = (session: Session<string>): ReadonlyArray<Unacked<string>> =>
  session._tag === 'Unmanaged' || session.outbound.unacked.length === 0 ? nothing : toArray(session.outbound.unacked)

/** Bytes of each stanza: all of a world have the same, and each is a chunk of its own. */
export const unitOf = ({ before, after, event }: Pick<Made, 'after' | 'before' | 'event'>): number => {
  const sizes = [...before.sessions, ...after.sessions].flatMap(session =>
    'outbound' in session ? (session.outbound.sizes?.chunks ?? []).map(({ size }) => size) : [],
  )
  return submittedIn(event)[0]?.size ?? sizes[0] ?? 0
}

/** The permission to resume that a session has. */
export const resumptionOf = (session: Session<string>) => {
  if (!('resumption' in session)) return undefined
  if (session._tag !== 'Active') return session.resumption
  return session.resumption._tag === 'Some' ? session.resumption.value : undefined
}

const modulus = 2 ** 32

/** The steps that lead from one counter to another. */
export const ahead = (from: Counter, to: Counter): number => (((to - from) % modulus) + modulus) % modulus

/** The counter so many steps later. */
export const plus = (counter: Counter, steps: number): Counter => (counter + steps) % modulus

/** All that a session has sent. */
export const sentBy = (session: Session<string>): Counter =>
  session._tag === 'Unmanaged' ? 0 : plus(session.outbound.acked, session.outbound.unacked.length)

/** How many of the newest stanzas of a session its peer cannot have got: on this line, or, as it resumes, on any. */
export const ungettable = (session: Session<string>, { event }: Pick<Made, 'event'>): number => {
  if (session._tag === 'Unmanaged') return 0
  return event._tag === 'AckReceived' ? unwrittenIn(session) : session.outbound.unsent.count
}

/** How many of the newest stanzas the line of a session does not carry yet. The onlooker sees to it that this is true. */
export const unwrittenIn = (session: Session<string>): number => (session._tag === 'Active' ? session.unwritten : 0)

/** The stanza in the queue that the one which comes makes pointless, if there is one. */
export const supersededIn = (session: Session<string>, made: Pick<Made, 'event'>): Unacked<string> | undefined => {
  const event = seenBy(made.event, session.resource)
  if (event._tag !== 'StanzaSubmitted' || event.resource !== session.resource || !event.facts.state) return undefined
  if (!('role' in session) || session.role !== 'receiving') return undefined
  const { count } = session.outbound.unsent
  const unsent = count === 0 ? nothing : queueOf(session).slice(-count)
  const { from, to } = event.facts
  return unsent.find(({ facts }) => facts.state === true && facts.from === from && facts.to === to)
}

/** What an `h` says to a session: so many are acked, or it cannot be. */
export const judge = (
  session: Session<string>,
  h: Counter,
  made: Pick<Made, 'event'>,
): number | 'backwards' | 'too high' => {
  if (session._tag === 'Unmanaged') return 0
  const steps = ahead(session.outbound.acked, h)
  if (steps <= session.outbound.unacked.length - ungettable(session, made)) return steps
  return steps >= modulus / 2 ? 'backwards' : 'too high'
}
