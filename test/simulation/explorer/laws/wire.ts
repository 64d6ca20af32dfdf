/** Laws of the wire: what is said on a line, when acks are asked for, and which lines are closed, and how. */
import { connectionOf, describeNonza, type Effect, type Nonza, type Session, sessionOf } from '@smacks/core'
import { ahead, effectsNamed, judge, resumptionOf, seenBy, sentBy, ungettable, unwrittenIn } from './made.js'
import { type Course, isDue, refusalOf, type Tried } from './reference.js'

/** Everything but `<r/>` is said exactly when the standard wants it: an `<r/>` is answered at once, and so on. */
export const wordsAreRight = (tried: Tried): string | undefined => {
  const wanted = wordsOf(tried)
  const found = effectsNamed(tried.effects, 'SendNonza').filter(({ nonza }) => nonza._tag !== 'Request')
  if (wanted.length === 0 && found.length === 0) return undefined
  const said = found.map(({ connection, nonza }) => word(connection, nonza))
  return isSame(wanted, said)
    ? undefined
    : `said should be ${wanted.join(', ') || 'nothing'}; said is ${said.join(', ') || 'nothing'}`
}

/** Of several lines, none comes before another. */
const isSame = (one: ReadonlyArray<string>, other: ReadonlyArray<string>): boolean =>
  [...one].sort().join() === [...other].sort().join()

const word = (connection: string | undefined, nonza: Nonza): string =>
  `${describeNonza(nonza)} on ${connection} (${nonza.version})`

const wordsOf = (tried: Tried): ReadonlyArray<string> => {
  const { event } = tried
  if (event._tag === 'ResumeReceived') return answerToResume(tried)
  return tried.courses.flatMap(({ session, isMeant, to }) => {
    if (!isMeant) return []
    const left = farewellOf(tried, { session, to })
    if (left !== undefined || to === 'Hibernating') return left ?? []
    const nonza = wordTo(tried, session)
    const connection = 'connection' in event ? event.connection : connectionOf(session)
    return nonza === undefined ? [] : [word(connection, nonza)]
  })
}

/** Whoever leaves a line on which stanzas are counted says a last time what was handled, whatever comes then. */
const farewellOf = ({ event }: Tried, { session, to }: Pick<Course, 'session' | 'to'>) => {
  const isLeft = typeof to !== 'string' || to === 'Hibernating'
  if (!isLeft || isGone(event) || session._tag !== 'Active') return undefined
  const { connection, version, inbound } = session
  return [word(connection, { _tag: 'Ack', version, h: inbound.handled })]
}

const isGone = ({ _tag }: Tried['event']): boolean => _tag === 'ConnectionLost' || _tag === 'ServerRestarted'

const answerToResume = (tried: Tried): ReadonlyArray<string> => {
  const { event } = tried
  if (event._tag !== 'ResumeReceived') return []
  const { version, previd, connection } = event
  const taken = tried.courses.find(({ isMeant }) => isMeant)
  if (taken !== undefined && 'inbound' in taken.session) {
    const { session } = taken
    const former: Nonza = { _tag: 'Ack', version, h: taken.session.inbound.handled }
    return [
      ...(session._tag === 'Active' ? [word(session.connection, former)] : []),
      word(connection, { _tag: 'Resumed', version, previd, h: taken.session.inbound.handled }),
    ]
  }
  const condition = refusalOf(tried)
  const h = handledOf(tried, previd)
  const tooHigh = condition === 'undefined-condition' ? tooHighFor(tried, previd, event.h) : undefined
  const attributes = { ...(h === undefined ? {} : { h }), ...(tooHigh === undefined ? {} : { tooHigh }) }
  return [word(connection, { _tag: 'Failed', version, condition, ...attributes } as Nonza)]
}

/** Whoever asks for a session that is known learns its count, whether it stands or is over. */
const handledOf = ({ before }: Tried, previd: string): number | undefined => {
  const session = before.sessions.find(one => resumptionOf(one)?.smId === previd)
  if (session !== undefined && (session._tag === 'Active' || session._tag === 'Hibernating'))
    return session.inbound.handled
  return before.oldSessions.find(({ smId }) => smId === previd)?.h
}

const tooHighFor = (tried: Tried, previd: string, h: number) => {
  const session = tried.before.sessions.find(one => resumptionOf(one)?.smId === previd)
  return session !== undefined && judge(session, h, tried) === 'too high'
    ? { h, sendCount: countTold(tried, session) }
    : undefined
}

