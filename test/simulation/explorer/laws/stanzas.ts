/** Laws of stanzas: none is lost, doubled or reordered; each has one end, and just the one it should have. */
import {
  connectionOf,
  type Delivery,
  type EndReason,
  type Instant,
  type Session,
  type StanzaFacts,
  sessionOf,
} from '@smacks/core'
import { effectsNamed, isUnsent, queueOf, seenBy, submittedIn, supersededIn, unwrittenIn } from './made.js'
import type { Course, Tried } from './reference.js'

/** A queue loses what is acked, gains what is submitted, and is the same in all else. */
export const queuesAreKept = (tried: Tried): string | undefined => {
  for (const course of tried.courses) {
    if (typeof course.to !== 'string') continue
    const now = sessionOf(tried.after, course.session.resource)
    if (now === undefined) return `the session of ${course.session.resource} is gone`
    const wanted = now._tag === 'Unmanaged' ? [] : waitingIn(tried, course)
    const found = queueOf(now)
    if (found.length !== wanted.length || found.some((one, index) => !isSame(one, wanted[index])))
      return `${now.resource} should have ${named(wanted)} unacked, and has ${named(found)}`
    if (now._tag !== 'Unmanaged' && now.outbound.unacked.length !== found.length)
      return `the queue of ${now.resource} says ${now.outbound.unacked.length} and holds ${found.length}`
  }
  return undefined
}

interface Waiting {
  readonly stanza: string
  readonly at: Instant
  readonly facts: StanzaFacts
  readonly others?: ReadonlyArray<Delivery>
}

const isSame = (one: Waiting, other: Waiting | undefined): boolean =>
  one.stanza === other?.stanza && one.at === other.at && one.facts === other.facts

const named = (stanzas: ReadonlyArray<{ readonly stanza: string }>): string =>
  stanzas.length === 0 ? 'nothing' : stanzas.map(({ stanza }) => stanza).join(' ')

/** What a session has yet to see acked after the event, if it counts at all. */
const waitingIn = (tried: Tried, { session, acked }: Course): ReadonlyArray<Waiting> => {
  const event = seenBy(tried.event, session.resource)
  const superseded = supersededIn(session, tried)
  const all = superseded === undefined ? queueOf(session) : queueOf(session).filter(one => one !== superseded)
  const left = acked === 0 ? all : all.slice(acked)
  return event._tag === 'StanzaSubmitted' && event.resource === session.resource && session._tag !== 'Unmanaged'
    ? [...left, { stanza: event.stanza, at: event.at, facts: event.facts }]
    : left
}

/** What a session that is over leaves unacked has one disposition each, in order; nothing else has any. */
export const dispositionsAreRight = (tried: Tried): string | undefined => {
  const found = dispositionsIn(tried)
  const wanted = dispositionsWanted(tried)
  if (wanted.length === 0 && found.length === 0) return undefined
  const [should, does] = [inOrder(sorted(tried, wanted)), inOrder(found)]
  return should === does
    ? undefined
    : `these should be the dispositions: ${should || 'none'}; they are: ${does || 'none'}`
}

/** In the order of what is stored, and in that of all else: what is read from storage to be settled is stored first. */
const inOrder = (dispositions: ReadonlyArray<Disposition>): string =>
  [...dispositions.filter(isStored), ...dispositions.filter(one => !isStored(one))]
    .map(
      ({ stanza, disposition, at, resource }) =>
        `${stanza} of ${resource}: ${disposition}${at === undefined ? '' : ` ${at}`}`,
    )
    .join(', ')

const isStored = ({ disposition }: Disposition): boolean => disposition === 'StoreOffline'

