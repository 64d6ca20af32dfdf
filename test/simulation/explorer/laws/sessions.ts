/** Laws of sessions: where they go, what they keep, how they end, and what is remembered and told of them. */
import {
  type Config,
  connectionOf,
  type EndReason,
  type Notice,
  type Session,
  sessionOf,
  type Unacked,
} from '@smacks/core'
import {
  effectsNamed,
  isUnsent,
  queueOf,
  resumptionOf,
  seenBy,
  sentBy,
  submittedIn,
  supersededIn,
  unitOf,
} from './made.js'
import { type Course, isDue, refusalOf, type Tried } from './reference.js'

/** What is no session's business changes nothing: stale lines, stale timers, resumptions that are refused. */
export const strangersChangeNothing = (tried: Tried): string | undefined => {
  const { before, event, after, effects, courses } = tried
  if (courses.some(({ isMeant }) => isMeant)) return undefined
  // What follows is under other options, so it is another account, if an equal one.
  if (event._tag === 'ConfigChanged') return undefined
  if (event._tag === 'ConnectionWanted' && sessionOf(before, event.resource) === undefined) return undefined
  if (event._tag === 'SessionBound' && !before.sessions.some(one => connectionOf(one) === event.connection))
    return undefined
  if (after !== before) return 'nothing should have changed'
  const strays = submittedIn(event).filter(({ resource }) => sessionOf(before, resource) === undefined)
  const allowed = event._tag === 'ResumeReceived' ? 1 : strays.length
  return effects.length === allowed ? undefined : `${allowed} effects should follow, and ${effects.length} do`
}

/** Every session gets where it should, and no other comes up; a full JID has one, a line belongs to one. */
export const phasesAreRight = (tried: Tried): string | undefined => {
  const wanted = phasesWanted(tried)
  const found = tried.after.sessions.map(({ resource, _tag }) => `${resource} ${_tag}`)
  if (wanted.length !== found.length || found.some((one, index) => one !== wanted[index]))
    return `the sessions should be ${wanted.join(', ') || 'none'}, and are ${found.join(', ') || 'none'}`
  const [one, ...others] = tried.after.sessions
  const line = one && connectionOf(one)
  return line !== undefined && others.some(other => connectionOf(other) === line)
    ? 'two sessions have one line'
    : undefined
}

const phasesWanted = ({ event, before, courses }: Tried): ReadonlyArray<string> => {
  const wanted: Array<string> = []
  for (const { session, to } of courses) if (typeof to === 'string') wanted.push(`${session.resource} ${to}`)
  if (event._tag === 'ConnectionWanted' && sessionOf(before, event.resource) === undefined)
    wanted.push(`${event.resource} Connecting`)
  if (
    event._tag === 'SessionBound' &&
    !before.sessions.some(one => connectionOf(one) === event.connection) &&
    !before.sessions.some(one => one.resource === event.resource && isUnsent(one))
  )
    wanted.push(`${event.resource} Unmanaged`)
  return wanted
}

/** A session is over once, for the right reason. */
export const endsAreTold = ({ courses, effects }: Tried): string | undefined => {
  const isQuiet =
    courses.every(({ to }) => typeof to === 'string') && effects.every(({ _tag }) => _tag !== 'EndSession')
  if (isQuiet) return undefined
  const wanted = courses.flatMap(({ session, to }) =>
    typeof to === 'string' ? [] : [`${session.resource} ${to.over}`],
  )
  const found = effectsNamed(effects, 'EndSession').map(({ resource, reason }) => `${resource} ${reason}`)
  return [...wanted].sort().join() === [...found].sort().join()
    ? undefined
    : `over should be ${wanted.join(', ') || 'none'}; told is ${found.join(', ') || 'none'}`
}

/** What was agreed stays agreed as long as the session lives. */
export const agreementsAreKept = (tried: Tried): string | undefined => {
  for (const course of tried.courses) {
    const now = typeof course.to === 'string' ? sessionOf(tried.after, course.session.resource) : undefined
    if (now === undefined || now === course.session) continue
    const [should, does] = [agreed(tried, course), agreementOf(now)]
    if (should !== does) return `of ${now.resource} should hold: ${should}; it holds: ${does}`
  }
  return undefined
}

