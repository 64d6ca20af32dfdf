/** What a step means for a copy that waits for its ack. */
import type { Json } from '@smacks/codec'
import {
  type Active,
  advance,
  type Config,
  type ConnectionId,
  type Counter,
  type EndReason,
  type Event,
  indexOf,
  type Outbound,
  positionAt,
  type Resource,
  type Session,
  sessionOf,
} from '@smacks/core'
import type { ReplayedStep } from '../replay.js'
import { smIdOf } from '../sm-id.js'
import { tellAsked } from './asked.js'
import { type Leaving, tellDisposition, tellEnd, tellOwnDisposition } from './disposition.js'
import { endedIn } from './found.js'
import * as rules from './rules.js'
import type { Ending, Telling, Waiting } from './story.js'
import { fullJid } from './words.js'

export interface WaitingTold {
  readonly tellings: ReadonlyArray<Telling>
  /** If it waits on. */
  readonly waiting?: Waiting
  /** If it does not. */
  readonly ending?: Ending['how']
}

/** `taken` are the effects that other copies of the stanza in this session have been settled with. */
export const tellWaiting = (step: ReplayedStep, waiting: Waiting, config: Config, taken: Set<unknown>): WaitingTold => {
  const { resource } = waiting
  if (waiting.isEnded) return tellSettled(step, waiting, config, taken)
  const was = sessionOf(step.before, resource)
  const now = sessionOf(step.after, resource)
  const reason = endReasonOf(step, resource)
  if (reason !== undefined && was !== undefined) return settled({ step, waiting, was, reason, config, taken })
  if (now === undefined || was === undefined || now === was) return unchanged(step, waiting, config)
  if (now._tag === 'Unmanaged')
    return {
      tellings: [{ text: unmanagedText(step, was, waiting, now.connection), rule: rules.isNotKept }],
      ending: 'unmanaged',
    }
  const number = numberOf(now.outbound, waiting)
  if (number !== undefined) return goesOn(step, was, now, { ...waiting, number }, config)
  return step.event._tag === 'StanzaSubmitted'
    ? { tellings: [tellSuperseded(waiting)], ending: 'superseded' }
    : { tellings: [tellAcked(step, waiting)], ending: acks.has(step.event._tag) ? 'acked' : 'unknown' }
}

/** What takes stanzas out of a queue because their peer has them; nothing else says so. */
const acks: ReadonlySet<Event<Json>['_tag']> = new Set([
  'AckReceived',
  'FailedReceived',
  'ResumeReceived',
  'ResumedReceived',
])

const unmanagedText = (
  { event }: ReplayedStep,
  was: Session<Json>,
  { account, resource }: Waiting,
  connection: ConnectionId,
): string => {
  if (was._tag === 'Negotiating' && event._tag === 'FailedReceived')
    return `the peer refused stream management: it was written to ${connection}, and nobody will ack it`
  return was._tag === 'Connecting' || was._tag === 'Negotiating'
    ? `${fullJid(account, resource)} was connected: it was written to ${connection}, without stream management`
    : 'the peer refused stream management: nobody will ack it'
}

const endReasonOf = ({ effects }: ReplayedStep, resource: Resource): EndReason | undefined => {
  for (const effect of effects) if (effect._tag === 'EndSession' && effect.resource === resource) return effect.reason
  return undefined
}

/** No disposition means that the last word of the peer covered it, or that it was in storage and the recording has not what was there. */
const settled = (leaving: Leaving): WaitingTold => {
  const disposition = tellDisposition(leaving)
  if (disposition !== undefined) return disposition
  const { step, waiting } = leaving
  if (endedIn(step.after, waiting) !== undefined)
    return { tellings: [tellEnd(leaving)], waiting: { ...waiting, isEnded: true } }
  if (step.event._tag === 'FailedReceived') return { tellings: [tellAcked(step, waiting)], ending: 'acked' }
  const text = `the session of ${fullJid(waiting.account, waiting.resource)} ended while it waited; what became of it is unknown from here on`
  return { tellings: [{ text, rule: rules.isNotTold }], ending: 'unknown' }
}

/** What an ended session left in storage gets its disposition in a later step. */
const tellSettled = (step: ReplayedStep, waiting: Waiting, config: Config, taken: Set<unknown>): WaitingTold => {
  const ended = endedIn(step.before, waiting)
  if (ended === undefined || endedIn(step.after, waiting) !== undefined) return { tellings: [], waiting }
  const { session: was, reason, isLast } = ended
  const disposition = tellOwnDisposition({ step, waiting, was, reason, config, taken }, isLast)
  if (disposition !== undefined) return disposition
  const text = 'it was settled; what became of it is unknown, since what was in storage is not told'
  return { tellings: [{ text, rule: rules.isNotTold }], ending: 'unknown' }
}

