/**
 * The onlooker saw everything at both ends: it knows which stanza reached whom, and so whether what the core says and
 * does is true.
 */
import { type Effect, type Event, sessionOf } from '@smacks/core'
import { type Made, queueOf, resumptionOf, submittedIn } from './laws/made.js'
import { type Draft, leave, put } from './lines.js'
import { type Ledger, placeOf, type Side, type Stream, streamOf } from './state.js'

const counterModulus = 2 ** 32

/** Notes what a step did, and says what is untrue in it. */
export const watch = (draft: Draft, side: Side, made: Made): string | undefined => {
  const { event, effects } = made
  begin(draft, side, made)
  if (event._tag === 'AckReceived' && draft[side].asked === event.connection)
    draft[side] = { ...draft[side], asked: undefined }
  let broken = watchShared(draft, made)
  for (const effect of effects) broken ??= watchEffect(draft, side, effect, made)
  for (const { resource, stanza } of submittedIn(event))
    if (sessionOf(made.before, resource)?._tag === 'Unmanaged') mark(draft, stanza, 'u')
  if (event._tag === 'SessionBound' || event._tag === 'FailedReceived') giveUpCounting(draft, made)
  if ('h' in event) broken ??= watchAcks(draft, made)
  if (event._tag === 'StanzaSubmitted') broken ??= watchSuperseded(draft, made)
  return broken ?? untrueLine(draft, made)
}

/**
 * A message that both sessions were given, as `p` and as `d`, has one disposition: it is settled by the last that has it, unless
 * one of them acked it.
 */
const watchShared = (draft: Draft, { before, effects }: Made): string | undefined => {
  for (const session of before.sessions)
    for (const { stanza, others } of queueOf(session)) {
      if (others === undefined) continue
      const disposition = dispositionIn(effects, stanza)
      if (disposition === undefined) continue
      const twin = twinOf(draft, stanza)
      const both = [disposition, dispositionIn(effects, twin)].filter(one => one !== undefined)
      const stands = draft[streamOf(twin)].stands[placeOf(twin)]
      const settled = both.filter(({ _tag }) => _tag !== 'Discard').length
      // Of one that ended before, the disposition was to leave it to this one.
      const should = both.length === 2 || stands === 'f' ? 1 : 0
      // Where nobody counts, only the line tells whether it arrived.
      if (stands !== 'u' && settled !== should)
        return `${stanza}, which is ${twin} too, is settled ${settled} times, and ${should} are right`
    }
  return undefined
}

/** The same message as it goes to the other session: entered right behind it as `d`, or right before it as `p`. */
const twinOf = ({ order }: Draft, stanza: string): string => {
  const streams = [...order]
  const stream = streamOf(stanza)
  const places = streams.flatMap((one, index) => (one === stream ? [index] : []))
  const index = (places[placeOf(stanza)] ?? 0) + (stream === 'p' ? 1 : -1)
  const other = stream === 'p' ? 'd' : 'p'
  return `${other}${streams.slice(0, index + 1).filter(one => one === other).length}`
}

const dispositionIn = (effects: Made['effects'], stanza: string): Effect<string> | undefined =>
  effects.find(effect => 'stanza' in effect && effect.stanza === stanza && isDisposition(effect))

const isDisposition = ({ _tag }: Effect<string>): boolean =>
  _tag === 'StoreOffline' || _tag === 'ReturnToSender' || _tag === 'Redeliver' || _tag === 'Discard'

/** What waited for a connection was sent over one on which nobody counts. */
const giveUpCounting = (draft: Draft, { before, event }: Made): void => {
  const session = 'resource' in event ? sessionOf(before, event.resource) : undefined
  if (session?._tag !== 'Connecting' && session?._tag !== 'Negotiating') return
  for (const { stanza } of queueOf(session)) mark(draft, stanza, 'u')
}

/** Where a session starts to count, so does the onlooker. */
const begin = (draft: Draft, side: Side, { event, before }: Made): void => {
  const phase = 'resource' in event ? sessionOf(before, event.resource)?._tag : undefined
  const begins =
    (event._tag === 'EnableReceived' && phase === 'Unmanaged') ||
    (event._tag === 'EnabledReceived' && (phase === 'Enabling' || phase === 'Negotiating'))
  if (begins) draft[side] = { ...draft[side], counted: 0 }
}

