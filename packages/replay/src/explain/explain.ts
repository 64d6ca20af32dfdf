/**
 * The story of one stanza: all that a recording says of it, in any account, in order, with the rules that decided.
 */
import type { Json } from '@smacks/codec'
import { type Account, describeEvent, type Event, type StanzaFacts } from '@smacks/core'
import * as Either from '#fp-ts/Either'
import { canonicalJson } from '../fingerprint.js'
import { absolute, relativeTo } from '../moments.js'
import type { Entry, EventEntry, RecordingHeader, StateEntry } from '../recording.js'
import { createReplayer, isOfCore, type ReplayedStep } from '../replay.js'
import { plain } from '../view.js'
import { findWaiting } from './found.js'
import { nearIds } from './near.js'
import { identityOfReceived } from './received.js'
import type { Fate, StanzaIdentity, Story, Waiting } from './story.js'
import { submittedIn } from './submitted.js'
import { createTeller, type Stated, type Teller, type Told } from './teller.js'
import { type Receiver, verdictOf } from './verdict.js'

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
  if (seq === undefined) return Either.left(unknownId(asked, byId.ids, recording.header))
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
  const takeState = (stated: Stated): void => {
    const found = findWaiting(stated.entry.account, stated.before, isIt)
    for (const { facts } of found) tellerOf(identityOf(facts))
    for (const teller of tellers.values())
      teller.find(
        stated,
        found.filter(copy => isOf(copy, teller)),
      )
  }
  const replayer = createReplayer(recording.header)
  /** States that no step of their account came after yet. */
  const stated = new Map<string, StateEntry>()
  for (const entry of recording.entries) {
    if (entry._tag === 'State') stated.set(entry.account, entry)
    const step = replayer.take(entry)
    if (step === undefined || !isOfCore(step)) continue
    const { account } = step.entry
    stated.delete(account)
    accounts.set(account, step.after)
    const concerned = concernedIn(step, isIt, ids)
    const subject = concerned === undefined ? undefined : tellerOf(concerned)
    if (step.stated !== undefined) takeState(step)
    for (const teller of tellers.values()) teller.take(step, teller === subject)
  }
  for (const entry of stated.values()) {
    accounts.set(entry.account, entry.state)
    takeState({ entry, before: entry.state })
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
