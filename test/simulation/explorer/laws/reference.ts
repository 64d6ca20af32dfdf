/**
 * A dumb reference: what must become of each session in a step, one case an event, without any of the reducer's
 * structure. It says how far the queue is acked and where the session gets to, and nothing of effects.
 */
import { connectionOf, type EndReason, type Phase, type Session } from '@smacks/core'
import { isTaken, isUnsent, judge, type Made, resumptionOf, seenBy, submittedIn, supersededIn, unitOf } from './made.js'

/** Where a session goes in a step. */
export interface Course {
  readonly session: Session<string>
  /** The phase it gets to, or why it is over. */
  readonly to: Phase | { readonly over: EndReason }
  /** So many stanzas of its queue are acked. */
  readonly acked: number
  /** The event is a matter of this session, so it may change it. */
  readonly isMeant: boolean
}

/** What is about to be checked: a step, and what should have become of its sessions. */
export interface Tried extends Made {
  readonly courses: ReadonlyArray<Course>
}

export const withCourses = (made: Made): Tried => {
  const courses = made.before.sessions.map(session => {
    const course = courseOf(made, session)
    return course ?? { session, to: session._tag, acked: 0, isMeant: false }
  })
  return { ...made, courses: beyondBytes(made, withEviction(made, courses)) }
}

/** Undefined: the event is none of this session's business. */
const courseOf = (made: Made, session: Session<string>): Course | undefined => {
  const { event, before } = made
  switch (event._tag) {
    case 'ServerStopping':
      return event.journalled ? afterRestart(session) : ends(session, 'stopped')
    case 'SessionBound':
      if (event.resource !== session.resource || isTaken(before, event.connection)) return undefined
      return isUnsent(session) ? goes(session, 'Unmanaged') : ends(session, 'replaced')
    case 'ResumeReceived':
      return refusalOf(made) === undefined && resumableAs(session) === event.previd
        ? goes(session, 'Active', ackedBy(made, session, event.h))
        : undefined
    case 'ConfigChanged':
      return underOtherOptions(made, session)
    case 'ServerRestarted':
      return afterRestart(session)
    case 'ClockStepped':
      return session._tag === 'Unmanaged' || session._tag === 'Enabling' ? undefined : goes(session, session._tag)
    case 'MessageSubmitted':
      return event.recipients.some(({ resource }) => resource === session.resource)
        ? courseOfSession({ ...made, event: seenBy(event, session.resource) }, session)
        : undefined
    // What has ended is nobody's course any more.
    case 'QueueSettled':
      return undefined
    default:
      return event.resource === session.resource ? courseOfSession(made, session) : undefined
  }
}

const goes = (session: Session<string>, to: Phase, acked = 0): Course => ({ session, to, acked, isMeant: true })
const ends = (session: Session<string>, over: EndReason, acked = 0): Course => ({
  session,
  to: { over },
  acked,
  isMeant: true,
})
const ackedBy = (made: Made, session: Session<string>, h: number): number => {
  const said = judge(session, h, made)
  return typeof said === 'number' ? said : 0
}

/** What waits in it may be too much now. */
const underOtherOptions = (made: Made, session: Session<string>): Course => {
  const isTooMuch = 'outbound' in session && isTooMany(made, session.outbound.unacked.length)
  if (!isTooMuch) return goes(session, session._tag)
  return ends(session, connectionOf(session) === undefined ? 'evicted' : 'refused')
}

/** All lines are gone, or about to: what can be resumed waits. */
const afterRestart = (session: Session<string>): Course => {
  // No line took anything of it.
  if (isUnsent(session)) return goes(session, 'Connecting')
  return resumptionOf(session) === undefined ? ends(session, 'lost') : goes(session, 'Hibernating')
}

const resumableAs = (session: Session<string>): string | undefined =>
  session._tag === 'Active' || session._tag === 'Hibernating' ? resumptionOf(session)?.smId : undefined

/** Why a `<resume/>` is refused; undefined if it succeeds. */
export const refusalOf = (made: Made): string | undefined => {
  const { before, config, event } = made
  if (event._tag !== 'ResumeReceived') return undefined
  if (isTaken(before, event.connection)) return 'unexpected-request'
  const session = before.sessions.find(one => resumableAs(one) === event.previd)
  if (session === undefined || !('version' in session))
    return config.hibernationTime > 0 ? 'item-not-found' : 'feature-not-implemented'
  if (session.version !== event.version) return 'unexpected-request'
  const said = judge(session, event.h, made)
  if (typeof said === 'string') return 'undefined-condition'
  return session.outbound.unacked.length - said > config.maxQueueSize ? 'resource-constraint' : undefined
}

