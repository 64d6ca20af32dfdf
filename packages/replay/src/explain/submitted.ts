/** A stanza is submitted to a session: written, queued, or routed anew. */
import type { Json } from '@smacks/codec'
import {
  type Config,
  connectionOf,
  type Event,
  type Outbound,
  positionAt,
  type Session,
  type StanzaSubmitted,
  sentCount,
  sessionOf,
} from '@smacks/core'
import type { ReplayedStep } from '../replay.js'
import { tellAsked } from './asked.js'
import * as rules from './rules.js'
import type { Telling, Waiting } from './story.js'
import { fullJid, ordinal } from './words.js'

export interface SubmittedTold {
  readonly tellings: ReadonlyArray<Telling>
  /** If the session keeps it. */
  readonly waiting?: Waiting
  /** If nothing more will be heard of it from this session. */
  readonly ending?: 'discarded' | 'rerouted' | 'unmanaged'
  /** The session took it and ended at once: too much waits. */
  readonly isOver?: true
}

/** What an event submits: to one session, or a message to several. */
export const submittedIn = (event: Event<Json>): ReadonlyArray<StanzaSubmitted<Json>> => {
  if (event._tag === 'StanzaSubmitted') return [event]
  if (event._tag !== 'MessageSubmitted') return []
  const { at } = event
  return event.recipients.map(one => ({ _tag: 'StanzaSubmitted', at, ...one }))
}

export const tellSubmitted = (step: ReplayedStep, event: StanzaSubmitted<Json>, config: Config): SubmittedTold => {
  const { account } = step.entry
  const { resource, facts, at } = event
  const was = sessionOf(step.before, resource)
  const now = sessionOf(step.after, resource)
  const where = fullJid(account, resource)
  const submitted = `was ${facts.delayed === true ? 'submitted, with a <delay/>,' : 'submitted'} to ${where}`
  if (was === undefined && step.effects.every(({ _tag }) => _tag !== 'Redeliver'))
    return {
      tellings: [
        { text: `${submitted}, which has no session any more; others are given it`, rule: rules.othersHaveIt },
      ],
      ending: 'discarded',
    }
  if (was === undefined)
    return {
      tellings: [{ text: `${submitted}, which has no session any more, and is routed anew`, rule: rules.hasNoSession }],
      ending: 'rerouted',
    }
  if (was._tag === 'Unmanaged')
    return {
      tellings: [{ text: `${submitted} and written to ${was.connection}`, rule: rules.isNotKept }],
      ending: 'unmanaged',
    }
  const queued = queuedWith(was.outbound, now)
  const waiting: Waiting = {
    account,
    resource,
    facts,
    submittedAt: at,
    number: sentCount(queued),
    position: positionAt(queued, queued.unacked.length - 1),
    writes: step.effects.some(effect => effect._tag === 'SendStanza' && effect.connection === connectionOf(was))
      ? 1
      : 0,
  }
  if (now === undefined || now._tag === 'Unmanaged')
    return { tellings: [{ text: `${submitted}, where too much waits already` }], waiting, isOver: true }
  return keptBy(step, now, waiting, submitted, config)
}

/** The queue with the stanza as its last; where the session is over by now, as it was before that. */
const queuedWith = (outbound: Outbound<Json>, now: Session<Json> | undefined): Outbound<Json> =>
  now !== undefined && now._tag !== 'Unmanaged'
    ? now.outbound
    : { ...outbound, unacked: { ...outbound.unacked, length: outbound.unacked.length + 1 } }

type Keeping = Exclude<Session<Json>, { readonly _tag: 'Unmanaged' }>

const keptBy = (
  step: ReplayedStep,
  now: Keeping,
  waiting: Waiting,
  submitted: string,
  config: Config,
): SubmittedTold => {
  const { length } = now.outbound.unacked
  const place = `number ${waiting.number}, ${length === 1 ? 'the only one' : `the ${ordinal(length)} of ${length}`} unacked`
  switch (now._tag) {
    case 'Connecting':
      return {
        tellings: [
          { text: `${submitted}, which is not connected yet, and queued: ${place}`, rule: rules.waitsForConnection },
        ],
        waiting,
      }
    case 'Negotiating':
      return {
        tellings: [
          {
            text: `${submitted}, which awaits the answer to <enable/>, and queued: ${place}`,
            rule: rules.waitsForEnabled,
          },
        ],
        waiting,
      }
    case 'Hibernating':
      return {
        tellings: [{ text: `${submitted}, whose client is away, and queued: ${place}`, rule: rules.waitsForClient }],
        waiting,
      }
    case 'Resuming':
      return {
        tellings: [{ text: `${submitted}, which is resuming, and queued: ${place}`, rule: rules.waitsForResumed }],
        waiting,
      }
    case 'Enabling':
      return {
        tellings: [{ text: `${submitted}, queued as ${place}, and written to ${now.connection}`, rule: rules.isKept }],
        waiting,
      }
    case 'Active': {
      if (now.unwritten > 0)
        return {
          tellings: [
            { text: `${submitted} and queued behind what is to be sent again: ${place}`, rule: rules.waitsForPage },
          ],
          waiting,
        }
      const written = { text: `${submitted}, queued as ${place}, and written to ${now.connection}`, rule: rules.isKept }
      const asked = tellAsked(step, now, config)
      return asked === undefined
        ? { tellings: [written, { text: 'no ack was requested for it', rule: whyNotAsked(now, config) }], waiting }
        : { tellings: [written, asked], waiting: { ...waiting, askedOn: now.connection } }
    }
  }
}

const whyNotAsked = (session: Extract<Keeping, { readonly _tag: 'Active' }>, config: Config): string => {
  if (session.request.awaiting) return rules.isAskedAlready
  if (session.deadlines.ackHold !== undefined) return rules.isHeld(config)
  return rules.asksNotYet(config, session.client === 'inactive')
}
