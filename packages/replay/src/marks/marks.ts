/** A step of a session as marks of a sequence diagram. */
import type { Json } from '@smacks/codec'
import {
  type Account,
  connectionOf,
  describeEndReason,
  describeEvent,
  type Effect,
  type Event,
  type Session,
  type StanzaFacts,
  sessionOf,
} from '@smacks/core'
import type { Mark, Reach } from '@smacks/diagram'
import type { ReplayedStep } from '../replay.js'
import { smIdOf } from '../sm-id.js'
import { enableText, nonzaText } from './nonza-text.js'

/** What is drawn, without where and when. */
type Drawn = Pick<Mark, 'stanza' | 'text' | 'tone' | 'way'> & { readonly resource: string }

/** The event first, then its effects, in their order. Most steps of timers and links have none. */
export const marksOf = (
  step: Pick<ReplayedStep, 'after' | 'before' | 'effects' | 'entry' | 'event'>,
): ReadonlyArray<Mark> => {
  const { seq, at, account } = step.entry
  const drawn = [...eventMarks(step), ...step.effects.flatMap(effect => effectMarks(step, effect))]
  return drawn.map(({ resource, ...mark }): Mark => {
    const session = sessionOf(step.after, resource)
    return { seq, at, lifeline: `${account}/${resource}`, ...mark, reach: reachOf(session) }
  })
}

const reachOf = (session: Session<Json> | undefined): Reach => {
  if (session === undefined) return 'over'
  return connectionOf(session) === undefined ? 'away' : 'connected'
}

// Events

const eventMarks = (step: Parameters<typeof marksOf>[0]): ReadonlyArray<Drawn> => {
  const { event } = step
  switch (event._tag) {
    case 'ResumeReceived': {
      const resource = onConnection(step.after, event.connection) ?? resourceOfSmId(step.before, event.previd)
      return [{ resource: resource ?? event.connection, way: 'in', text: `<resume h='${event.h}'/>`, tone: 'good' }]
    }
    case 'StanzaReceived': {
      const stanza = event.facts === undefined ? `#${step.entry.seq}` : nameOfStanza(step, event.facts)
      const text = event.facts === undefined ? 'a stanza' : stanzaText(event.facts)
      return [{ resource: event.resource, way: 'in', text, tone: 'stanza', stanza }]
    }
    case 'StanzaSubmitted':
      return isWritten(step) ? [] : [queued(step, event.resource, event.facts)]
    case 'MessageSubmitted':
      return event.recipients
        .filter(({ resource }) => !isWrittenTo(step, resource))
        .map(({ resource, facts }) => queued(step, resource, facts))
    default: {
      const told = eventText(event)
      return told === undefined || !('resource' in event) ? [] : [{ resource: event.resource, ...told }]
    }
  }
}

type Told = Pick<Mark, 'text' | 'tone' | 'way'>

const eventText = (event: Event<Json>): Told | undefined => {
  switch (event._tag) {
    case 'AckReceived':
      return { way: 'in', text: `<a h='${event.h}'/>`, tone: 'nonza' }
    case 'MalformedAckReceived':
      return { way: 'in', text: `<a/>: ${event.reason}`, tone: 'bad' }
    case 'RequestReceived':
      return { way: 'in', text: '<r/>', tone: 'nonza' }
    case 'EnableReceived':
      return { way: 'in', text: enableText(event.resume), tone: 'nonza' }
    case 'EnabledReceived':
      return { way: 'in', text: '<enabled/>', tone: 'nonza' }
    case 'ResumedReceived':
      return { way: 'in', text: `<resumed h='${event.h}'/>`, tone: 'good' }
    case 'FailedReceived':
      return { way: 'in', text: '<failed/>', tone: 'bad' }
    case 'StreamClosed':
      return { way: 'in', text: '</stream:stream>', tone: 'quiet' }
    case 'SessionBound':
      return { text: `bound on ${event.connection}`, tone: 'quiet' }
    case 'ConnectionLost':
      return { text: `cut: ${event.connection} is gone`, tone: 'bad' }
    case 'ConnectionSilent':
      return { text: `${event.connection} is silent`, tone: 'bad' }
    case 'ClientActive':
    case 'ClientInactive':
      return { way: 'in', text: event._tag === 'ClientActive' ? '<active/>' : '<inactive/>', tone: 'quiet' }
    case 'ConnectionFailed':
    case 'ConnectionWanted':
    case 'CloseRequested':
    case 'StreamRefused':
      return { text: describeEvent(event).replace(/^[^:]*: /, ''), tone: 'quiet' }
    default:
      return undefined
  }
}

