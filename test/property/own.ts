/** What becomes of the stanzas that an initiating session leaves, said without the reducer's words. */
import { type Effect, type Session, type StanzaFacts, toArray } from '@smacks/core'
import { expect } from 'vitest'
import type { Step } from './model.js'
import { isOurs } from './program.js'

/** How a stanza of ours ended, when its session did. */
export type OwnDisposition = 'back' | 'back, unreachable' | 'anew' | 'given up'

/** Checks each session of ours that ends in a step. Returns the dispositions that were seen. */
export const checkOwn = (step: Step): ReadonlyArray<OwnDisposition> =>
  step.before.sessions.filter(isOurs).flatMap(session => {
    const { resource } = session
    const end = step.effects.find(effect => effect._tag === 'EndSession' && effect.resource === resource)
    if (end?._tag !== 'EndSession') return []
    const submitted = step.event._tag === 'StanzaSubmitted' && step.event.resource === resource ? [step.event] : []
    const held = [
      ...('outbound' in session ? toArray(session.outbound.unacked).filter(one => !isShared(one)) : []),
      ...submitted,
    ]
    const seen = step.effects.filter(effect => !isShared(effect)).flatMap(effect => dispositionIn(effect, resource))
    // What `<failed h=''/>` acks needs no disposition.
    const left = held.slice(held.length - seen.length)
    const dispositions = left.map(({ facts }) => dispositionOf(step, session, end.reason, facts))
    const should = left.map(({ stanza }, index) => `${stanza}: ${dispositions[index]}`)
    expect([...seen].sort()).toEqual([...should].sort())
    return dispositions
  })

/** What others were given too is judged with theirs. */
const isShared = (one: object): boolean => 'stanza' in one && String(one.stanza).startsWith('g')

const dispositionOf = (step: Step, session: Session<string>, reason: string, facts: StanzaFacts): OwnDisposition => {
  const disposition = dispositionOfMissed(step, session, reason, facts)
  const answers = 'outbound' in session ? (session.outbound.answered ?? []) : []
  const isAnswered = answers.some(
    ({ id, to, from }) => id === facts.id && to === facts.from && (from ?? facts.to) === facts.to,
  )
  if (facts.transient || (isAnswered && facts.name === 'iq')) return 'given up'
  return facts.neverReturned && disposition !== 'anew' ? 'given up' : disposition
}

const dispositionOfMissed = (
  { config }: Step,
  { _tag }: Session<string>,
  reason: string,
  facts: StanzaFacts,
): OwnDisposition => {
  if (reason.startsWith('remote-server-')) return 'back, unreachable'
  // Where no connection ever was, and where nothing will be any more, there is nothing to try anew.
  if (_tag === 'Connecting' || _tag === 'Negotiating' || reason === 'stopped') return 'back'
  return config.s2sResend && facts.again !== true ? 'anew' : 'back'
}

const dispositionIn = (effect: Effect<string>, resource: string): ReadonlyArray<string> => {
  if (effect._tag !== 'ReturnToSender' && effect._tag !== 'Redeliver' && effect._tag !== 'Discard') return []
  if (effect.resource !== resource) return []
  if (effect._tag === 'Discard') return [`${effect.stanza}: ${'given up' satisfies OwnDisposition}`]
  const disposition: OwnDisposition =
    effect._tag === 'Redeliver' ? 'anew' : effect.condition === undefined ? 'back' : 'back, unreachable'
  return [`${effect.stanza}: ${disposition}`]
}
