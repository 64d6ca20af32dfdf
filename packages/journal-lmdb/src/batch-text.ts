/**
 * A batch as the content of a record: all that can go wrong about it goes wrong here, before anything is written. First come
 * entries of sessions, then what is to be done in LMDB (`acts.ts`).
 */
import { type ByteString, deliveriesCodec, utf8Bytes } from '@smacks/codec'
import { type Account, isVacant, type Unacked } from '@smacks/core'
import {
  type AccountId,
  type BatchStores,
  type Change,
  ChangeRefused,
  kindOf,
  type SessionChange,
} from '@smacks/runtime'
import { forgetLine, keepLine, otherLine, placedStanza, type StanzaPlace, snapshotLine } from './act-lines.js'
import type { Act, OtherChange } from './acts.js'
import { bytesOfChange, bytesOfRemoval, bytesOfText } from './disk-reservation.js'
import { type EntryLine, EntryLines, textOfLine } from './entry-lines.js'
import { checkAccount, checkText } from './keys.js'
import { named } from './naming.js'
import { endMark } from './row-lines.js'
import type { SessionCodecs } from './session-codecs.js'

export interface BatchText<A> {
  /** The record, as bytes. */
  readonly content: ByteString
  /** Accounts that need its row. */
  readonly needy: ReadonlyArray<AccountId>
  /** What is done in LMDB, in the batch's order. */
  readonly acts: ReadonlyArray<Act<A>>
  /** Bytes of all that is written into LMDB, at most, besides the upper pages of the trees. */
  readonly size: number
}

export interface BatchTextOptions<A> {
  readonly codecs: SessionCodecs<A>
  readonly others: Pick<BatchStores<A>, 'sizeOf'>
  /** False for what must not be written of sessions. */
  readonly isAllowed: (change: SessionChange<A>) => boolean
}

/** Throws a `ChangeRefused` if something cannot be written. */
export const batchText = <A>(options: BatchTextOptions<A>, changes: ReadonlyArray<Change<A>>): BatchText<A> => {
  const writer = new BatchWriter(options)
  for (const change of changes) {
    try {
      writer.write(change)
    } catch (cause) {
      throw named(change, cause)
    }
  }
  return writer.end()
}

/** Characters of a record. More would be near the longest string that there can be. */
const maxRecordCharacters = 256 * 1024 * 1024

class BatchWriter<A> {
  private readonly entries: EntryLines<A>
  private readonly acts: Array<Act<A>> = []
  private readonly actTexts: Array<(places: Places<A>) => string> = []
  private readonly actChanges: Array<Change<A>> = []
  private size = 0

  constructor(private readonly options: BatchTextOptions<A>) {
    this.entries = new EntryLines(options.codecs)
  }

  write(change: Change<A>): void {
    const { codecs, isAllowed } = this.options
    if (!isOfSessions(change)) return this.writeOther(change)
    if (!isAllowed(change)) return
    if (change._tag === 'EventLogged' || change._tag === 'Baseline') return this.entries.add(change)
    const { account } = change
    checkAccount(account)
    switch (change._tag) {
      case 'PutSnapshot': {
        // It takes the place of what was before it. More may follow, when several turns share a batch.
        this.entries.drop(account)
        const state = encodedState(codecs, change)
        const size = bytesOfText(state === undefined ? 0 : checkText(state, maxRecordCharacters).length)
        return this.add(change, { _tag: 'Snapshot', account, state }, size, () => snapshotLine(account, state))
      }
      case 'KeepUnacked': {
        const { resource, from, unacked } = change
        const texts = unacked.map(one => checkText(codecs.encodeUnacked(one)))
        const size = texts.reduce((sum, text) => sum + bytesOfText(text.length), 0)
        return this.add(change, { _tag: 'Keep', account, resource, from, texts }, size, places =>
          keepLine(
            account,
            resource,
            from,
            unacked.map((one, index) => placed(places.get(one.stanza), one) ?? texts[index] ?? ''),
          ),
        )
      }
      case 'ForgetKept': {
        const { resource, from, count } = change
        return this.add(change, { _tag: 'Forget', account, resource, from, count }, count * bytesOfRemoval, () =>
          forgetLine(account, resource, from, count),
        )
      }
    }
  }