const watchEffect = (draft: Draft, side: Side, effect: Effect<string>, made: Made): string | undefined => {
  switch (effect._tag) {
    case 'Deliver':
      return arrive(draft, side, effect.stanza, made)
    case 'SendStanza':
      return watchStanza(draft, side, effect)
    case 'SendNonza':
      return watchNonza(draft, side, effect, made)
    case 'CloseConnection':
      return watchEnd(draft, side, effect.connection, effect.error === undefined)
    case 'DropConnection':
      return watchEnd(draft, side, effect.connection, false)
    case 'StoreOffline':
    case 'ReturnToSender':
    case 'Redeliver':
    case 'Discard':
      return settle(draft, effect.stanza, made.event)
    case 'EndSession':
      return rememberCount(draft, side, effect, made)
    default:
      return undefined
  }
}

const watchStanza = (
  draft: Draft,
  side: Side,
  { connection, stanza }: Extract<Effect<string>, { readonly _tag: 'SendStanza' }>,
): string | undefined => {
  const stream = streamOf(stanza)
  if (draft[stream].on[placeOf(stanza)] === connection) return `${stanza} is written to ${connection} twice`
  const place = placeOf(stanza)
  draft[stream] = { ...draft[stream], on: draft[stream].on.map((on, index) => (index === place ? connection : on)) }
  return put(draft, side, connection, { _tag: 'Stanza', stanza })
    ? undefined
    : `${stanza} is sent on ${connection}, which is closed`
}

/** Only what was never written may give way to what comes. */
const watchSuperseded = (draft: Draft, { before, event, after }: Made): string | undefined => {
  if (event._tag !== 'StanzaSubmitted') return undefined
  const [was, now] = [sessionOf(before, event.resource), sessionOf(after, event.resource)]
  if (was === undefined || now === undefined || was._tag === 'Unmanaged') return undefined
  const left = new Set(queueOf(now).map(({ stanza }) => stanza))
  for (const { stanza } of queueOf(was)) {
    if (left.has(stanza)) continue
    mark(draft, stanza, 's')
    if (draft[streamOf(stanza)].on[placeOf(stanza)] !== undefined) return `${stanza} was written, and is superseded`
  }
  return undefined
}

/** What a session thinks of its line is true: how many of the newest it does not carry, and how many none ever did. */
const untrueLine = (draft: Draft, { after }: Made): string | undefined => {
  for (const session of after.sessions) {
    if (session._tag !== 'Active' && session._tag !== 'Hibernating' && session._tag !== 'Resuming') continue
    const queue = queueOf(session).map(({ stanza }) => draft[streamOf(stanza)].on[placeOf(stanza)])
    const unsent = queue.filter(on => on === undefined).length
    if (session.outbound.unsent.count !== unsent)
      return `${session.resource} thinks that ${session.outbound.unsent.count} were never written, and ${unsent} were not`
    if (session._tag !== 'Active') continue
    const unwritten = queue.filter(on => on !== session.connection).length
    if (session.unwritten !== unwritten)
      return `${session.resource} thinks that ${session.unwritten} are not written to its line, and ${unwritten} are not`
    if (queue.slice(0, queue.length - unwritten).some(on => on !== session.connection))
      return `${session.resource} has left something out on its line`
  }
  return undefined
}

/** Exactly once, in order, and nothing before it missing. */
const arrive = (draft: Draft, side: Side, stanza: string, made: Made): string | undefined => {
  const stream = streamOf(stanza)
  const place = placeOf(stanza)
  const { stands, arrived } = draft[stream]
  if (sessionOf(made.before, 'phone')?._tag === 'Active')
    draft[side] = { ...draft[side], counted: (draft[side].counted + 1) % counterModulus }
  draft[stream] = { ...draft[stream], arrived: replaced(arrived, place, '1') }
  if (arrived[place] === '1') return `${stanza} arrived twice`
  if (stands[place] === 'n') return `${stanza} was returned as not handled, and arrived`
  const missing = [...stands.slice(0, place)].findIndex((letter, index) => letter === 'q' && arrived[index] === '0')
  return missing < 0 ? undefined : `${stanza} arrived before ${stream}${missing + 1}`
}

const replaced = (letters: string, place: number, letter: string): string =>
  letters.slice(0, place) + letter + letters.slice(place + 1)

const mark = (draft: Draft, stanza: string, letter: string): void => {
  const stream = streamOf(stanza)
  draft[stream] = { ...draft[stream], stands: replaced(draft[stream].stands, placeOf(stanza), letter) }
}

type Sent = Extract<Effect<string>, { readonly _tag: 'SendNonza' }>