/** What acks it, if it is in the queue. */
const numberOf = (outbound: Outbound<Json>, { position }: Waiting): Counter | undefined => {
  const index = indexOf(outbound, position)
  return index < outbound.unacked.length && positionAt(outbound, index) === position
    ? advance(outbound.acked, index + 1)
    : undefined
}

const tellSuperseded = ({ account, resource }: Waiting): Telling => ({
  text: `a later presence of its sender came for ${fullJid(account, resource)} before it was ever written; that stands for both`,
  rule: rules.supersedes,
})

const tellAcked = ({ event }: ReplayedStep, { account, resource, number }: Waiting): Telling => {
  const who = fullJid(account, resource)
  switch (event._tag) {
    case 'AckReceived':
      return {
        text: `${who} acked it: <a h='${event.h}'/> on ${event.connection} covers number ${number}`,
        rule: rules.acks,
      }
    case 'ResumeReceived':
      return {
        text: `${who} acked it while resuming on ${event.connection}: <resume h='${event.h}'/> covers number ${number}`,
        rule: rules.acksByResume,
      }
    case 'ResumedReceived':
      return {
        text: `the peer of ${who} acked it: <resumed h='${event.h}'/> on ${event.connection} covers number ${number}`,
        rule: rules.acksByResume,
      }
    case 'FailedReceived':
      return {
        text: `the peer of ${who} did not resume the session, but acked it: <failed h='${event.h ?? 0}'/> covers number ${number}`,
        rule: rules.acksByFailed,
      }
    default:
      return { text: `${who} does not wait for its ack any more` }
  }
}

type Keeping = Exclude<Session<Json>, { readonly _tag: 'Unmanaged' }>

const goesOn = (
  step: ReplayedStep,
  was: Session<Json>,
  now: Keeping,
  waiting: Waiting,
  config: Config,
): WaitingTold => {
  if (was._tag === 'Connecting' && now._tag === 'Enabling') {
    const text = `${fullJid(waiting.account, waiting.resource)} was connected: it was written to ${now.connection} behind <enable/>`
    return { tellings: [{ text, rule: rules.sendsBehindEnable }], waiting: { ...waiting, writes: waiting.writes + 1 } }
  }
  if (now._tag === 'Negotiating' && was._tag !== 'Negotiating')
    return { tellings: [{ text: `<enable/> was sent on ${now.connection} while it waited` }], waiting }
  if (now._tag === 'Connecting' && was._tag === 'Negotiating')
    return { tellings: [{ text: `${was.connection} ended before the peer answered; it waits for another` }], waiting }
  if (now._tag === 'Active' && was._tag === 'Negotiating') {
    const text = `the peer enabled stream management: it was written to ${now.connection}`
    const written = { ...waiting, writes: waiting.writes + 1 }
    return asked(step, now, written, config, [{ text, rule: rules.sendsAfterEnabled }])
  }
  if (now._tag === 'Active' && (was._tag !== 'Active' || was.connection !== now.connection))
    return was._tag === 'Enabling' ? asked(step, now, waiting, config, []) : resent(step, was, now, waiting, config)
  if (now._tag === 'Hibernating' && was._tag !== 'Hibernating') return dropped(step, was, now, waiting, config)
  if (now._tag === 'Resuming' && was._tag !== 'Resuming')
    return { tellings: [{ text: `resumption was requested on ${now.connection} while it waited` }], waiting }
  return now._tag === 'Active' ? onActive(step, was, now, waiting, config) : { tellings: [], waiting }
}

const resent = (
  step: ReplayedStep,
  was: Session<Json>,
  now: Active<Json>,
  waiting: Waiting,
  config: Config,
): WaitingTold => {
  const { event } = step
  const h = event._tag === 'ResumeReceived' || event._tag === 'ResumedReceived' ? event.h : 0
  const element = event._tag === 'ResumedReceived' ? 'resumed' : 'resume'
  const late = now.role === 'receiving' && waiting.facts.name !== 'iq' && waiting.facts.delayed !== true
  const isWritten = isWrittenTo(now, waiting)
  const what = isWritten
    ? `it was ${writtenAgain(waiting)} to ${now.connection}${late ? ', with a <delay/> of when it was submitted' : ''}`
    : `it waits for ${now.connection} to take what is before it`
  const text = `${fullJid(waiting.account, waiting.resource)} resumed on ${now.connection} with <${element} h='${h}'/>, which does not cover number ${waiting.number}: ${what}`
  const rule = was._tag === 'Active' ? `${rules.resends}; ${rules.takesOver}` : rules.resends
  return asked(step, now, isWritten ? { ...waiting, writes: waiting.writes + 1 } : waiting, config, [{ text, rule }])
}