  private writeOther(change: OtherChange<A>): void {
    const { codecs, others } = this.options
    // What it takes in LMDB tells that it can be written there.
    const size = others.sizeOf(change) - bytesOfChange
    const text = checkText(otherLine(codecs.payload, change), maxRecordCharacters)
    this.add(change, { _tag: 'Other', account: change.account, change }, size, () => text)
  }

  private add(change: Change<A>, act: Act<A>, size: number, text: (places: Places<A>) => string): void {
    this.acts.push(act)
    this.actTexts.push(text)
    this.actChanges.push(change)
    this.size += bytesOfChange + size
  }

  end(): BatchText<A> {
    const { acts, size } = this
    const lines = this.entries.all()
    const texts = lines.map(textOfLine)
    if (acts.length > 0) {
      const places = placesIn(lines)
      for (const text of this.actTexts) texts.push(text(places))
    }
    const stanzas = lines.map(line => line.stanzas.join(''))
    this.check(texts, stanzas)
    const behind = stanzas.join('')
    const content = utf8Bytes(texts.join('\n')) + (behind === '' ? '' : endMark + behind)
    return { content: content as ByteString, needy: lines.map(({ account }) => account), acts, size }
  }

  /** Without its longest line the record is one that can be written, or nearer to it. */
  private check(texts: ReadonlyArray<string>, stanzas: ReadonlyArray<string>): void {
    const lengths = texts.map((text, index) => text.length + 1 + (stanzas[index]?.length ?? 0))
    const characters = lengths.reduce((sum, length) => sum + length, 0)
    if (characters <= maxRecordCharacters) return
    const changes = [...this.entries.all().map(longestOf), ...this.actChanges]
    const longest = lengths.reduce((one, length, index) => (length > (lengths[one] ?? 0) ? index : one), 0)
    const change = changes[longest]
    if (change === undefined) return
    throw new ChangeRefused(
      change,
      `${change._tag} for ${change.account}: the batch has ${characters} characters, ${lengths[longest]} of them ` +
        `in this; at most ${maxRecordCharacters} characters are allowed in a batch`,
    )
  }
}

/** The entry of a line that has the longest stanza. */
const longestOf = <A>({ entries, stanzas }: EntryLine<A>): Change<A> | undefined =>
  entries[stanzas.reduce((one, stanza, index) => (stanza.length > (stanzas[one]?.length ?? 0) ? index : one), 0)] ??
  entries[0]

const isOfSessions = <A>(change: Change<A>): change is SessionChange<A> => kindOf(change) === 'sessions'

/** Of an account without sessions, and without any that are to be settled, there is nothing to know: its old sessions are kept elsewhere. */
const encodedState = <A>(
  codecs: SessionCodecs<A>,
  { state, config }: { readonly state: Account<A>; readonly config: Parameters<SessionCodecs<A>['encodeState']>[1] },
): string | undefined => (isVacant(state) ? undefined : codecs.encodeState(state, config))

/** Where stanzas stand that came with events of this batch: what is kept of them need not be written once more. */
type Places<A> = ReadonlyMap<A, Placed>

interface Placed {
  readonly facts: Unacked<unknown>['facts']
  readonly place: StanzaPlace
}

/** Lines are counted as they are read, each by itself. */
const placesIn = <A>(lines: ReadonlyArray<EntryLine<A>>): Places<A> => {
  const places = new Map<A, Placed>()
  const entries = lines.flatMap(line => line.entries)
  entries.forEach((change, line) => {
    if (change._tag !== 'EventLogged') return
    const { event } = change
    if (event._tag === 'StanzaSubmitted') places.set(event.stanza, { facts: event.facts, place: [line] })
    if (event._tag === 'MessageSubmitted')
      event.recipients.forEach(({ stanza, facts }, index) => {
        places.set(stanza, { facts, place: [line, 'recipients', index] })
      })
  })
  return places
}

const placed = <A>(found: Placed | undefined, { at, facts, others }: Unacked<A>): string | undefined =>
  found === undefined || found.facts !== facts
    ? undefined
    : placedStanza(at, found.place, others === undefined ? undefined : deliveriesCodec.encode(others))
