/** The session ended while a copy waited in it. */
import type { Json } from '@smacks/codec'
import type { Config, Discard, Effect, EndReason, Redeliver, ReturnToSender, Session, StoreOffline } from '@smacks/core'
import type { ReplayedStep } from '../replay.js'
import * as rules from './rules.js'
import type { Ending, Telling, Waiting } from './story.js'
import { fullJid } from './words.js'

export interface DispositionTold {
  readonly tellings: ReadonlyArray<Telling>
  readonly ending: Ending['how']
}

export interface Leaving {
  readonly step: ReplayedStep
  readonly waiting: Waiting
  /** The session as it was last. */
  readonly was: Session<Json>
  readonly reason: EndReason
  readonly config: Config
  readonly taken: Set<unknown>
}

/** Each copy has one disposition; two copies of one stanza in one session have one each. `undefined` if it has none: it was acked. */
export const tellDisposition = (leaving: Leaving): DispositionTold | undefined => {
  const isLast = leaving.step.after.sessions.every(({ resource }) => resource === leaving.waiting.resource)
  const told = tellOwnDisposition(leaving, isLast)
  return told === undefined ? undefined : { ...told, tellings: [tellEnd(leaving), ...told.tellings] }
}

/** The same, where it was told already that the session ended. `isLast`: no other session was left then. */
export const tellOwnDisposition = (leaving: Leaving, isLast: boolean): DispositionTold | undefined => {
  const { step, waiting, taken } = leaving
  const disposition = step.effects.find(
    (effect): effect is Disposition => !taken.has(effect) && isDispositionOf(effect, waiting),
  )
  if (disposition === undefined) return undefined
  taken.add(disposition)
  const ending = isUnsent(leaving.was) ? 'unsent' : endingOf[disposition._tag]
  return { tellings: [tellOne(leaving, disposition, isLast)], ending }
}

/** No connection took anything of it. */
const isUnsent = ({ _tag }: Session<Json>): boolean => _tag === 'Connecting' || _tag === 'Negotiating'

type Disposition = Discard<Json> | Redeliver<Json> | ReturnToSender<Json> | StoreOffline<Json>

const isDispositionOf = (effect: Effect<Json>, { resource, facts, submittedAt }: Waiting): effect is Disposition => {
  switch (effect._tag) {
    case 'Discard':
      return effect.resource === resource && effect.facts === facts
    case 'Redeliver':
    case 'ReturnToSender':
    case 'StoreOffline':
      return effect.resource === resource && effect.facts === facts && effect.submittedAt === submittedAt
    default:
      return false
  }
}

const endingOf: Readonly<Record<Disposition['_tag'], Ending['how']>> = {
  Discard: 'discarded',
  Redeliver: 'rerouted',
  ReturnToSender: 'returned',
  StoreOffline: 'stored',
}

export const tellEnd = ({ step, waiting, was, reason, config }: Leaving): Telling => {
  const seconds = was._tag === 'Hibernating' || was._tag === 'Resuming' ? was.resumption.seconds : undefined
  return {
    text: `the session of ${fullJid(waiting.account, waiting.resource)} ended while it waited`,
    rule: rules.ends(config, reason, step.event, seconds),
  }
}

const tellOne = ({ waiting, was, reason, config }: Leaving, disposition: Disposition, isLast: boolean): Telling => {
  const initiating =
    isUnsent(was) || was._tag === 'Enabling' || was._tag === 'Resuming' || ('role' in was && was.role === 'initiating')
  switch (disposition._tag) {
    case 'StoreOffline':
      return { text: 'it was stored offline', rule: rules.stores(config, reason) }
    case 'ReturnToSender':
      return {
        text: initiating
          ? `it was given back to the application${disposition.condition === undefined ? '' : ` with ${disposition.condition}`}`
          : 'it was returned to its sender with recipient-unavailable',
        rule: initiating
          ? rules.returnsOwn(config, waiting.facts, reason, isUnsent(was))
          : rules.returns(config, waiting.facts, isLast),
      }
    case 'Redeliver':
      return { text: 'it was routed anew', rule: initiating ? rules.routesOwnAnew(config) : rules.routesAnew }
    case 'Discard':
      return { text: 'it was discarded', rule: rules.discards[disposition.reason] }
  }
}