/** How many stanzas the peer can have got at all. */
const countTold = (tried: Tried, session: Session<string>): number =>
  (sentBy(session) - ungettable(session, tried) + 2 ** 32) % 2 ** 32

const wordTo = ({ event, config }: Tried, session: Session<string>): Nonza | undefined => {
  const isActive = session._tag === 'Active'
  const ack: Nonza | undefined = isActive
    ? { _tag: 'Ack', version: session.version, h: session.inbound.handled }
    : undefined
  switch (event._tag) {
    case 'RequestReceived':
      return isActive && session.version === event.version ? ack : refused(event.version)
    case 'AckReceived':
      return isActive && session.version === event.version ? undefined : refused(event.version)
    case 'MalformedAckReceived':
      return isActive ? undefined : refused(event.version)
    case 'EnableReceived': {
      if (isActive) return refused(event.version)
      const max = Math.min(event.max ?? config.hibernationTime, config.hibernationTime)
      const { version, freshId: id } = event
      return event.resume && max > 0
        ? { _tag: 'Enabled', version, resume: true, id, max }
        : { _tag: 'Enabled', version, resume: false }
    }
    case 'EnableRequested': {
      const { version, resume, max } = event
      return { _tag: 'Enable', version, resume, ...(max === undefined ? {} : { max }) }
    }
    case 'ResumeRequested':
      return session._tag === 'Hibernating'
        ? { _tag: 'Resume', version: session.version, previd: session.resumption.smId, h: session.inbound.handled }
        : undefined
    default:
      return undefined
  }
}

const refused = (version: Nonza['version']): Nonza => ({ _tag: 'Failed', version, condition: 'unexpected-request' })

/** One `<r/>` outstanding; asked when more is unacked than allowed, and at good moments; never while it is held. */
export const askingIsRight = (tried: Tried): string | undefined => {
  for (const course of tried.courses) {
    const { session, to, isMeant } = course
    const now = to === 'Active' ? sessionOf(tried.after, session.resource) : undefined
    const asked = effectsNamed(tried.effects, 'SendNonza').filter(
      ({ nonza, connection }) => nonza._tag === 'Request' && connection === (now && connectionOf(now)),
    ).length
    const shouldAsk = isMeant && now?._tag === 'Active' && isWanted(tried, course)
    const isHeld = now?._tag === 'Active' && tried.event.at < now.request.heldUntil
    const should = shouldAsk && !isHeld ? 1 : 0
    if (asked !== should)
      return `an ack of ${session.resource} should be asked for ${should} times, and is ${asked} times`
    if (now?._tag !== 'Active') continue
    const isAnswered = tried.event._tag === 'AckReceived' && isMeant && isVersionRight(tried, session)
    const waits =
      should === 1 ||
      (session._tag === 'Active' && session.request.awaiting && !isAnswered && !isResumption(tried, course))
    if (now.request.awaiting !== waits)
      return `${session.resource} ${waits ? 'waits for an ack, and thinks not' : 'waits for no ack, and thinks it does'}`
    if (shouldAsk && isHeld && now.deadlines.ackHold !== now.request.heldUntil)
      return `${session.resource} should ask for an ack when it may again`
  }
  return undefined
}

const isVersionRight = ({ event }: Tried, session: Session<string>): boolean =>
  'version' in event && session._tag === 'Active' && event.version === session.version

const isResumption = ({ event }: Tried, { isMeant }: Course): boolean =>
  isMeant && (event._tag === 'ResumeReceived' || event._tag === 'ResumedReceived')

