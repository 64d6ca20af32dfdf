/** What becomes of the stanzas that an initiating session leaves, said without the reducer's words. */
import { type Effect, type Session, type StanzaFacts, toArray } from '@smacks/core'
import { expect } from 'vitest'
import type { Step } from './model.js'
import { isOurs } from './program.js'

/** How a stanza of ours ended, when its session did. */
export type OwnFate = 'back' | 'back, unreachable' | 'anew' | 'given up'

/** Checks each session of ours that ends in a step. Returns the fates that were seen. */
export const checkOwn = (step: Step): ReadonlyArray<OwnFate> =>
  step.before.sessions.filter(isOurs).flatMap(session => {
    const { resource } = session
    const end = step.effects.find(effect => effect._tag === 'EndSession' && effect.resource === resource)
    if (end?._tag !== 'EndSession') return []
    const submitted = step.event._tag === 'StanzaSubmitted' && step.event.resource === resource ? [step.event] : []
    const held = [
      ...('outbound' in session ? toArray(session.outbound.unacked).filter(one => !isShared(one)) : []),
      ...submitted,
    ]
    const seen = step.effects.filter(effect => !isShared(effect)).flatMap(effect => fateIn(effect, resource))
    // What `<failed h=''/>` acks needs no fate.
    const left = held.slice(held.length - seen.length)
    const fates = left.map(({ facts }) => fateOf(step, session, end.reason, facts))
    const should = left.map(({ stanza }, index) => `${stanza}: ${fates[index]}`)
    expect([...seen].sort()).toEqual([...should].sort())
    return fates
  })

/** What others were given too is judged with theirs. */
const isShared = (one: object): boolean => 'stanza' in one && String(one.stanza).startsWith('g')

const fateOf = (step: Step, session: Session<string>, reason: string, facts: StanzaFacts): OwnFate => {
  const fate = fateOfMissed(step, session, reason, facts)
  const answers = 'outbound' in session ? (session.outbound.answered ?? []) : []
  const isAnswered = answers.some(
    ({ id, to, from }) => id === facts.id && to === facts.from && (from ?? facts.to) === facts.to,
  )
  if (facts.transient || (isAnswered && facts.name === 'iq')) return 'given up'
  return facts.neverReturned && fate !== 'anew' ? 'given up' : fate
}

const fateOfMissed = ({ config }: Step, { _tag }: Session<string>, reason: string, facts: StanzaFacts): OwnFate => {
  if (reason.startsWith('remote-server-')) return 'back, unreachable'
  // Where no connection ever was, and where nothing will be any more, there is nothing to try anew.
  if (_tag === 'Connecting' || reason === 'stopped') return 'back'
  return config.s2sResend && facts.again !== true ? 'anew' : 'back'
}

const fateIn = (effect: Effect<string>, resource: string): ReadonlyArray<string> => {
  if (effect._tag !== 'ReturnToSender' && effect._tag !== 'Redeliver' && effect._tag !== 'Discard') return []
  if (effect.resource !== resource) return []
  if (effect._tag === 'Discard') return [`${effect.stanza}: ${'given up' satisfies OwnFate}`]
  const fate: OwnFate =
    effect._tag === 'Redeliver' ? 'anew' : effect.condition === undefined ? 'back' : 'back, unreachable'
  return [`${effect.stanza}: ${fate}`]
}
