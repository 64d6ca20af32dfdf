/**
 * What replayed steps kept in storage. A recording states what a step needs of it; the export of a journal does not, and
 * then it is found here, as far as the steps before put it there.
 */
import type { Json } from '@smacks/codec'
import {
  type Account,
  type AccountId,
  advance,
  type Config,
  type Counter,
  type Effect,
  type Event,
  fromArray,
  loadFor,
  needsWhole,
  type Outbound,
  positionAt,
  type Resource,
  toArray,
  type Unacked,
} from '@smacks/core'

export class ReplayedRows {
  constructor(private readonly rows = new Map<string, Unacked<Json>>()) {}

  fork(): ReplayedRows {
    return new ReplayedRows(new Map(this.rows))
  }

  take(account: AccountId, effects: ReadonlyArray<Effect<Json>>): void {
    for (const effect of effects) {
      if (effect._tag === 'KeepUnacked')
        effect.unacked.forEach((one, index) => {
          this.rows.set(keyOf(account, effect.resource, advance(effect.from, index)), one)
        })
      if (effect._tag === 'ForgetKept')
        for (let index = 0; index < effect.count; index += 1)
          this.rows.delete(keyOf(account, effect.resource, advance(effect.from, index)))
    }
  }

  /** The account with what the step needs of its kept stanzas, as far as that is known and not stated. */
  loadFor(config: Config, id: string, account: Account<Json>, event: Event<Json>): Account<Json> {
    if (needsWhole(config, account, event)) return this.loaded(id, account)
    if (event._tag !== 'QueueSettled' || isPageLoaded(account)) return account
    try {
      return loadFor(config, account, event, (resource, from, count) => this.read(id, resource, from, count))
    } catch {
      // Not all of the page is known, so nobody can tell what became of which of its stanzas.
      return account
    }
  }

  private read(id: string, resource: Resource, from: Counter, count: number): ReadonlyArray<Unacked<Json>> {
    return Array.from({ length: count }, (_, index) => {
      const one = this.rows.get(keyOf(id, resource, advance(from, index)))
      if (one === undefined) throw new Error(`the stanza at ${advance(from, index)} of ${resource} is not known`)
      return one
    })
  }

  /** The account with what is known of its kept stanzas: always the last of them. */
  private loaded(id: string, account: Account<Json>): Account<Json> {
    return {
      ...account,
      sessions: account.sessions.map(session =>
        'outbound' in session && session.outbound.unacked.unloaded > 0
          ? { ...session, outbound: this.withSpilled(id, session.resource, session.outbound) }
          : session,
      ),
    }
  }

  private withSpilled(id: string, resource: Resource, outbound: Outbound<Json>): Outbound<Json> {
    const { unacked } = outbound
    const found: Array<Unacked<Json>> = []
    let { unloaded } = unacked
    for (; unloaded > 0; unloaded -= 1) {
      const one = this.rows.get(keyOf(id, resource, positionAt(outbound, unloaded - 1)))
      if (one === undefined) break
      found.push(one)
    }
    const loaded = fromArray([...found.reverse(), ...toArray(unacked)])
    return { ...outbound, unacked: { ...loaded, length: unloaded + loaded.length, unloaded } }
  }
}

const isPageLoaded = ({ settlements = [] }: Account<Json>): boolean =>
  settlements.some(({ ended }) =>
    ended.some(({ session }) => 'outbound' in session && session.outbound.unacked.page !== undefined),
  )

const keyOf = (account: AccountId, resource: Resource, number: Counter): string =>
  JSON.stringify([account, resource, number])