const courseOfSession = (made: Made, session: Session<string>): Course | undefined => {
  const { event } = made
  if (event._tag === 'ResumeRequested')
    return session._tag === 'Hibernating' && session.role === 'initiating' && !isTaken(made.before, event.connection)
      ? goes(session, 'Resuming')
      : undefined
  if (session._tag === 'Connecting') return courseOfConnecting(made, session)
  if ('connection' in event && event.connection !== connectionOf(session)) return undefined
  switch (session._tag) {
    case 'Unmanaged':
      return courseOfUnmanaged(made, session)
    case 'Negotiating':
      return courseOfNegotiating(made, session)
    case 'Enabling':
      return courseOfEnabling(made, session)
    case 'Active':
      return courseOfActive(made, session)
    case 'Hibernating':
      return courseOfHibernating(made, session)
    case 'Resuming':
      return courseOfResuming(made, session)
  }
}

const courseOfConnecting = (made: Made, session: Session<string>): Course | undefined => {
  const { event } = made
  switch (event._tag) {
    case 'EnableRequested':
      return isTaken(made.before, event.connection) ? undefined : goes(session, asked(event))
    case 'StanzaSubmitted':
      return isFull(made, session) ? ends(session, 'evicted') : goes(session, 'Connecting')
    case 'ConnectionFailed':
      return ends(session, event.condition)
    case 'CloseRequested':
      return ends(session, 'closed')
    default:
      return undefined
  }
}

const asked = ({ hold }: { readonly hold?: true }): Phase => (hold ? 'Negotiating' : 'Enabling')

/** Nothing of it is on the line, so only what gives the session up ends it. */
const courseOfNegotiating = (made: Made, session: Session<string>): Course | undefined => {
  const { event } = made
  switch (event._tag) {
    case 'EnabledReceived':
      return goes(session, 'Active')
    case 'FailedReceived':
      return goes(session, 'Unmanaged')
    case 'StanzaReceived':
      return goes(session, 'Negotiating')
    case 'ConnectionLost':
    case 'ConnectionSilent':
    case 'StreamClosed':
    case 'StreamRefused':
      return goes(session, 'Connecting')
    case 'StanzaSubmitted':
      return isFull(made, session) ? ends(session, 'evicted') : goes(session, 'Negotiating')
    case 'ConnectionFailed':
      return ends(session, event.condition)
    case 'CloseRequested':
      return ends(session, 'closed')
    default:
      return undefined
  }
}

const courseOfUnmanaged = ({ event }: Made, session: Session<string>): Course | undefined => {
  switch (event._tag) {
    case 'EnableReceived':
      return goes(session, 'Active')
    case 'EnableRequested':
      return goes(session, asked(event))
    case 'StanzaReceived':
    case 'StanzaSubmitted':
    case 'AckReceived':
    case 'MalformedAckReceived':
    case 'RequestReceived':
      return goes(session, 'Unmanaged')
    default:
      return endOf(event._tag, session)
  }
}

/** How a session ends with its stream, if it cannot be resumed. */
const endOf = (event: string, session: Session<string>): Course | undefined => {
  if (event === 'ConnectionLost') return ends(session, 'lost')
  if (event === 'StreamClosed' || event === 'CloseRequested') return ends(session, 'closed')
  return event === 'StreamRefused' ? ends(session, 'refused') : undefined
}

const courseOfEnabling = (made: Made, session: Session<string>): Course | undefined => {
  switch (made.event._tag) {
    case 'EnabledReceived':
      return goes(session, 'Active')
    case 'FailedReceived':
      return goes(session, 'Unmanaged')
    case 'StanzaReceived':
      return goes(session, 'Enabling')
    case 'StanzaSubmitted':
      return isFull(made, session) ? ends(session, 'refused') : goes(session, 'Enabling')
    default:
      return endOf(made.event._tag, session)
  }
}

const isFull = (made: Made, session: Session<string>): boolean =>
  session._tag !== 'Unmanaged' &&
  isTooMany(made, session.outbound.unacked.length + (supersededIn(session, made) === undefined ? 1 : 0))

const isTooMany = (made: Made, length: number): boolean =>
  length > made.config.queueCeiling || length * unitOf(made) > made.config.maxQueueBytes

const courseOfActive = (made: Made, session: Session<string>): Course | undefined => {
  const { event } = made
  const asLost = resumptionOf(session) === undefined ? ends(session, 'lost') : goes(session, 'Hibernating')
  switch (event._tag) {
    case 'ConnectionLost':
      return asLost
    case 'ConnectionSilent':
      return made.armed.some(({ resource, timer }) => resource === session.resource && timer === 'readProbe')
        ? asLost
        : goes(session, 'Active')
    case 'TimerFired':
      if (!isDue(made)) return undefined
      return event.timer === 'readProbe' ? asLost : goes(session, 'Active')
    case 'StanzaSubmitted':
      return isFull(made, session) ? ends(session, 'refused') : goes(session, 'Active')
    case 'MalformedAckReceived':
      return ends(session, 'refused')
    case 'AckReceived': {
      if (session._tag === 'Active' && event.version !== session.version) return goes(session, 'Active')
      const said = judge(session, event.h, made)
      return typeof said === 'number' ? goes(session, 'Active', said) : ends(session, 'refused')
    }
    default:
      return endOf(event._tag, session) ?? (heardWhileActive.has(event._tag) ? goes(session, 'Active') : undefined)
  }
}