const isWritten = ({ effects }: Pick<ReplayedStep, 'effects'>): boolean =>
  effects.some(({ _tag }) => _tag === 'SendStanza')

const isWrittenTo = (step: Parameters<typeof marksOf>[0], resource: string): boolean =>
  step.effects.some(effect => effect._tag === 'SendStanza' && holderOf(step, effect.connection) === resource)

const queued = (step: Parameters<typeof marksOf>[0], resource: string, facts: StanzaFacts): Drawn => ({
  resource,
  text: `queued: ${stanzaText(facts)}`,
  tone: 'quiet',
  stanza: nameOfStanza(step, facts),
})

// Effects

const effectMarks = (step: Parameters<typeof marksOf>[0], effect: Effect<Json>): ReadonlyArray<Drawn> => {
  switch (effect._tag) {
    case 'SendNonza': {
      const { text, tone } = nonzaText(effect.nonza)
      return [{ resource: holderOf(step, effect.connection), way: 'out', text, tone }]
    }
    case 'SendStanza': {
      const again = effect.delayedSince === undefined ? '' : 'again '
      return [
        {
          resource: holderOf(step, effect.connection),
          way: 'out',
          text: `${again}${stanzaText(effect.facts)}`,
          tone: again === '' ? 'stanza' : 'again',
          stanza: nameOfStanza(step, effect.facts),
        },
      ]
    }
    case 'CloseConnection': {
      const error = effect.error === undefined ? '' : `<stream:error>: ${effect.error.condition}, `
      const tone = error === '' ? 'quiet' : 'bad'
      return [{ resource: holderOf(step, effect.connection), way: 'out', text: `${error}</stream:stream>`, tone }]
    }
    case 'DropConnection':
      return [{ resource: holderOf(step, effect.connection), text: `${effect.connection} is dropped`, tone: 'quiet' }]
    case 'Notify':
      return noticeMarks(effect)
    case 'EndSession':
      return [{ resource: effect.resource, text: `over: ${describeEndReason(effect.reason)}`, tone: 'bad' }]
    default:
      return dispositionMarks(step, effect)
  }
}

const noticeMarks = ({
  resource,
  notice,
}: Extract<Effect<Json>, { readonly _tag: 'Notify' }>): ReadonlyArray<Drawn> => {
  switch (notice._tag) {
    case 'HibernationStarted': {
      const unacked = notice.unacked.length + (notice.inStorage ?? 0)
      return [{ resource, text: `hibernates, ${unacked} unacked`, tone: 'quiet' }]
    }
    case 'HibernationEnded':
      return notice.outcome === 'resumed' ? [{ resource, text: 'RESUMED', tone: 'good' }] : []
    case 'AckDelayed':
      return [{ resource, text: 'the ack is late', tone: 'bad' }]
    case 'HibernationStanzaQueued':
      return []
  }
}

const dispositions: Readonly<Record<string, string>> = {
  StoreOffline: 'stored offline',
  ReturnToSender: 'returned',
  Redeliver: 'routed anew',
  Discard: 'dropped',
}

const dispositionMarks = (step: Parameters<typeof marksOf>[0], effect: Effect<Json>): ReadonlyArray<Drawn> => {
  const told = dispositions[effect._tag]
  return told === undefined || !('facts' in effect) || !('resource' in effect)
    ? []
    : [
        {
          resource: effect.resource,
          text: `${told}: ${stanzaText(effect.facts)}`,
          tone: 'quiet',
          stanza: nameOfStanza(step, effect.facts),
        },
      ]
}

// Names

const stanzaText = ({ name, id, type }: StanzaFacts): string =>
  [name, ...(name === 'iq' ? [type] : []), ...(id === undefined ? [] : [id])].join(' ')

const nameOfStanza = ({ entry }: Pick<ReplayedStep, 'entry'>, { id }: StanzaFacts): string => id ?? `#${entry.seq}`

/** Whose connection it is, or was; its own name where nobody has it. */
const holderOf = ({ before, after, event }: Parameters<typeof marksOf>[0], connection: string): string =>
  onConnection(after, connection) ??
  onConnection(before, connection) ??
  (event._tag === 'ResumeReceived' ? resourceOfSmId(before, event.previd) : undefined) ??
  connection

const onConnection = (account: Account<Json>, connection: string): string | undefined =>
  account.sessions.find(session => connectionOf(session) === connection)?.resource

const resourceOfSmId = ({ sessions }: Account<Json>, previd: string): string | undefined =>
  sessions.find(session => smIdOf(session) === previd)?.resource