const dropped = (
  step: ReplayedStep,
  was: Session<Json>,
  now: Extract<Keeping, { readonly _tag: 'Hibernating' }>,
  waiting: Waiting,
  config: Config,
): WaitingTold => {
  const { event } = step
  const who = fullJid(waiting.account, waiting.resource)
  const connection = 'connection' in was ? was.connection : 'the line'
  if (was._tag === 'Resuming')
    return {
      tellings: [{ text: `${connection} ended before the peer resumed; ${who} waits on, and it with it` }],
      waiting,
    }
  const seconds = now.resumption.seconds
  const unanswered = event._tag === 'TimerFired' || event._tag === 'ConnectionSilent'
  return {
    tellings: [
      {
        text: unanswered
          ? `${connection} did not answer while it waited; ${who} hibernates`
          : `${connection} dropped while it waited; ${who} hibernates`,
        rule: unanswered ? rules.hibernatesUnanswered(config, seconds) : rules.hibernates(config, seconds),
      },
    ],
    waiting,
  }
}

const writtenAgain = ({ writes }: Waiting): string => (writes > 0 ? 'written again' : 'written for the first time')

/** In a later page of what is sent again. */
const onPage = (step: ReplayedStep, now: Active<Json>, waiting: Waiting, config: Config): WaitingTold => {
  const text = `${now.connection} took what was before it: it was ${writtenAgain(waiting)} to ${now.connection}`
  return asked(step, now, { ...waiting, writes: waiting.writes + 1 }, config, [{ text, rule: rules.resends }])
}

const isWrittenTo = ({ outbound, unwritten }: Active<Json>, { position }: Waiting): boolean =>
  indexOf(outbound, position) < outbound.unacked.length - unwritten

const onActive = (
  step: ReplayedStep,
  was: Session<Json>,
  now: Active<Json>,
  waiting: Waiting,
  config: Config,
): WaitingTold => {
  const { event } = step
  if (was._tag === 'Active' && !isWrittenTo(was, waiting))
    return isWrittenTo(now, waiting) ? onPage(step, now, waiting, config) : { tellings: [], waiting }
  const isShort = event._tag === 'AckReceived' && waiting.shortOn !== now.connection
  const short: ReadonlyArray<Telling> = isShort
    ? [
        {
          text: `<a h='${event.h}'/> came on ${event.connection}, which does not cover number ${waiting.number}`,
          rule: rules.acks,
        },
      ]
    : []
  return asked(step, now, isShort ? { ...waiting, shortOn: now.connection } : waiting, config, [
    ...short,
    ...delayed(step, waiting, config),
  ])
}

const delayed = ({ effects }: ReplayedStep, { resource }: Waiting, config: Config): ReadonlyArray<Telling> =>
  effects.some(
    effect => effect._tag === 'Notify' && effect.resource === resource && effect.notice._tag === 'AckDelayed',
  )
    ? [
        {
          text: `the ack request is still unanswered; smacks-ack-delayed was told of ${resource}`,
          rule: rules.isDelayed(config),
        },
      ]
    : []

/** The first request on each connection is told. */
const asked = (
  step: ReplayedStep,
  now: Active<Json>,
  waiting: Waiting,
  config: Config,
  before: ReadonlyArray<Telling>,
): WaitingTold => {
  const request = waiting.askedOn === now.connection ? undefined : tellAsked(step, now, config)
  return request === undefined
    ? { tellings: before, waiting }
    : { tellings: [...before, request], waiting: { ...waiting, askedOn: now.connection } }
}

/** A resumption that was refused changes nothing, and says a lot. */
const unchanged = (step: ReplayedStep, waiting: Waiting, config: Config): WaitingTold => {
  const { event, before, effects } = step
  const session = sessionOf(before, waiting.resource)
  if (event._tag !== 'ResumeReceived' || session === undefined || smIdOf(session) !== event.previd)
    return { tellings: [], waiting }
  for (const effect of effects)
    if (effect._tag === 'SendNonza' && effect.nonza._tag === 'Failed')
      return {
        tellings: [
          {
            text: `the client of ${fullJid(waiting.account, waiting.resource)} tried to resume on ${event.connection} with <resume h='${event.h}'/> and was refused: ${effect.nonza.condition}`,
            rule: rules.isRefusedResumption(config, effect.nonza.condition),
          },
        ],
        waiting,
      }
  return { tellings: [], waiting }
}
