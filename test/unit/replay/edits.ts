/** Recordings that somebody changed, and an independent judgement of where that shows first. */
import { accountCodec, effectCodec, type Json, jsonPayload } from '@smacks/codec'
import { type Account, type Config, type Effect, emptyAccount, freshOutbound, type Session, step } from '@smacks/core'
import { canonicalJson, type Entry, type EventEntry, type Recording } from '@smacks/replay'
import * as fc from 'fast-check'

export type EditKind = 'changed facts' | 'changed h' | 'dropped' | 'swapped'

export interface Edit {
  readonly kind: EditKind
  /** Chooses among the entries it can be done to. */
  readonly which: number
}

export const editArbitrary = (): fc.Arbitrary<Edit> =>
  fc.record({
    kind: fc.constantFrom<EditKind>('changed facts', 'changed h', 'dropped', 'swapped'),
    which: fc.nat(1_000),
  })

/** The entries after the edit, numbered anew; `undefined` if there is nothing it can be done to. */
export const edited = (entries: ReadonlyArray<Entry>, { kind, which }: Edit): ReadonlyArray<Entry> | undefined => {
  const places = entries.flatMap((_, index) => (isEditable(entries, index, kind) ? [index] : []))
  const place = places[which % Math.max(1, places.length)]
  return place === undefined ? undefined : numbered(withEdit(entries, place, kind))
}

const isEditable = (entries: ReadonlyArray<Entry>, index: number, kind: EditKind): boolean => {
  const entry = entries[index]
  if (entry?._tag !== 'Event') return false
  switch (kind) {
    case 'changed facts':
      return entry.event._tag === 'StanzaSubmitted'
    case 'changed h':
      return 'h' in entry.event
    case 'dropped':
      // What it superseded in the middle of a queue is there instead then, and outcomes tell the ends of queues.
      return !(entry.event._tag === 'StanzaSubmitted' && entry.event.facts.state === true)
    case 'swapped':
      return entries[index + 1]?._tag === 'Event'
  }
}

const withEdit = (entries: ReadonlyArray<Entry>, place: number, kind: EditKind): ReadonlyArray<Entry> => {
  switch (kind) {
    case 'dropped':
      return entries.filter((_, index) => index !== place)
    case 'swapped':
      return entries.map(
        (entry, index) => entries[index === place ? place + 1 : index === place + 1 ? place : index] ?? entry,
      )
    case 'changed facts':
    case 'changed h':
      return entries.map((entry, index) => (index === place && entry._tag === 'Event' ? withOtherEvent(entry) : entry))
  }
}

const withOtherEvent = (entry: EventEntry): EventEntry => {
  const { event } = entry
  if (event._tag === 'StanzaSubmitted')
    return {
      ...entry,
      event: { ...event, facts: { ...event.facts, type: event.facts.type === 'chat' ? 'headline' : 'chat' } },
    }
  return 'h' in event ? { ...entry, event: { ...event, h: ((event.h ?? 0) + 1) % 2 ** 32 } } : entry
}

const numbered = (entries: ReadonlyArray<Entry>): ReadonlyArray<Entry> =>
  entries.map((entry, index) => ({ ...entry, seq: index + 1 }))

// The judgement

const accounts = accountCodec(jsonPayload)
const effectsCodec = effectCodec(jsonPayload)

/** What a step came to, with every queue in full. */
const fullOutcome = (before: Account<Json>, after: Account<Json>, effects: ReadonlyArray<Effect<Json>>): string => {
  const [was, is] = [sessionsOf(before), sessionsOf(after)]
  return canonicalJson({
    effects: effects.map(effect => effectsCodec.encode(effect)),
    changed: [...is].flatMap(([resource, text]) => (was.get(resource) === text ? [] : [text])),
    gone: [...was.keys()].filter(resource => !is.has(resource)),
    oldSessions:
      accountText({ ...before, sessions: [] }) === accountText({ ...after, sessions: [] })
        ? null
        : accountText({ ...after, sessions: [] }),
  })
}

/**
 * Without where in storage a queue lies: a presence that another one superseded before it was sent leaves nothing but a gap
 * there, which no outcome tells until something is read or written behind it.
 */
const sessionsOf = (account: Account<Json>): ReadonlyMap<string, string> =>
  new Map(
    account.sessions.map(session => [
      session.resource,
      accountText({ sessions: [unplaced(session)], oldSessions: [] }),
    ]),
  )

const unplaced = (session: Session<Json>): Session<Json> => {
  if (!('outbound' in session)) return session
  const { layout } = freshOutbound
  const unsent = { ...session.outbound.unsent, presences: [] }
  return { ...session, outbound: { ...session.outbound, layout, unsent } }
}

const accountText = (account: Account<Json>): string => canonicalJson(accounts.encode(account))

interface Folded {
  readonly outcome: string
  /** The state that was told is not the one that was left. */
  readonly contradicts: boolean
}

/** Each event of one account, by the entry it came from, with what it came to. */
const fold = (config: Config, entries: ReadonlyArray<Entry>): ReadonlyArray<readonly [EventEntry, Folded]> => {
  let [account, stated]: [Account<Json> | undefined, Account<Json> | undefined] = [undefined, undefined]
  return entries.flatMap((entry): ReadonlyArray<readonly [EventEntry, Folded]> => {
    if (entry._tag === 'State') stated = entry.state
    if (entry._tag !== 'Event') return []
    const contradicts = stated !== undefined && account !== undefined && accountText(stated) !== accountText(account)
    const before = stated ?? account ?? emptyAccount
    const [after, effects] = step(config)(before, entry.event)
    stated = undefined
    account = after.sessions.length === 0 ? undefined : after
    return [[entry, { outcome: fullOutcome(before, after, effects), contradicts }]]
  })
}

/** The number of the first entry that does not come to what it came to before the edit, for a recording of one account. */
export const firstToDiffer = (original: Recording, entries: ReadonlyArray<Entry>): number | undefined => {
  const { config } = original.header
  const came = new Map(fold(config, original.entries).map(([entry, { outcome }]) => [entry.outcome, outcome]))
  return fold(config, entries).find(([entry, now]) => now.contradicts || came.get(entry.outcome) !== now.outcome)?.[0]
    .seq
}
