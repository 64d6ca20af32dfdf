/**
 * What of a step an operator wants to know of a session's life: plain data, made of what the core was given and what it
 * decided. A stanza is a number here, and its content is never looked at.
 */
import {
  type Account,
  type ConnectionId,
  connectionOf,
  describeEndReason,
  describeHappening,
  type Effect,
  type Enabled,
  type EndReason,
  type EndSession,
  type Event,
  type Notice,
  type NoticedQueue,
  type Resource,
  type ResumeReceived,
  type Resumption,
  type Session,
  type SessionBound,
  sessionOf,
} from '@smacks/core'
import { whyResumptionIsRefused, whySessionEnds } from '@smacks/replay'
import type { StepMade } from '@smacks/runtime'

/** One entry of the log: its name, where it happened, and what it tells besides. */
export interface Entry {
  readonly name: string
  readonly resource?: Resource | undefined
  /** The connection that it is about, if there is one. */
  readonly connection?: ConnectionId | undefined
  readonly facts: Readonly<Record<string, boolean | number | string>>
}

/** Steps of which there can be an entry; of most stanzas there is none. Not more than this is done for each step. */
export const mayTell = ({ event, effects }: Pick<StepMade<unknown>, 'effects' | 'event'>): boolean => {
  switch (event._tag) {
    case 'EnableReceived':
    case 'EnabledReceived':
    case 'QueueSettled':
    case 'ResumeReceived':
    case 'SessionBound':
      return true
  }
  for (const { _tag } of effects) if (_tag === 'EndSession' || _tag === 'Notify') return true
  return false
}

/** The entries of a step, in the order in which things happened. */
export const entriesOf = <A>(step: StepMade<A>): ReadonlyArray<Entry> => [
  ...step.effects.flatMap(effect => ofEffect(step, effect)),
  ...settled(step.effects),
  ...ofEvent(step),
]

const ofEvent = <A>(step: StepMade<A>): ReadonlyArray<Entry> => {
  const { event, ignored } = step
  if (ignored !== undefined) return []
  switch (event._tag) {
    case 'SessionBound':
      return bound(step, event)
    case 'EnabledReceived':
      return [{ name: 'enabled', resource: event.resource, connection: event.connection, facts: agreed(event) }]
    case 'EnableReceived':
    case 'ResumeReceived':
      return answersOf(step, event)
    default:
      return []
  }
}

const bound = <A>({ after }: StepMade<A>, { resource, connection }: SessionBound): ReadonlyArray<Entry> => {
  const session = sessionOf(after, resource)
  return session !== undefined && connectionOf(session) === connection
    ? [{ name: 'bound', resource, connection, facts: {} }]
    : []
}

type Asking = Extract<Event<never>, { readonly _tag: 'EnableReceived' | 'ResumeReceived' }>

/** What the peer was answered to `<enable/>` or `<resume/>`. */
const answersOf = <A>(step: StepMade<A>, event: Asking): ReadonlyArray<Entry> => {
  const { connection } = event
  const resource = event._tag === 'EnableReceived' ? event.resource : undefined
  return step.effects.flatMap(effect => {
    if (effect._tag !== 'SendNonza' || effect.connection !== connection) return []
    const { nonza } = effect
    switch (nonza._tag) {
      case 'Enabled':
        return [{ name: 'enabled', resource, connection, facts: agreed(nonza) }]
      case 'Resumed':
        return resumed(step, connection)
      case 'Failed':
        return event._tag === 'ResumeReceived'
          ? [resumeRefused(step, event, nonza.condition)]
          : [{ name: 'enable refused', resource, connection, facts: { condition: nonza.condition } }]
      default:
        return []
    }
  })
}

/** All that the peer has not acked goes out again; of a session that was taken over from a line that stood it was never away. */
const resumed = <A>({ after, before, event }: StepMade<A>, connection: ConnectionId): ReadonlyArray<Entry> => {
  const session = after.sessions.find(one => connectionOf(one) === connection)
  if (session === undefined) return []
  const { resource } = session
  const former = sessionOf(before, resource)
  const away = former?._tag === 'Hibernating' || former?._tag === 'Resuming' ? seconds(former.since, event.at) : 0
  return [{ name: 'resumed', resource, connection, facts: { away, resent: unackedOf(session) } }]
}

