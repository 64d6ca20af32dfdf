/**
 * What a step came to, as it is recorded and compared: a fingerprint stands for each stanza and each record, so an outcome
 * takes the same space however long they are. Of the account it tells the sessions, and how much there is of all else: what
 * changed there is what its records say.
 */
import { Element, type Json, Stanza, toXml } from '@smacks/codec'
import type { ImEffect } from '../effect.js'
import type { ImAccount } from '../state.js'
import { fingerprint } from './fingerprint.js'
import type { StepOfIm } from './step.js'

/** A JSON object. */
export type View = { readonly [key: string]: Json }

export interface ImOutcome {
  readonly effects: ReadonlyArray<View>
  /** What of the account is another after it. */
  readonly changed: View
}

/** `xml` is what the text of stanzas is told by. */
export const outcomeOf = (
  { before, after, effects }: Pick<StepOfIm, 'after' | 'before' | 'effects'>,
  xml: (xml: string) => string,
): ImOutcome => ({ effects: effects.map(effect => effectView(effect, xml)), changed: changedIn(before, after, xml) })

const effectView = (effect: ImEffect, xml: (xml: string) => string): View =>
  // Words for the operator decide nothing.
  effect._tag === 'Log'
    ? { _tag: effect._tag, level: effect.level }
    : viewOf(effect._tag === 'PutRecord' ? { ...effect, text: inOrder(effect.text) } : effect, xml)

/** The same text for the same record: in which order its members were written decides nothing. */
const inOrder = (text: string): string => {
  try {
    return JSON.stringify(JSON.parse(text), (_, value: unknown) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
        : value,
    )
  } catch {
    // A service writes what it likes.
    return text
  }
}

const changedIn = (before: ImAccount, after: ImAccount, xml: (xml: string) => string): View => ({
  ...(before.roster === after.roster
    ? {}
    : {
        roster: {
          version: after.roster.version,
          contacts: after.roster.items.size,
          blocked: after.roster.blocked.size,
        },
      }),
  ...(before.sessions === after.sessions ? {} : { sessions: after.sessions.map(session => viewOf(session, xml)) }),
  ...(before.stale === after.stale ? {} : { stale: after.stale.byContact.size }),
  ...(before.isDeliveringStored === after.isDeliveringStored ? {} : { isDeliveringStored: after.isDeliveringStored }),
})

const viewOf = (value: object, xml: (xml: string) => string): View => {
  const view: Record<string, Json> = {}
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined) continue
    view[key] =
      (key === 'xml' || key === 'text') && typeof member === 'string' ? fingerprint(xml(member)) : plain(member, xml)
  }
  return view
}

const plain = (value: unknown, xml: (xml: string) => string): Json => {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value
  if (value instanceof Stanza) return fingerprint(xml(value.peekXml()))
  if (value instanceof Element) return fingerprint(xml(toXml(value)))
  if (value instanceof Set || Array.isArray(value)) return [...value].map(each => plain(each, xml))
  return typeof value === 'object' ? viewOf(value, xml) : null
}