const agreementOf = (session: Session<string>): string => {
  const resumption = resumptionOf(session)
  return [
    session._tag,
    connectionOf(session),
    ...('version' in session ? [session.version] : []),
    ...('role' in session ? [session.role] : []),
    resumption === undefined ? 'for good' : `${resumption.smId} ${resumption.seconds}`,
    ...('since' in session ? [`since ${session.since}`] : []),
    ...('usesArchive' in session ? [session.usesArchive ? 'archive' : 'no archive'] : []),
    ...(session._tag === 'Active' ? [session.client, session.request.heldUntil] : []),
    ...('outbound' in session ? [`sent ${sentBy(session)}`] : []),
  ].join(' ')
}

const agreed = (tried: Tried, course: Course): string => {
  const { session, to, isMeant } = course
  if (!isMeant) return agreementOf(session)
  return [
    to,
    lineAfter(tried, course),
    ...(to === 'Unmanaged' || to === 'Connecting' ? [] : [versionAfter(tried, session)]),
    ...(to === 'Active' || to === 'Hibernating' ? [roleAfter(tried, session)] : []),
    resumptionAfter(tried, course),
    ...(to === 'Connecting' || to === 'Hibernating' || to === 'Negotiating' || to === 'Resuming'
      ? [`since ${'since' in session ? sinceAfter(tried.event, session.since) : tried.event.at}`]
      : []),
    ...(to === 'Active' || to === 'Hibernating' ? [archiveAfter(tried, session)] : []),
    ...(to === 'Active' ? [clientAfter(tried, session), holdAfter(tried, session)] : []),
    ...(to === 'Unmanaged' ? [] : [`sent ${sentAfter(tried, session)}`]),
  ].join(' ')
}

/** Where the clock goes, this goes; and nobody began to wait before time itself, seen from a clock that was put back. */
const sinceAfter = (event: Tried['event'], since: number): number => {
  if (event._tag === 'ClockStepped') return since + event.by
  if (event._tag !== 'ServerRestarted' || event.lastAlive === undefined || event.at >= event.lastAlive) return since
  return Math.min(event.at, since - (event.lastAlive - event.at))
}

const lineAfter = ({ event }: Tried, { session, to }: Course): string | undefined => {
  if (to === 'Hibernating' || to === 'Connecting') return undefined
  const isNew =
    event._tag === 'ResumeReceived' ||
    event._tag === 'ResumeRequested' ||
    event._tag === 'SessionBound' ||
    session._tag === 'Connecting'
  return isNew && 'connection' in event ? event.connection : connectionOf(session)
}

const versionAfter = ({ event }: Tried, session: Session<string>): string =>
  'version' in session ? session.version : 'version' in event ? event.version : '?'

const roleAfter = (_: Tried, session: Session<string>): string => {
  if ('role' in session) return session.role
  return session._tag === 'Unmanaged' ? 'receiving' : 'initiating'
}

const resumptionAfter = ({ event, config }: Tried, { session, to }: Course): string => {
  const had = resumptionOf(session)
  if (event._tag === 'EnabledReceived' && (session._tag === 'Enabling' || session._tag === 'Negotiating'))
    return event.resume && (session._tag === 'Enabling' || session.resume) && event.id !== undefined
      ? `${event.id} ${event.max ?? config.hibernationTime}`
      : 'for good'
  if (event._tag === 'EnableReceived' && session._tag === 'Unmanaged') {
    const seconds = Math.min(event.max ?? config.hibernationTime, config.hibernationTime)
    return event.resume && seconds > 0 ? `${event.freshId} ${seconds}` : 'for good'
  }
  return had === undefined || to === 'Unmanaged' ? 'for good' : `${had.smId} ${had.seconds}`
}