const resumeRefused = <A>({ before, config }: StepMade<A>, event: ResumeReceived, condition: string): Entry => {
  const { connection, previd, h } = event
  const found = before.sessions.find(session => resumptionOf(session)?.smId === previd)
  const isRemembered = before.oldSessions.some(({ smId }) => smId === previd)
  return {
    name: 'resume refused',
    resource: found?.resource,
    connection,
    facts: {
      condition,
      rule: whyResumptionIsRefused(config, condition),
      previd: found === undefined ? (isRemembered ? 'of an ended session' : 'unknown') : 'of a session',
      h,
    },
  }
}

const ofEffect = <A>(step: StepMade<A>, effect: Effect<A>): ReadonlyArray<Entry> => {
  switch (effect._tag) {
    case 'EndSession':
      return [ended(step, effect)]
    case 'Notify':
      return noticed(step, effect.resource, effect.notice)
    default:
      return []
  }
}

const noticed = <A>(step: StepMade<A>, resource: Resource, notice: Notice<A>): ReadonlyArray<Entry> => {
  const { before, event } = step
  const connection = connectionIn(before, resource)
  switch (notice._tag) {
    case 'AckDelayed':
      return [{ name: 'ack delayed', resource, connection, facts: { unacked: queued(notice) } }]
    case 'HibernationStarted': {
      const facts = { unacked: queued(notice), since: instant(event.at), until: instant(notice.deadline) }
      return [{ name: 'hibernating', resource, connection, facts: { ...facts, reason: describeHappening(event) } }]
    }
    case 'HibernationEnded':
      // What the peer resumes is told with its answer; here it is us who resumed.
      return notice.outcome === 'resumed' && event._tag === 'ResumedReceived' ? resumed(step, event.connection) : []
    case 'HibernationStanzaQueued':
      return []
  }
}

const ended = <A>({ before, config, event }: StepMade<A>, { resource, reason }: EndSession): Entry => {
  const session = sessionOf(before, resource)
  return {
    name: endNames[reason] ?? 'ended',
    resource,
    connection: connectionIn(before, resource),
    facts: {
      reason: describeEndReason(reason),
      rule: whySessionEnds(config, reason, event, session && resumptionOf(session)?.seconds),
      unacked: session === undefined ? 0 : unackedOf(session),
    },
  }
}

const endNames: Partial<Readonly<Record<EndReason, string>>> = {
  evicted: 'evicted',
  expired: 'expired',
  replaced: 'replaced',
}

/**
 * What became of how many stanzas that sessions left, an entry for each session: in the step of its end, or where some lie
 * in storage, by and by in steps of their own.
 */
const settled = <A>(effects: ReadonlyArray<Effect<A>>): ReadonlyArray<Entry> => {
  const counts = new Map<Resource, Record<Disposition, number>>()
  for (const effect of effects) {
    const disposition = dispositionOf(effect)
    if (disposition === undefined) continue
    const [resource, name] = disposition
    const ofSession = counts.get(resource) ?? { stored: 0, returned: 0, rerouted: 0, discarded: 0 }
    ofSession[name] += 1
    counts.set(resource, ofSession)
  }
  return [...counts].map(([resource, facts]) => ({ name: 'settled', resource, facts }))
}

type Disposition = 'discarded' | 'rerouted' | 'returned' | 'stored'

const dispositionOf = <A>(effect: Effect<A>): readonly [Resource, Disposition] | undefined => {
  switch (effect._tag) {
    case 'StoreOffline':
      return [effect.resource, 'stored']
    case 'ReturnToSender':
      return [effect.resource, 'returned']
    case 'Redeliver':
      return [effect.resource, 'rerouted']
    case 'Discard':
      return [effect.resource, 'discarded']
    default:
      return undefined
  }
}

const unackedOf = <A>(session: Session<A>): number =>
  session._tag === 'Unmanaged' ? 0 : session.outbound.unacked.length

const queued = <A>({ unacked, inStorage = 0 }: NoticedQueue<A>): number => unacked.length + inStorage

const resumptionOf = <A>(session: Session<A>): Resumption | undefined => {
  if (session._tag === 'Hibernating' || session._tag === 'Resuming') return session.resumption
  return session._tag === 'Active' && session.resumption._tag === 'Some' ? session.resumption.value : undefined
}

const connectionIn = <A>(account: Account<A>, resource: Resource): ConnectionId | undefined => {
  const session = sessionOf(account, resource)
  return session && connectionOf(session)
}

const seconds = (since: number, until: number): number => Math.max(0, until - since) / 1000

const instant = (at: number): string => new Date(at).toISOString()

const agreed = ({ resume, max }: Pick<Enabled, 'max' | 'resume'>) => ({
  resumable: resume,
  ...(max === undefined ? {} : { max }),
})
