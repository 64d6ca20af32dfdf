/** An `<r/>` that leaves, and why. */
import type { Json } from '@smacks/codec'
import type { Active, Config } from '@smacks/core'
import type { ReplayedStep } from '../replay.js'
import * as rules from './rules.js'
import type { Telling } from './story.js'

/** What is told if the step requests an ack on the session's connection. */
export const tellAsked = (step: ReplayedStep, session: Active<Json>, config: Config): Telling | undefined => {
  const { connection } = session
  const isAsked = step.effects.some(
    effect => effect._tag === 'SendNonza' && effect.nonza._tag === 'Request' && effect.connection === connection,
  )
  return isAsked
    ? { text: `an ack was requested: <r/> on ${connection}`, rule: whyAsked(step, session, config) }
    : undefined
}

const whyAsked = ({ event }: ReplayedStep, session: Active<Json>, config: Config): string => {
  switch (event._tag) {
    case 'ClientActive':
      return rules.asksWhenAwake
    case 'ConnectionSilent':
      return rules.asksTheSilent(config)
    case 'ResumeReceived':
    case 'ResumedReceived':
      return rules.asksAfterResumption
    default:
      return rules.asks(config, session.client === 'inactive')
  }
}
