/** What becomes of the stanzas that an initiating session leaves, said without the reducer's words. */
import { type Effect, type Session, type StanzaFacts, toArray } from '@smacks/core'
import { expect } from 'vitest'
import type { Step } from './model.js'

/** How a stanza of ours ended, when its session did. */
export type OwnFate = 'back' | 'back, unreachable' | 'anew'

/** Checks each session of ours that ends in a step. Returns the fates that were seen. */
export const checkOwn = (step: Step): ReadonlyArray<OwnFate> =>
  step.before.sessions.filter(isOurs).flatMap(session => {
    const { resource } = session
    const end = step.effects.find(effect => effect._tag === 'EndSession' && effect.resource === resource)
    if (end?._tag !== 'EndSession') return []
    const submitted = step.event._tag === 'StanzaSubmitted' && step.event.resource === resource ? [step.event] : []
    const held = [...('outbound' in session ? toArray(session.outbound.unacked) : []), ...submitted]
    const seen = step.effects.flatMap(effect => fateIn(effect, resource))
    // What `<failed h=''/>` acks needs no fate.
    const left = held.slice(held.length - seen.length)
    const fates = left.map(({ facts }) => fateOf(step, session, end.reason, facts))
    const should = left.map(({ stanza }, index) => `${stanza}: ${fates[index]}`)
    expect([...seen].sort()).toEqual([...should].sort())
    return fates
  })

const isOurs = (session: Session<string>): boolean =>
  ['Connecting', 'Enabling', 'Resuming'].includes(session._tag) || ('role' in session && session.role === 'initiating')

const fateOf = ({ config }: Step, { _tag }: Session<string>, reason: string, facts: StanzaFacts): OwnFate => {
  if (reason.startsWith('remote-server-')) return 'back, unreachable'
  // Where no connection ever was, and where nothing will be any more, there is nothing to try anew.
  if (_tag === 'Connecting' || reason === 'stopped') return 'back'
  return config.s2sResend && facts.again !== true ? 'anew' : 'back'
}

const fateIn = (effect: Effect<string>, resource: string): ReadonlyArray<string> => {
  if (effect._tag !== 'ReturnToSender' && effect._tag !== 'Redeliver') return []
  if (effect.resource !== resource) return []
  const fate: OwnFate =
    effect._tag === 'Redeliver' ? 'anew' : effect.condition === undefined ? 'back' : 'back, unreachable'
  return [`${effect.stanza}: ${fate}`]
}