/** Every `h` that is told is the count of what was handled; one `<r/>` is outstanding. */
const watchNonza = (draft: Draft, side: Side, { connection, nonza }: Sent, made: Made): string | undefined => {
  const { event } = made
  const { counted, asked } = draft[side]
  if (!connection.startsWith('L')) return undefined
  if (!put(draft, side, connection, nonza)) return `<${nonza._tag}/> is said on ${connection}, which is closed`
  switch (nonza._tag) {
    case 'Ack':
    case 'Resume':
    case 'Resumed':
      return nonza.h === counted ? undefined : `h=${nonza.h} is told, but ${counted} were handled`
    case 'Failed': {
      const count = event._tag === 'ResumeReceived' ? countOf(draft, event.previd, made) : undefined
      return nonza.h === undefined || nonza.h === count
        ? undefined
        : `h=${nonza.h} is told of a session of which ${count} were handled`
    }
    case 'Request':
      draft[side] = { ...draft[side], asked: connection }
      return asked === connection ? `a second <r/> is said on ${connection} while one is unanswered` : undefined
    default:
      return undefined
  }
}

/** What was handled of a session, whether it stands or is over. */
const countOf = (draft: Draft, smId: string, { before }: Made): number | undefined => {
  const standing = before.sessions.find(session => resumptionOf(session)?.smId === smId)
  if (standing === undefined || !('inbound' in standing)) return draft.counts[smId]
  return standing.resource === 'phone' ? draft.server.counted : standing.inbound.handled
}

const watchEnd = (draft: Draft, side: Side, connection: string, isClean: boolean): string | undefined => {
  if (!put(draft, side, connection, { _tag: 'Close', isClean })) return `${connection} is closed twice`
  leave(draft, side, connection)
  return undefined
}

/** One end each. An `h` of a `<failed/>` says for certain what was not handled. */
const settle = (draft: Draft, stanza: string, event: Event<string>): string | undefined => {
  const stream = streamOf(stanza)
  const place = placeOf(stanza)
  const { stands, arrived } = draft[stream]
  const isCertain = event._tag === 'FailedReceived' && event.h !== undefined
  mark(draft, stanza, isCertain ? 'n' : 'f')
  if (stands[place] !== 'q') return `${stanza} has two ends`
  return isCertain && arrived[place] === '1' ? `${stanza} is returned as not handled, but it arrived` : undefined
}

const rememberCount = (
  draft: Draft,
  side: Side,
  { resource, reason }: Extract<Effect<string>, { readonly _tag: 'EndSession' }>,
  { before }: Made,
): undefined => {
  const session = sessionOf(before, resource)
  if (side === 'client' || session === undefined || !('resumption' in session) || !('inbound' in session))
    return undefined
  const smId =
    session._tag === 'Active'
      ? session.resumption._tag === 'Some'
        ? session.resumption.value.smId
        : undefined
      : session.resumption.smId
  // Only a session that was closed in form has nothing more to ask.
  const isKept = reason !== 'closed'
  if (smId !== undefined && isKept)
    draft.counts = { ...draft.counts, [smId]: resource === 'phone' ? draft.server.counted : session.inbound.handled }
  return undefined
}

/** What leaves a queue without a disposition was acked, so it must have arrived. */
const watchAcks = (draft: Draft, { before, after }: Made): string | undefined => {
  let broken: string | undefined
  for (const session of before.sessions) {
    if (queueOf(session).length === 0) continue
    const now = sessionOf(after, session.resource)
    const left = new Set((now === undefined ? [] : queueOf(now)).map(({ stanza }) => stanza))
    for (const { stanza } of queueOf(session))
      if (!left.has(stanza)) broken ??= acked(draft, session.resource, stanza, now?._tag === 'Unmanaged')
  }
  return broken
}

const acked = (draft: Draft, resource: string, stanza: string, isGivenUp: boolean): string | undefined => {
  const ledger: Ledger = draft[streamOf(stanza)]
  const place = placeOf(stanza)
  if (ledger.stands[place] !== 'q') return undefined
  mark(draft, stanza, isGivenUp ? 'u' : 'a')
  if (resource !== 'phone' || isGivenUp) return undefined
  return ledger.arrived[place] === '1' ? undefined : `${stanza} is taken for acked, but it never arrived`
}

/** A stanza is submitted: from now on the onlooker waits for its end. */
export const enter = (draft: Draft, stream: Stream): string => {
  const { stands, arrived, at, on } = draft[stream]
  draft[stream] = {
    stands: `${stands}q`,
    arrived: `${arrived}0`,
    at: [...at, draft.now + 1],
    on: [...on, undefined],
  }
  if (stream !== 'c') draft.order += stream
  return `${stream}${stands.length + 1}`
}
