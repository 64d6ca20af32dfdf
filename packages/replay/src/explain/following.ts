/** Follows stanzas through the steps of a recording: each by a teller of its own, which hears of steps that may concern it. */
import type { Json } from '@smacks/codec'
import type { Account, AccountId, StanzaFacts } from '@smacks/core'
import { canonicalJson } from '../fingerprint.js'
import type { StateEntry } from '../recording.js'
import type { ReplayedStep } from '../replay.js'
import { plain } from '../view.js'
import { findWaiting } from './found.js'
import { identityOfReceived } from './received.js'
import type { StanzaIdentity, Waiting } from './story.js'
import { submittedIn } from './submitted.js'
import type { Stated, Teller } from './teller.js'

export interface FollowingOptions {
  /** Which stanzas are followed. */
  readonly isIt: (facts: StanzaFacts, stanza: Json) => boolean
  /** Gives the teller of a stanza that happens now; the same one as long as something of it waits. */
  readonly tellerOf: (key: string, stanza: StanzaIdentity, place: Stated['entry']) => Teller
  /** Nothing of it waits any more. */
  readonly onIdle?: (key: string, teller: Teller) => void
}

export class Following {
  /** Of which something waits, or whose sender does not know yet. */
  private readonly busy = new Map<string, Teller>()
  private readonly busyIn = new Map<AccountId, Set<string>>()
  /** States that no step of their account came after yet. */
  private readonly stated = new Map<AccountId, StateEntry>()

  constructor(private readonly options: FollowingOptions) {}

  state(entry: StateEntry): void {
    this.stated.set(entry.account, entry)
  }

  take(step: ReplayedStep): void {
    const { account } = step.entry
    this.stated.delete(account)
    if (step.stated !== undefined) this.takeState(step)
    const concerned = this.concernedIn(step)
    const heard = new Map([...this.busyOf(account), ...concerned])
    for (const [key, teller] of heard) {
      teller.take(step, concerned.has(key))
      this.settle(key, teller, account)
    }
  }

  /** States at the end say what waits, too. */
  end(): ReadonlyArray<StateEntry> {
    const last = [...this.stated.values()]
    for (const entry of last) this.takeState({ entry, before: entry.state })
    return last
  }

  private takeState(stated: Stated): void {
    const { account } = stated.entry
    const found = new Map<string, Array<Waiting>>()
    const tellers = new Map(this.busyOf(account))
    for (const copy of findWaiting(account, stated.before, this.options.isIt)) {
      const stanza = identityOf(copy.facts)
      const key = keyOf(stanza)
      tellers.set(key, this.tellerOf(key, stanza, stated.entry))
      found.set(key, [...(found.get(key) ?? []), copy])
    }
    for (const [key, teller] of tellers) {
      teller.find(stated, found.get(key) ?? [])
      this.settle(key, teller, account)
    }
  }

  private concernedIn(step: ReplayedStep): ReadonlyMap<string, Teller> {
    const { event, entry } = step
    const concerned = new Map<string, Teller>()
    const concern = (stanza: StanzaIdentity | undefined): void => {
      if (stanza === undefined) return
      const key = keyOf(stanza)
      concerned.set(key, this.tellerOf(key, stanza, entry))
    }
    if (event._tag === 'StanzaReceived') {
      if (event.facts !== undefined && this.options.isIt(event.facts, event.stanza)) concern(identityOfReceived(step))
    } else
      for (const { facts, stanza } of submittedIn(event))
        if (this.options.isIt(facts, stanza)) concern(identityOf(facts))
    return concerned
  }

  private tellerOf(key: string, stanza: StanzaIdentity, place: Stated['entry']): Teller {
    return this.busy.get(key) ?? this.options.tellerOf(key, stanza, place)
  }

  private *busyOf(account: AccountId): Generator<readonly [string, Teller]> {
    for (const key of this.busyIn.get(account) ?? []) {
      const teller = this.busy.get(key)
      if (teller !== undefined) yield [key, teller]
    }
  }

  /** Notes whether the teller is to hear of the account again. */
  private settle(key: string, teller: Teller, account: AccountId): void {
    const { waiting, counted } = teller.told()
    const isHere = [...waiting, ...counted].some(one => one.account === account)
    const here = this.busyIn.get(account) ?? new Set()
    if (isHere) here.add(key)
    else here.delete(key)
    if (here.size > 0) this.busyIn.set(account, here)
    else this.busyIn.delete(account)
    if (waiting.length + counted.length > 0) this.busy.set(key, teller)
    else {
      this.busy.delete(key)
      this.options.onIdle?.(key, teller)
    }
  }
}

const keyOf = (stanza: StanzaIdentity): string => canonicalJson(plain(stanza))

export const identityOf = ({ name, type, id, from, to }: StanzaFacts): StanzaIdentity => ({
  name,
  type,
  ...(id === undefined ? {} : { id }),
  ...(from === undefined ? {} : { from }),
  ...(to === undefined ? {} : { to }),
})

/** Accounts as the recording leaves them. */
export type LastStates = ReadonlyMap<AccountId, Account<Json>>