const archiveAfter = ({ event }: Tried, session: Session<string>): string =>
  (event._tag === 'ArchiveQueried' && session._tag === 'Active') || ('usesArchive' in session && session.usesArchive)
    ? 'archive'
    : 'no archive'

const clientAfter = ({ event }: Tried, session: Session<string>): string => {
  if (event._tag === 'ClientInactive') return 'inactive'
  const isAnew = event._tag === 'ResumeReceived' || event._tag === 'ClientActive'
  return session._tag === 'Active' && !isAnew ? session.client : 'active'
}

const holdAfter = ({ event, config }: Tried, session: Session<string>): number => {
  if (event._tag === 'EnableReceived' && session._tag === 'Unmanaged') return event.at + config.requestHold * 1000
  if (session._tag !== 'Active' || event._tag === 'ResumeReceived') return 0
  return session.request.heldUntil + (event._tag === 'ClockStepped' ? event.by : 0)
}

const sentAfter = (tried: Tried, session: Session<string>): number => {
  const isOneMore = seenBy(tried.event, session.resource)._tag === 'StanzaSubmitted' && session._tag !== 'Unmanaged'
  return (sentBy(session) + (isOneMore && supersededIn(session, tried) === undefined ? 1 : 0)) % 2 ** 32
}

/** Whoever closed a session has nothing to ask of it; nor does a peer that is not the one who resumes. */
const isRemembered = (config: Config, session: Session<string>, over: EndReason): boolean => {
  if (over === 'expired' || over === 'evicted' || over === 'stopped') return true
  const isReceiving = 'role' in session && session.role === 'receiving'
  return config.rememberBroken && isReceiving && (over === 'refused' || over === 'replaced')
}

/** The `h` of sessions that a client may ask for too late is kept, newest first, and no more than so many. */
export const countsAreRemembered = ({ config, before, event, after, effects, courses }: Tried): string | undefined => {
  let kept = before.oldSessions
  const told: Array<string> = []
  for (const { session, to } of courses) {
    const smId = resumptionOf(session)?.smId
    const isAskedFor = typeof to !== 'string' && isRemembered(config, session, to.over)
    if (!isAskedFor || smId === undefined || !('inbound' in session) || session._tag === 'Resuming') continue
    if (config.maxOldSessions === 0) continue
    told.push(`remember ${smId} ${session.inbound.handled}`)
    const all = [{ smId, h: session.inbound.handled, at: event.at }, ...kept]
    for (const forgotten of all.slice(config.maxOldSessions)) told.push(`forget ${forgotten.smId}`)
    kept = all.slice(0, config.maxOldSessions)
  }
  for (const forgotten of kept.slice(config.maxOldSessions)) told.push(`forget ${forgotten.smId}`)
  kept = kept.slice(0, config.maxOldSessions)
  const words = (old: typeof kept) => old.map(({ smId, h, at }) => `${smId} ${h} ${at}`).join()
  if (words(kept) !== words(after.oldSessions))
    return `remembered should be ${words(kept) || 'nothing'}; it is ${words(after.oldSessions) || 'nothing'}`
  const found = effects.flatMap(effect => {
    if (effect._tag === 'RememberOldSession') return [`remember ${effect.smId} ${effect.h}`]
    return effect._tag === 'ForgetOldSession' ? [`forget ${effect.smId}`] : []
  })
  return told.join() === found.join()
    ? undefined
    : `stored should be: ${told.join(', ') || 'nothing'}; it is: ${found.join(', ') || 'nothing'}`
}

/** The bus is told of hibernation and of delayed acks, and of nothing else. */
export const noticesAreRight = (tried: Tried): string | undefined => {
  const wanted = tried.courses.flatMap(course => noticesOf(tried, course))
  const found = effectsNamed(tried.effects, 'Notify').map(({ resource, notice }) => `${resource} ${wordsOf(notice)}`)
  return [...wanted].sort().join() === [...found].sort().join()
    ? undefined
    : `told should be: ${wanted.join(', ') || 'nothing'}; told is: ${found.join(', ') || 'nothing'}`
}

