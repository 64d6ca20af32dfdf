/** Every stanza of a recording, and what became of it; in one pass, and with little kept of each. */
import type { Instant } from '@smacks/core'
import { Following } from '../explain/following.js'
import type { Ending, Fate, StanzaIdentity } from '../explain/story.js'
import { createTeller, mayComeBack, type Teller } from '../explain/teller.js'
import { nameOf } from '../explain/words.js'
import type { Entry } from '../recording.js'
import { type AnyReplayed, isOfCore } from '../replay.js'

/** A stanza; those without an id that are alike in all else are one. */
export interface StanzaRow {
  readonly stanza: StanzaIdentity
  /** The first and the last entry that say anything of it. */
  readonly first: number
  readonly last: number
  /** When it came first. */
  readonly at: Instant
  /** How often it came from a peer, and how often that was void. */
  readonly received: number
  readonly refused: number
  /** What became of how many of its copies. */
  readonly fates: ReadonlyMap<Fate['how'], number>
}

export interface StanzaList {
  /** Takes the next entry, and the step that was made of it, if one was. */
  readonly take: (entry: Entry, step: AnyReplayed | undefined) => void
  /** All of them, in the order in which they came; what waits still is told as that. To be called at the end. */
  readonly rows: () => ReadonlyArray<StanzaRow>
}

interface Known {
  readonly stanza: StanzaIdentity
  readonly first: number
  readonly at: Instant
  last: number
  received: number
  refused: number
  /** Of copies that will not come back. */
  readonly ended: Map<Fate['how'], number>
  /** Of those that may. */
  open: ReadonlyArray<Ending>
}

export const createStanzaList = (): StanzaList => {
  const known = new Map<string, Known>()
  const busy = new Map<string, Teller>()
  let seq = 0

  const following = new Following({
    isIt: () => true,
    tellerOf: (key, stanza, { at }) => {
      const one: Known = known.get(key) ?? { ...nothing, stanza, first: seq, at, ended: new Map() }
      known.set(key, one)
      one.last = seq
      const teller = createTeller(stanza, { isQuiet: true, endings: one.open })
      one.open = []
      busy.set(key, teller)
      return teller
    },
    onIdle: (key, teller) => {
      const one = known.get(key)
      if (one === undefined || !busy.delete(key)) return
      const { endings, received, refused } = teller.told()
      one.last = seq
      one.received += received
      one.refused += refused
      one.open = endings.filter(mayComeBack)
      for (const { how } of endings.filter(ending => !mayComeBack(ending))) count(one.ended, how)
    },
  })

  return {
    take: (entry, step) => {
      seq = entry.seq
      if (entry._tag === 'State') following.state(entry)
      if (step !== undefined && isOfCore(step)) following.take(step)
    },
    rows: () => {
      following.end()
      return [...known].map(([key, one]) => rowOf(one, busy.get(key), seq))
    },
  }
}

const nothing = { last: 0, received: 0, refused: 0, open: [] }

const rowOf = ({ stanza, first, at, ...one }: Known, teller: Teller | undefined, seq: number): StanzaRow => {
  const told = teller?.told()
  const fates = new Map(one.ended)
  for (const { how } of [...one.open, ...(told?.endings ?? [])]) count(fates, how)
  for (const _ of told?.waiting ?? []) count(fates, 'waiting')
  return {
    stanza,
    first,
    last: told === undefined ? one.last : seq,
    at,
    received: one.received + (told?.received ?? 0),
    refused: one.refused + (told?.refused ?? 0),
    fates,
  }
}

const count = (fates: Map<Fate['how'], number>, how: Fate['how']): void => {
  fates.set(how, (fates.get(how) ?? 0) + 1)
}

const words: Readonly<Record<Fate['how'], string>> = {
  acked: 'acked',
  discarded: 'dropped',
  returned: 'returned to its sender',
  rerouted: 'routed anew',
  stored: 'stored offline',
  superseded: 'superseded',
  unknown: 'unknown',
  unmanaged: 'written without stream management',
  unsent: 'given back, never sent',
  waiting: 'still waiting',
}

/** What became of it, in a few words. */
export const describeFates = ({
  fates,
  received,
  refused,
}: Pick<StanzaRow, 'fates' | 'received' | 'refused'>): string => {
  if (fates.size > 0)
    return [...fates].map(([how, times]) => (times === 1 ? words[how] : `${words[how]} (${times})`)).join(', ')
  return received > 0 && received === refused ? 'never accepted' : 'given to the application'
}

/** The stanza's own words for itself, such as "message m1 (chat)". */
export const describeIdentity = (stanza: StanzaIdentity): string => nameOf(stanza)