/** What does not end an active session, but is no matter of indifference to it either. */
const heardWhileActive: ReadonlySet<string> = new Set([
  'StanzaReceived',
  'RequestReceived',
  'EnableReceived',
  'ClientInactive',
  'ClientActive',
  'ArchiveQueried',
  'ConnectionDrained',
])

/** The timer that fires is armed, for just that time. */
export const isDue = ({ armed, event }: Made): boolean =>
  event._tag === 'TimerFired' &&
  armed.some(({ resource, timer, due }) => resource === event.resource && timer === event.timer && due === event.due)

const courseOfHibernating = (made: Made, session: Session<string>): Course | undefined => {
  switch (made.event._tag) {
    case 'StanzaSubmitted':
      return isFull(made, session) ? ends(session, 'evicted') : goes(session, 'Hibernating')
    case 'TimerFired':
      return isDue(made) ? ends(session, 'expired') : undefined
    case 'CloseRequested':
      return ends(session, 'closed')
    default:
      return undefined
  }
}

const courseOfResuming = (made: Made, session: Session<string>): Course | undefined => {
  const { event } = made
  switch (event._tag) {
    case 'ResumedReceived': {
      const said = judge(session, event.h, made)
      if (event.previd !== resumptionOf(session)?.smId || typeof said === 'string') return ends(session, 'failed')
      return goes(session, 'Active', said)
    }
    case 'FailedReceived':
      return ends(session, 'failed', event.h === undefined ? 0 : ackedBy(made, session, event.h))
    case 'StanzaSubmitted':
      return isFull(made, session) ? ends(session, 'evicted') : goes(session, 'Resuming')
    case 'CloseRequested':
      return ends(session, 'closed')
    case 'ConnectionLost':
    case 'ConnectionSilent':
    case 'StreamClosed':
    case 'StreamRefused':
      return goes(session, 'Hibernating')
    default:
      return undefined
  }
}

/** Where too many hibernate, those that do for longest are over. */
const withEviction = ({ config, event }: Made, courses: ReadonlyArray<Course>): ReadonlyArray<Course> => {
  const hibernating = courses.filter(({ to }) => to === 'Hibernating')
  const excess = hibernating.length - config.maxHibernatingSessions
  if (excess <= 0) return courses
  // A clock that was put back while nobody was there takes the beginnings along.
  const back = event._tag === 'ServerRestarted' ? Math.min(event.at - (event.lastAlive ?? event.at), 0) : 0
  const since = ({ session }: Course) =>
    'since' in session ? (back < 0 ? Math.min(session.since + back, event.at) : session.since) : event.at
  const evicted = [...hibernating].sort((one, other) => since(one) - since(other)).slice(0, excess)
  return courses.map(course =>
    evicted.includes(course) ? { ...course, to: { over: 'evicted' }, isMeant: true } : course,
  )
}

/** Where all of them have too many bytes, those go that hibernate longest, then those that have most, until the rest has not. */
const beyondBytes = (made: Made, courses: ReadonlyArray<Course>): ReadonlyArray<Course> => {
  const bytes = new Map(courses.map(course => [course, lengthAfter(made, course) * unitOf(made)]))
  let excess = [...bytes.values()].reduce((sum, one) => sum + one, 0) - made.config.maxAccountQueueBytes
  if (excess <= 0) return courses
  const of = (course: Course): number => bytes.get(course) ?? 0
  const since = ({ session }: Course): number => ('since' in session ? session.since : made.event.at)
  const queueing = courses.filter(course => of(course) > 0)
  const eldest = queueing.filter(({ to }) => to === 'Hibernating').sort((one, two) => since(one) - since(two))
  const longest = queueing.filter(({ to }) => to !== 'Hibernating').sort((one, two) => of(two) - of(one))
  const over = new Set<Course>()
  for (const course of [...eldest, ...longest])
    if (excess > 0) {
      over.add(course)
      excess -= of(course)
    }
  return courses.map(course =>
    over.has(course)
      ? { ...course, to: { over: isConnected(course.to) ? 'refused' : 'evicted' }, isMeant: true }
      : course,
  )
}

const isConnected = (to: Course['to']): boolean =>
  to === 'Active' || to === 'Enabling' || to === 'Negotiating' || to === 'Resuming'

/** How many stanzas the queue of a session has then; none if it is over. */
const lengthAfter = (made: Made, { session, to, acked }: Course): number => {
  if (typeof to !== 'string' || to === 'Unmanaged') return 0
  const isOneMore = submittedIn(made.event).some(({ resource }) => resource === session.resource)
  if (session._tag === 'Unmanaged') return 0
  return session.outbound.unacked.length - acked + (isOneMore && supersededIn(session, made) === undefined ? 1 : 0)
}