const dispositionsWanted = (tried: Tried): ReadonlyArray<Disposition> => {
  const { event, before, courses } = tried
  const submitted = submittedIn(event)
  const strays = submitted.filter(({ resource }) => sessionOf(before, resource) === undefined)
  const astray = strays.map((one, index): Disposition => {
    const { stanza, at, resource } = one
    // Others have it, or it is routed anew once.
    return strays.length < submitted.length || index > 0
      ? { stanza, disposition: 'Discard held', at: undefined, resource }
      : { stanza, disposition: 'Redeliver', at, resource }
  })
  if (strays.length > 0 && strays.length === submitted.length) return astray
  return courses.every(({ to }) => typeof to === 'string')
    ? astray
    : [...astray, ...courses.flatMap(course => dispositionsOf(tried, course))]
}

interface Disposition {
  readonly stanza: string
  readonly disposition: string
  /** When it was submitted, where that is told. */
  readonly at: Instant | undefined
  readonly resource: string
}

/** What happens to the process happens to all sessions at once. */
const isForAll = ({ _tag }: Tried['event']): boolean =>
  _tag === 'ServerStopping' || _tag === 'ServerRestarted' || _tag === 'ConfigChanged'

/** What is routed anew comes last; what is stored as the process stops comes first, as it was submitted. */
const sorted = (tried: Tried, dispositions: ReadonlyArray<Disposition>): ReadonlyArray<Disposition> => {
  const anew = dispositions.filter(({ disposition }) => disposition === 'Redeliver')
  const rest = dispositions.filter(({ disposition }) => disposition !== 'Redeliver')
  if (!isForAll(tried.event) || isEvictedAlone(tried)) return [...rest, ...anew]
  const stored = asQueued(rest.filter(({ disposition }) => disposition === 'StoreOffline'))
  return [...stored, ...rest.filter(({ disposition }) => disposition !== 'StoreOffline'), ...anew]
}

/** Other options may evict just one session, as a line that is lost may: not for holding too much, but for being one too many. */
const isEvictedAlone = ({ config, courses, event }: Tried): boolean => {
  const [first, second] = courses.filter(({ to }) => typeof to !== 'string')
  return (
    event._tag === 'ConfigChanged' &&
    first !== undefined &&
    second === undefined &&
    queueOf(first.session).length <= config.queueCeiling
  )
}

/** By time, but never before what was queued before it in the same session: the clock may have been set back. */
const asQueued = (dispositions: ReadonlyArray<Disposition>): ReadonlyArray<Disposition> => {
  const timeOf = (disposition: Disposition, index: number): number =>
    Math.max(
      ...dispositions
        .filter((one, place) => place <= index && one.resource === disposition.resource)
        .map(({ at = 0 }) => at),
    )
  return dispositions
    .map((disposition, index) => ({ disposition, time: timeOf(disposition, index) }))
    .sort((one, other) => one.time - other.time)
    .map(({ disposition }) => disposition)
}

const dispositionsIn = ({ effects }: Tried): ReadonlyArray<Disposition> =>
  effects.flatMap((effect): ReadonlyArray<Disposition> => {
    switch (effect._tag) {
      case 'ReturnToSender':
        return [
          {
            stanza: effect.stanza,
            disposition: effect.condition === undefined ? effect._tag : `${effect._tag} with ${effect.condition}`,
            at: effect.submittedAt,
            resource: effect.resource,
          },
        ]
      case 'StoreOffline':
      case 'Redeliver':
        return [{ stanza: effect.stanza, disposition: effect._tag, at: effect.submittedAt, resource: effect.resource }]
      case 'Discard':
        return [
          { stanza: effect.stanza, disposition: `Discard ${effect.reason}`, at: undefined, resource: effect.resource },
        ]
      default:
        return []
    }
  })

const dispositionsOf = (tried: Tried, course: Course): Array<Disposition> => {
  const { session, to } = course
  if (typeof to === 'string') return []
  const others = tried.before.sessions.filter(one => one !== session)
  const index = tried.before.sessions.indexOf(session)
  // As the process stops one session after the other ends, so for the last of them nobody is left.
  const isAlone =
    others.length === 0 ||
    (to.over === 'stopped' && index === tried.before.sessions.length - 1) ||
    (isForAll(tried.event) && to.over !== 'stopped' && othersAreOver(tried, course))
  return waitingIn(tried, course).map(waiting => {
    const disposition =
      sharedDisposition(tried, session, waiting) ??
      (waiting.others === undefined && isDouble(tried, session, waiting)
        ? 'Discard copy'
        : dispositionOf(tried, session, waiting.facts, to.over, isAlone))
    const { stanza, at } = waiting
    return { stanza, disposition, at: disposition.startsWith('Discard') ? undefined : at, resource: session.resource }
  })
}