const isWanted = (tried: Tried, course: Course): boolean => {
  const { config } = tried
  const event = seenBy(tried.event, course.session.resource)
  const { session, acked } = course
  if (session._tag === 'Unmanaged' || session._tag === 'Hibernating')
    return isResumption(tried, course) && session._tag === 'Hibernating' && session.outbound.unacked.length > acked
  const isLater = event._tag === 'StanzaSubmitted' && unwrittenIn(session) > 0
  const room = event._tag === 'ConnectionDrained' ? Math.max(1, event.room ?? Number.POSITIVE_INFINITY) : 0
  const unwritten = Math.max(0, unwrittenIn(session) - room)
  const more = event._tag === 'StanzaSubmitted' && !isLater ? 1 : 0
  const unacked = session.outbound.unacked.length - acked - unwritten + more
  if (isResumption(tried, course)) return session.outbound.unacked.length > acked
  const allowed =
    session._tag === 'Active' && session.client === 'inactive'
      ? config.maxInactiveUnackedStanzas
      : config.maxUnackedStanzas
  if (session._tag !== 'Active')
    return (session._tag === 'Enabling' || session._tag === 'Negotiating') && unacked > allowed
  const isOpen = !session.request.awaiting
  const { requestedFor } = session.request
  const isNew = requestedFor._tag === 'None' || ahead(session.outbound.acked, requestedFor.value) !== acked + unacked
  const isDueNow = unacked > allowed && isNew
  switch (event._tag) {
    case 'AckReceived':
      return isVersionRight(tried, session) && isDueNow
    case 'RequestReceived':
      return isVersionRight(tried, session) && isOpen && isDueNow
    case 'ConfigChanged':
    case 'StanzaSubmitted':
      return !isLater && isOpen && isDueNow
    case 'ConnectionDrained':
      return isOpen && isDueNow
    case 'TimerFired':
      return event.timer === 'ackHold' && isDue(tried) && isOpen && isDueNow
    case 'ClientActive':
      return isOpen && unacked > 0
    case 'ConnectionSilent':
      return isOpen
    default:
      return false
  }
}

/**
 * A line that a session leaves is closed, saying why, unless it dropped or is wanted for a new session; no other is. Where
 * the session goes on hibernating the line is dropped instead: to a client, a stream that is closed is a session that is
 * over, and it would not resume.
 */
export const closingIsRight = (tried: Tried): string | undefined => {
  const wanted = tried.courses.flatMap(course => closeOf(tried, course))
  const found = tried.effects.flatMap(effect => {
    if (effect._tag === 'DropConnection') return [`${effect.connection} dropped`]
    return effect._tag === 'CloseConnection' ? [closeWords(effect)] : []
  })
  return isSame(wanted, found)
    ? undefined
    : `closed should be ${wanted.join(', ') || 'nothing'}; closed is ${found.join(', ') || 'nothing'}`
}

const closeWords = ({ connection, error }: Extract<Effect<string>, { readonly _tag: 'CloseConnection' }>): string => {
  const high = error?.tooHigh
  return `${connection}${error === undefined ? '' : ` ${error.condition}`}${high === undefined ? '' : ` h=${high.h} of ${high.sendCount} (${high.version})`}`
}

const closeOf = (tried: Tried, { session, to, isMeant }: Course): ReadonlyArray<string> => {
  const { event } = tried
  const connection = connectionOf(session)
  if (!isMeant || connection === undefined) return []
  if (event._tag === 'ResumeReceived') return [`${connection} conflict`]
  if (isGone(event) || event._tag === 'FailedReceived') return []
  // It hibernates, and may be one too many at once.
  const isEvicted = session._tag === 'Active' && typeof to !== 'string' && to.over === 'evicted'
  if (to === 'Hibernating' || isEvicted) return [`${connection} dropped`]
  const isLeft = session._tag === 'Negotiating' && (to === 'Connecting' || event._tag === 'SessionBound')
  if (isLeft) return [`${connection}${conditionOf(tried, session)}`]
  return typeof to === 'string' ? [] : [`${connection}${conditionOf(tried, session)}`]
}

const conditionOf = (tried: Tried, session: Session<string>): string => {
  const { event } = tried
  switch (event._tag) {
    case 'SessionBound':
      return ' conflict'
    case 'ServerStopping':
      return ' system-shutdown'
    case 'StreamRefused':
      return ` ${event.error.condition}`
    case 'ConnectionSilent':
    case 'TimerFired':
      return ' connection-timeout'
    case 'ConfigChanged':
    case 'MessageSubmitted':
    case 'StanzaSubmitted':
      return ' resource-constraint'
    case 'MalformedAckReceived':
      return ' invalid-xml'
    case 'AckReceived': {
      const isTooHigh = judge(session, event.h, tried) === 'too high'
      return ` undefined-condition${isTooHigh ? ` h=${event.h} of ${countTold(tried, session)} (${event.version})` : ''}`
    }
    case 'ResumedReceived':
      return ' undefined-condition'
    default:
      return ''
  }
}
