/**
 * The story of one stanza: all that a recording says of it, in any account, in order, with the rules that decided.
 */
import type { Json } from '@smacks/codec'
import { type Account, describeEvent, type Event, type StanzaFacts } from '@smacks/core'
import * as Either from '#fp-ts/Either'
import { canonicalJson } from '../fingerprint.js'
import { absolute, relativeTo } from '../moments.js'
import type { Entry, EventEntry, RecordingHeader } from '../recording.js'
import { type ReplayedStep, replay } from '../replay.js'
import { plain } from '../view.js'
import { findWaiting } from './found.js'
import { nearIds } from './near.js'
import { identityOfReceived } from './received.js'
import type { StanzaIdentity, Story, Waiting } from './story.js'
import { submittedIn } from './submitted.js'
import { createTeller, type Teller } from './teller.js'
import { verdictOf } from './verdict.js'

export interface ExplainOptions {
  /** Times count from the beginning of the recording. */
  readonly relative?: boolean
}

/**
 * Tells what became of the stanza with this id, or of the one that came with entry `#SEQ`. Stanzas between others that
 * have the same id, such as an answer, have stories of their own. `Left` says what there is instead.
 */
export const explain = (
  recording: { readonly header: RecordingHeader; readonly entries: ReadonlyArray<Entry> },
  asked: string,
  { relative = false }: ExplainOptions = {},
): Either.Either<string, ReadonlyArray<Story>> => {
  const byId = follow(recording, (facts): boolean => facts.id === asked)
  const clockface = relative ? relativeTo(recording.header.at) : absolute
  if (byId.tellers.length > 0) return Either.right(byId.tellers.map(teller => finish(teller, byId, clockface)))
  const seq = /^#([1-9]\d{0,15})$/.exec(asked)?.[1]
  if (seq === undefined) return Either.left(unknownId(asked, byId.ids))
  const entry = recording.entries.find(one => one.seq === Number(seq))
  const stanza = entry === undefined ? undefined : stanzaOf(entry)
  if (stanza === undefined) return Either.left(noStanza(asked, entry, recording.entries))
  const followed = follow(recording, sameAs(stanza))
  return Either.right(
    followed.tellers
      .filter(teller => teller.told().passages.some(passage => passage.seq === Number(seq)))
      .map(teller => finish(teller, followed, clockface)),
  )
}

type IsIt = (facts: StanzaFacts, stanza: Json) => boolean

interface Followed {
  readonly tellers: ReadonlyArray<Teller>
  readonly accounts: ReadonlyMap<string, Account<Json>>
  /** All ids that the recording knows. */
  readonly ids: ReadonlySet<string>
}

/** One pass over all steps. */
const follow = (recording: Parameters<typeof explain>[0], isIt: IsIt): Followed => {
  const tellers = new Map<string, Teller>()
  const accounts = new Map<string, Account<Json>>()
  const ids = new Set<string>()
  const tellerOf = (stanza: StanzaIdentity): Teller => {
    const key = canonicalJson(plain(stanza))
    const teller = tellers.get(key) ?? createTeller(stanza)
    tellers.set(key, teller)
    return teller
  }
  for (const step of replay(recording)) {
    const { account } = step.entry
    accounts.set(account, step.after)
    const concerned = concernedIn(step, isIt, ids)
    const subject = concerned === undefined ? undefined : tellerOf(concerned)
    if (step.stated !== undefined) {
      const found = findWaiting(account, step.before, isIt)
      for (const { facts } of found) tellerOf(identityOf(facts))
      for (const teller of tellers.values())
        teller.find(
          step,
          found.filter(copy => isOf(copy, teller)),
        )
    }
    for (const teller of tellers.values()) teller.take(step, teller === subject)
  }
  return { tellers: [...tellers.values()], accounts, ids }
}

const concernedIn = (step: ReplayedStep, isIt: IsIt, ids: Set<string>): StanzaIdentity | undefined => {
  const { event } = step
  const asked = stanzasIn(event)
  for (const { facts } of asked) if (facts.id !== undefined) ids.add(facts.id)
  const found = asked.find(({ facts, stanza }) => isIt(facts, stanza))
  if (found === undefined) return undefined
  return event._tag === 'StanzaReceived' ? identityOfReceived(step) : identityOf(found.facts)
}

const identityOf = ({ name, type, id, from, to }: StanzaFacts): StanzaIdentity => ({
  name,
  type,
  ...(id === undefined ? {} : { id }),
  ...(from === undefined ? {} : { from }),
  ...(to === undefined ? {} : { to }),
})

const isOf = ({ facts }: Waiting, { stanza }: Teller): boolean =>
  canonicalJson(plain(identityOf(facts))) === canonicalJson(plain(stanza))

const finish = (teller: Teller, { accounts }: Followed, clockface: (at: number) => string): Story => ({
  stanza: teller.stanza,
  passages: teller.told().passages,
  verdict: verdictOf(teller.told(), account => accounts.get(account), clockface),
})

// What was asked for

interface AskedStanza {
  readonly facts: StanzaFacts
  readonly stanza: Json
}

const stanzaOf = (entry: Entry): AskedStanza | undefined =>
  entry._tag === 'Event' ? stanzasIn(entry.event)[0] : undefined

const stanzasIn = (event: Event<Json>): ReadonlyArray<AskedStanza> => {
  if (event._tag !== 'StanzaReceived') return submittedIn(event)
  return event.facts === undefined ? [] : [{ facts: event.facts, stanza: event.stanza }]
}

/** One without an id is known again only where all of it is the same. */
const sameAs = ({ facts, stanza }: AskedStanza): IsIt => {
  if (facts.id !== undefined) return other => other.id === facts.id
  const whole = canonicalJson([plain(facts), stanza])
  return (other, payload) => canonicalJson([plain(other), payload]) === whole
}

const unknownId = (asked: string, ids: ReadonlySet<string>): string => {
  const near = nearIds(asked, ids)
  const known = near.length > 0 ? `; near it are ${near.map(id => JSON.stringify(id)).join(', ')}` : ''
  return `no stanza in this recording has the id ${JSON.stringify(asked)}${known} (${ids.size} ids are known)`
}

const noStanza = (asked: string, entry: Entry | undefined, entries: ReadonlyArray<Entry>): string => {
  if (entry === undefined) return `there is no entry ${asked}: the recording has ${entries.length}`
  const near = entries
    .filter((one): one is EventEntry => stanzaOf(one) !== undefined)
    .map(({ seq }) => seq)
    .sort((one, other) => Math.abs(one - entry.seq) - Math.abs(other - entry.seq))
    .slice(0, 4)
  const what = entry._tag === 'Event' ? JSON.stringify(describeEvent(entry.event)) : 'the state of an account'
  return `entry ${asked} is ${what}, and no stanza${near.length > 0 ? `; stanzas near it are ${near.map(seq => `#${seq}`).join(', ')}` : ''}`
}