const wordsOf = (notice: Notice<string>): string => {
  switch (notice._tag) {
    case 'AckDelayed':
      return `delayed ${named(notice.unacked)}`
    case 'HibernationStarted':
      return `hibernates until ${notice.deadline} ${named(notice.unacked)}`
    case 'HibernationStanzaQueued':
      return `queued ${notice.stanza} ${notice.queueLength}`
    case 'HibernationEnded':
      return `ended ${notice.outcome} ${notice.hibernatedSince}`
  }
}

const named = (unacked: ReadonlyArray<Unacked<string>>): string => unacked.map(({ stanza }) => stanza).join(' ')

const noticesOf = (tried: Tried, course: Course): ReadonlyArray<string> => {
  const { event } = tried
  const { session, to, isMeant } = course
  const { resource } = session
  const waiting = () => named(queueOf(session))
  const isAsleep = session._tag === 'Hibernating' || session._tag === 'Resuming'
  const isEvictedAtOnce = typeof to !== 'string' && to.over === 'evicted' && session._tag === 'Active'
  if (session._tag === 'Active' && (to === 'Hibernating' || isEvictedAtOnce)) {
    const started = `${resource} hibernates until ${event.at + (resumptionOf(session)?.seconds ?? 0) * 1000} ${waiting()}`
    return isEvictedAtOnce ? [started, `${resource} ended evicted ${event.at}`] : [started]
  }
  const back = event._tag === 'ServerRestarted' ? Math.min(event.at - (event.lastAlive ?? event.at), 0) : 0
  const since = (began: number): number => (back < 0 ? Math.min(began + back, event.at) : began)
  if (isAsleep && typeof to !== 'string') return [`${resource} ended ${to.over} ${since(session.since)}`]
  if (isAsleep && to === 'Active') return [`${resource} ended resumed ${session.since}`]
  if (!isMeant) return []
  const seen = seenBy(event, resource)
  if (seen._tag === 'StanzaSubmitted' && session._tag === 'Hibernating')
    return [
      `${resource} queued ${seen.stanza} ${queueOf(session).length + (supersededIn(session, tried) === undefined ? 1 : 0)}`,
    ]
  return event._tag === 'TimerFired' && event.timer === 'ackDelay' && isDue(tried)
    ? [`${resource} delayed ${waiting()}`]
    : []
}

const asleepIn = ({ sessions }: Tried['after']): number =>
  sessions.filter(session => session._tag === 'Hibernating' && session.role === 'receiving').length

/** Whatever is kept has a limit. */
export const limitsHold = (tried: Tried): string | undefined => {
  const { config, after } = tried
  const over = after.sessions.find(session => queueOf(session).length > config.queueCeiling)
  if (over !== undefined) return `${over.resource} keeps more than ${config.queueCeiling} stanzas`
  const unit = unitOf(tried)
  const lengths = after.sessions.map(session => queueOf(session).length)
  if (lengths.some(length => length * unit > config.maxQueueBytes))
    return `a session keeps more than ${config.maxQueueBytes} bytes`
  if (lengths.reduce((sum, length) => sum + length, 0) * unit > config.maxAccountQueueBytes)
    return `more than ${config.maxAccountQueueBytes} bytes are kept`
  const bytes = after.sessions.map(session => ('outbound' in session ? (session.outbound.sizes?.total ?? 0) : 0))
  const wrong = bytes.findIndex((one, index) => one !== (lengths[index] ?? 0) * unit)
  if (wrong >= 0) return `${bytes[wrong]} bytes are counted of ${lengths[wrong]} stanzas of ${unit}`
  if (after.oldSessions.length > config.maxOldSessions) return `more than ${config.maxOldSessions} counts are kept`
  const asleep = asleepIn(after)
  if (asleep > config.maxHibernatingSessions) return `${asleep} sessions hibernate`
  return tried.event._tag === 'ResumeReceived' && refusalOf(tried) === 'resource-constraint' && after !== tried.before
    ? 'a session with too much in its queue was resumed'
    : undefined
}
