/**
 * The story of one stanza: all that a recording says of it, in any account, in order, with the rules that decided.
 */
import type { Json } from '@smacks/codec'
import { type Account, describeEvent, type Event, type StanzaFacts } from '@smacks/core'
import * as Either from '#fp-ts/Either'
import { canonicalJson } from '../fingerprint.js'
import { absolute, relativeTo } from '../moments.js'
import type { Entry, RecordingHeader } from '../recording.js'
import { createReplayer, isOfCore, type Replayer } from '../replay.js'
import { plain } from '../view.js'
import { Following } from './following.js'
import { nearIds } from './near.js'
import type { Fate, StanzaIdentity, Story } from './story.js'
import { submittedIn } from './submitted.js'
import { createTeller, type Teller, type Told } from './teller.js'
import { type Receiver, verdictOf } from './verdict.js'

export interface ExplainOptions {
  /** Times count from the beginning of the recording. */
  readonly relative?: boolean
}

/** A recording, or a part of one; the replayer has taken what comes before it. */
export interface Explainable {
  readonly header: RecordingHeader
  /** Gone through more than once. */
  readonly entries: Iterable<Entry>
  readonly replayer?: Replayer
}

/**
 * Tells what became of the stanza with this id, or of the one that came with entry `#SEQ`. Stanzas between others that
 * have the same id, such as an answer, have stories of their own. `Left` says what there is instead.
 */
export const explain = (
  recording: Explainable,
  asked: string,
  { relative = false }: ExplainOptions = {},
): Either.Either<string, ReadonlyArray<Story>> => {
  const byId = follow(recording, (facts): boolean => facts.id === asked)
  const clockface = relative ? relativeTo(recording.header.at) : absolute
  if (byId.tellers.length > 0) return Either.right(byId.tellers.map(teller => finish(teller, byId, clockface)))
  const seq = /^#([1-9]\d{0,15})$/.exec(asked)?.[1]
  if (seq === undefined) return Either.left(unknownId(asked, byId.ids, recording.header))
  const entry = entryOf(recording.entries, Number(seq))
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
const follow = ({ header, entries, replayer = createReplayer(header) }: Explainable, isIt: IsIt): Followed => {
  const tellers = new Map<string, Teller>()
  const accounts = new Map<string, Account<Json>>()
  const ids = new Set<string>()
  const following = new Following({
    isIt,
    tellerOf: (key, stanza) => {
      const teller = tellers.get(key) ?? createTeller(stanza)
      tellers.set(key, teller)
      return teller
    },
  })
  const goOn = replayer.fork()
  for (const entry of entries) {
    if (entry._tag === 'State') following.state(entry)
    const step = goOn.take(entry)
    if (step === undefined || !isOfCore(step)) continue
    accounts.set(entry.account, step.after)
    for (const { facts } of stanzasIn(step.event)) if (facts.id !== undefined) ids.add(facts.id)
    following.take(step)
  }
  for (const { account, state } of following.end()) accounts.set(account, state)
  return { tellers: [...tellers.values()], accounts, ids }
}

const finish = (teller: Teller, { accounts }: Followed, clockface: (at: number) => string): Story => ({
  stanza: teller.stanza,
  passages: teller.told().passages,
  verdict: verdictOf(teller.told(), receiverOf(teller.stanza, accounts), account => accounts.get(account), clockface),
  fates: fatesOf(teller.told()),
})

/** A link to another server is not named like its accounts, so of those nothing is said. */
const receiverOf = ({ to }: StanzaIdentity, accounts: ReadonlyMap<string, unknown>): Receiver => {
  const account = to?.split('/', 1)[0]
  return account?.includes('@') === true && hasNoLinks(accounts)
    ? { account, isRecorded: accounts.has(account) }
    : { account: undefined, isRecorded: false }
}

const hasNoLinks = (accounts: ReadonlyMap<string, unknown>): boolean =>
  [...accounts.keys()].every(account => !/[<>]/.test(account))

const fatesOf = ({ endings, waiting }: Told): ReadonlyArray<Fate> => [
  ...endings,
  ...waiting.map(({ account, resource, writes }): Fate => ({ how: 'waiting', account, resource, writes })),
]

// What was asked for

const entryOf = (entries: Iterable<Entry>, seq: number): Entry | undefined => {
  for (const entry of entries) if (entry.seq === seq) return entry
  return undefined
}

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

const unknownId = (asked: string, ids: ReadonlySet<string>, { exported }: RecordingHeader): string => {
  const near = nearIds(asked, ids)
  const known = near.length > 0 ? `; near it are ${near.map(id => JSON.stringify(id)).join(', ')}` : ''
  const why = exported
    ? '; it was made from a journal, which has only what its sessions still need: it may have been acked, stored or returned before, or wait in storage'
    : ''
  return `no stanza in this recording has the id ${JSON.stringify(asked)}${known} (${ids.size} ids are known)${why}`
}

const noStanza = (asked: string, entry: Entry | undefined, entries: Iterable<Entry>): string => {
  let count = 0
  const seqs: Array<number> = []
  for (const one of entries) {
    count += 1
    if (stanzaOf(one) !== undefined) seqs.push(one.seq)
  }
  if (entry === undefined) return `there is no entry ${asked}: the recording has ${count}`
  const near = seqs.sort((one, other) => Math.abs(one - entry.seq) - Math.abs(other - entry.seq)).slice(0, 4)
  const what = entry._tag === 'Event' ? JSON.stringify(describeEvent(entry.event)) : 'the state of an account'
  return `entry ${asked} is ${what}, and no stanza${near.length > 0 ? `; stanzas near it are ${near.map(seq => `#${seq}`).join(', ')}` : ''}`
}