/** Whoever is evicted is so after all others are over, together with others that are; and after those above a ceiling. */
const othersAreOver = ({ courses }: Tried, { to }: Course): boolean =>
  courses.every(
    other =>
      typeof other.to !== 'string' &&
      (other.to.over !== 'evicted' || (typeof to !== 'string' && to.over === 'evicted')),
  )
/** One that others were given too may be theirs; whether it is, the onlooker knows. */
const sharedDisposition = (
  { effects }: Tried,
  { resource }: Session<string>,
  { stanza, others }: Waiting,
): string | undefined =>
  others === undefined
    ? undefined
    : effects.flatMap(effect =>
        effect._tag === 'Discard' &&
        effect.stanza === stanza &&
        effect.resource === resource &&
        (effect.reason === 'held' || effect.reason === 'delivered')
          ? [`Discard ${effect.reason}`]
          : [],
      )[0]

const nobodyGoesOn = ({ courses }: Tried): boolean => courses.every(({ to }) => typeof to !== 'string')

/** XEP-0198 §4, RFC 6120 §8.3, RFC 6121 §8.5, XEP-0160: the first line that fits. */
const dispositionOf = (
  { config }: Tried,
  session: Session<string>,
  facts: StanzaFacts,
  reason: EndReason,
  isAlone: boolean,
): string => {
  const isInitiating =
    isUnsent(session) ||
    session._tag === 'Enabling' ||
    session._tag === 'Resuming' ||
    ('role' in session && session.role === 'initiating')
  const isAgain = config.s2sResend && !isUnsent(session) && reason !== 'stopped' && facts.again === undefined
  const isKept = facts.name === 'message' && ['chat', 'normal'].includes(facts.type)
  const hasArchive = 'usesArchive' in session && session.usesArchive
  const table: ReadonlyArray<readonly [boolean, string]> = [
    [reason === 'remote-server-not-found' || reason === 'remote-server-timeout', `ReturnToSender with ${reason}`],
    [isInitiating && isAgain, 'Redeliver'],
    [isInitiating, 'ReturnToSender'],
    [facts.type === 'error', 'Discard error'],
    [facts.name === 'presence', 'Discard presence'],
    [facts.name === 'iq' && facts.type === 'result', 'Discard answer'],
    [facts.copy === true, 'Discard copy'],
    [facts.archived === true && hasArchive, 'Discard archived'],
    [isKept && config.offlineStorage && (isAlone || reason === 'stopped'), 'StoreOffline'],
    [isKept && reason === 'lost' && !isAlone && facts.to?.includes('/') === true, 'Redeliver'],
  ]
  return table.find(([fits]) => fits)?.[1] ?? 'ReturnToSender'
}

/** As the process stops, a message that waits in an earlier session too is stored from there. */
const isDouble = (tried: Tried, session: Session<string>, { facts, at }: Waiting): boolean =>
  isForAll(tried.event) &&
  nobodyGoesOn(tried) &&
  tried.config.offlineStorage &&
  facts.id !== undefined &&
  facts.copy !== true &&
  tried.before.sessions
    .slice(0, tried.before.sessions.indexOf(session))
    .some(earlier => queueOf(earlier).some(other => other.at === at && isSameMessage(other.facts, facts)))

const isSameMessage = (one: StanzaFacts, other: StanzaFacts): boolean =>
  one.name === 'message' && one.id === other.id && one.from === other.from && one.to === other.to

