/**
 * The entries of a batch as lines (`row-lines.ts`). An account's entry that differs from the one before it in nothing, or in
 * stanza and id alone, goes with its line: a busy batch has 25 of them in a row, and this makes a
 * message some fifth cheaper. The order of an account's entries is kept; that of different accounts means nothing.
 */
import type { ByteString } from '@smacks/codec'
import type { Event, Recipient } from '@smacks/core'
import type { AccountId, SessionChange } from '@smacks/runtime'
import { bytesToStandOutside, hasUsualFacts, quoted } from './event-text.js'
import { checkAccount, checkText } from './keys.js'
import { anotherMark, repeatMark } from './row-lines.js'
import type { SessionCodecs } from './session-codecs.js'

export type EntryChange<A> = Extract<SessionChange<A>, { readonly _tag: 'Baseline' | 'EventLogged' }>

/** The entries of an account that are written together. */
export interface EntryLine<A> {
  readonly account: AccountId
  readonly entries: Array<EntryChange<A>>
  text: string
  /** Those that stand behind the lines. */
  readonly stanzas: Array<ByteString>
  /** How often the same is there once more. */
  repeats: number
}

export class EntryLines<A> {
  private lines: Array<EntryLine<A>> = []
  private readonly newest = new Map<AccountId, EntryLine<A>>()

  constructor(private readonly codecs: Pick<SessionCodecs<A>, 'encodeEntry' | 'payload'>) {}

  /** Throws an `Error` if it cannot be written. */
  add(change: EntryChange<A>): void {
    const { account } = change
    const newest = this.newest.get(account)
    if (newest === undefined) checkAccount(account)
    else if (change._tag === 'EventLogged' && this.goesWith(newest, change.event)) {
      newest.entries.push(change)
      return
    }
    const stanzas: Array<ByteString> = []
    const text = checkText(this.codecs.encodeEntry(account, change, stanzas))
    for (const stanza of stanzas) checkText(stanza)
    const line = { account, entries: [change], text, stanzas, repeats: 0 }
    this.lines.push(line)
    this.newest.set(account, line)
  }

  /** What is known of the account so far is not written. */
  drop(account: AccountId): void {
    if (this.newest.delete(account)) this.lines = this.lines.filter(line => line.account !== account)
  }

  all(): ReadonlyArray<EntryLine<A>> {
    return this.lines
  }

  /** Adds the event to the line, if it is as what the line begins with. */
  private goesWith(line: EntryLine<A>, event: Event<A>): boolean {
    const [first] = line.entries
    if (first?._tag !== 'EventLogged' || first.event.at !== event.at) return false
    if (event._tag === 'StanzaReceived') {
      if (!isSameArrival(first.event, event)) return false
      line.repeats += 1
      return true
    }
    const recipient = soleRecipient(event)
    return recipient !== undefined && first.event._tag === event._tag && this.isAnother(line, first.event, recipient)
  }

  /** Adds the stanza to the line, if all but itself, its length and its id is as in the first of the line. */
  private isAnother(line: EntryLine<A>, first: Event<A>, recipient: Recipient<A>): boolean {
    const { stanza, facts, size } = recipient
    const before = soleRecipient(first)
    // A line of one recipient has its stanza outside, or nothing.
    if (before === undefined || line.stanzas.length === 0 || !isAlike(before, recipient)) return false
    const bytes = bytesToStandOutside(this.codecs.payload, stanza)
    if (bytes === undefined || facts.id === undefined) return false
    if (size !== undefined && (size !== bytes.length || before.size !== line.stanzas[0]?.length)) return false
    line.stanzas.push(checkText(bytes) as ByteString)
    line.text += `\n${anotherMark}${bytes.length}${quoted(facts.id)}`
    return true
  }
}

/** As it is written. */
export const textOfLine = ({ text, repeats }: EntryLine<unknown>): string =>
  repeats === 0 ? text : `${text}\n${repeatMark}${repeats}`

const isSameArrival = (one: Event<unknown>, other: Extract<Event<unknown>, { _tag: 'StanzaReceived' }>): boolean =>
  one._tag === 'StanzaReceived' && one.resource === other.resource && one.connection === other.connection

const soleRecipient = <A>(event: Event<A>): Recipient<A> | undefined => {
  if (event._tag === 'StanzaSubmitted') return event
  return event._tag === 'MessageSubmitted' && event.recipients.length === 1 ? event.recipients[0] : undefined
}

const isAlike = (one: Recipient<unknown>, other: Recipient<unknown>): boolean =>
  one.resource === other.resource &&
  one.facts.id !== undefined &&
  one.facts.name === other.facts.name &&
  one.facts.type === other.facts.type &&
  one.facts.from === other.facts.from &&
  one.facts.to === other.facts.to &&
  (one.size === undefined) === (other.size === undefined) &&
  hasUsualFacts(one.facts) &&
  hasUsualFacts(other.facts)