/** Sent is what is submitted on a line, and, after a resumption, all that is unacked with its first time; nothing else. */
export const sendingIsRight = (tried: Tried): string | undefined => {
  const wanted = tried.courses.flatMap(course => sendsOf(tried, course))
  const found = effectsNamed(tried.effects, 'SendStanza').map(({ connection, stanza, delayedSince }) =>
    sent(connection, stanza, delayedSince),
  )
  return wanted.join() === found.join()
    ? undefined
    : `sent should be ${wanted.join(', ') || 'nothing'}; sent is ${found.join(', ') || 'nothing'}`
}

const sent = (connection: string | undefined, stanza: string, since: Instant | undefined): string =>
  `${stanza} on ${connection}${since === undefined ? '' : ` delayed since ${since}`}`

const sendsOf = (tried: Tried, course: Course): ReadonlyArray<string> => {
  const { session, to } = course
  const event = seenBy(tried.event, session.resource)
  if (event._tag === 'StanzaSubmitted' && event.resource === session.resource) {
    const isOnLine = (to === 'Active' && unwrittenIn(session) === 0) || to === 'Enabling' || to === 'Unmanaged'
    return isOnLine ? [sent(connectionOf(session), event.stanza, undefined)] : []
  }
  // What waited for a first connection is sent as it would have been at once.
  const isTaken = to === 'Unmanaged' || to === (session._tag === 'Connecting' ? 'Enabling' : 'Active')
  if (isUnsent(session) && isTaken && 'connection' in event)
    return queueOf(session).map(({ stanza }) => sent(event.connection, stanza, undefined))
  const page = pageOf(tried, course)
  return 'connection' in event ? page.map(({ stanza, at }) => sent(event.connection, stanza, at)) : []
}

/** What is sent after a resumption: all that waits, or as much as there is room for, and then what follows it. */
const pageOf = (tried: Tried, course: Course): ReadonlyArray<Waiting> => {
  const { event } = tried
  const { session, to, isMeant } = course
  const isResumed = event._tag === 'ResumeReceived' || event._tag === 'ResumedReceived'
  if (!isMeant || to !== 'Active' || !(isResumed || event._tag === 'ConnectionDrained')) return []
  const waiting = waitingIn(tried, course)
  const unwritten = isResumed ? waiting.length : unwrittenIn(session)
  const from = waiting.length - unwritten
  return waiting.slice(from, from + Math.max(1, event.room ?? unwritten))
}

/** A line that does not carry all is to say when it can take more, once for each page; and no other. */
export const pagesAreAwaited = (tried: Tried): string | undefined => {
  const wanted = tried.courses.flatMap(course => {
    const now = sessionOf(tried.after, course.session.resource)
    const isPart = now?._tag === 'Active' && now.unwritten > 0 && pageOf(tried, course).length > 0
    return isPart ? [now.connection] : []
  })
  const found = effectsNamed(tried.effects, 'AwaitDrain').map(({ connection }) => connection)
  return wanted.join() === found.join()
    ? undefined
    : `awaited should be ${wanted.join() || 'nobody'}; awaited is ${found.join() || 'nobody'}`
}

/** What comes over a session's line is handed on once, and counted if the session counts. */
export const countingIsRight = (tried: Tried): string | undefined => {
  const { event, after, effects } = tried
  const wanted: Array<string> = []
  for (const { session, to, isMeant } of tried.courses) {
    const counts = event._tag === 'StanzaReceived' && isMeant
    if (counts) wanted.push(`${event.stanza} of ${session.resource}`)
    const now = typeof to === 'string' ? sessionOf(after, session.resource) : undefined
    if (now === undefined || !('inbound' in now)) continue
    const had = 'inbound' in session ? session.inbound.handled : 0
    const should = counts && session._tag === 'Active' ? (had + 1) % 2 ** 32 : had
    if (now.inbound.handled !== should)
      return `the h of ${now.resource} should be ${should} and is ${now.inbound.handled}`
  }
  const found = effectsNamed(effects, 'Deliver').map(({ stanza, resource }) => `${stanza} of ${resource}`)
  return wanted.join() === found.join()
    ? undefined
    : `handed on should be ${wanted.join() || 'nothing'}; it is ${found.join() || 'nothing'}`
}
