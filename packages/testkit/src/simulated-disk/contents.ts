/** What lies on the simulated disk. */
import { advance, type Counter, isVacant, type OldSession, type Resource, type SmId, type Unacked } from '@smacks/core'
import type { AccountId, Change, Journalled, OfflineMessage, StoredRecord } from '@smacks/runtime'

type Entry<A> = Exclude<Journalled<A>, { readonly _tag: 'Undecodable' }>

export class DiskContents<A> {
  private readonly messages = new Map<AccountId, ReadonlyArray<OfflineMessage<A>>>()
  private readonly old = new Map<AccountId, ReadonlyArray<OldSession>>()
  private readonly recordTexts = new Map<string, StoredRecord & { readonly kind: string }>()
  private readonly snapshots = new Map<AccountId, Extract<Change<A>, { readonly _tag: 'PutSnapshot' }>>()
  private readonly unackeds = new Map<string, Unacked<A>>()
  private log: Array<Entry<A>> = []
  private lastKey = 0

  /** `logBound`: entries of the log above which snapshots are wanted. */
  constructor(private readonly logBound: number) {}

  apply(batch: ReadonlyArray<Change<A>>): void {
    for (const change of batch) this.applyOne(change)
  }

  offline(account: AccountId, limit: number, after: number): ReadonlyArray<OfflineMessage<A>> {
    const messages = this.messages.get(account) ?? []
    return messages.filter(({ key }) => key > after).slice(0, Math.max(limit, 0))
  }

  oldSessions(account: AccountId): ReadonlyArray<OldSession> {
    return this.old.get(account) ?? []
  }

  records(kind: string, account: AccountId | undefined): ReadonlyArray<StoredRecord> {
    return [...this.recordTexts.values()]
      .filter(record => record.kind === kind && (account === undefined || record.account === account))
      .sort((one, other) => compare(one.account, other.account) || compare(one.name, other.name))
      .map(({ account: owner, name, text }) => ({ account: owner, name, text }))
  }

  *recover(): Generator<Journalled<A>, void, undefined> {
    for (const snapshot of this.snapshots.values()) yield { ...snapshot, _tag: 'Baseline' }
    yield* this.log
  }

  kept(account: AccountId, resource: Resource, from: Counter, count: number): ReadonlyArray<Unacked<A>> {
    return Array.from({ length: count }, (_, index) => {
      const number = advance(from, index)
      const unacked = this.unackeds.get(keyOf(account, resource, number))
      if (unacked === undefined) throw new Error(`the kept stanza ${number} of ${account}/${resource} is not there`)
      return unacked
    })
  }

  countKept(account: AccountId, resource: Resource, from: Counter, most: number): number {
    let count = 0
    while (count < most && this.unackeds.has(keyOf(account, resource, advance(from, count)))) count += 1
    return count
  }

  wanted(limit: number): ReadonlyArray<AccountId> {
    if (this.log.length <= this.logBound) return []
    return [...new Set(this.log.map(({ account }) => account))].slice(0, limit)
  }

  private applyOne(change: Change<A>): void {
    const { account } = change
    switch (change._tag) {
      case 'PutOffline': {
        this.lastKey += 1
        const { stanza, facts, at } = change
        const message = { key: this.lastKey, stanza, facts, at }
        this.messages.set(account, [...(this.messages.get(account) ?? []), message])
        return
      }
      case 'DropOffline':
        this.messages.set(
          account,
          (this.messages.get(account) ?? []).filter(({ key }) => !change.keys.includes(key)),
        )
        return
      case 'PutOldSession':
        this.old.set(account, [change.session, ...this.oldSessionsWithout(account, change.session.smId)])
        return
      case 'DropOldSession':
        this.old.set(account, this.oldSessionsWithout(account, change.smId))
        return
      case 'PutRecord':
        this.recordTexts.set(keyOf(change.kind, account, change.name), change)
        return
      case 'DropRecord':
        this.recordTexts.delete(keyOf(change.kind, account, change.name))
        return
      case 'StoreChange':
        throw new Error(`a simulated disk has no store of the kind ${JSON.stringify(change.kind)}`)
      case 'EventLogged':
      case 'Baseline':
        this.log.push(change)
        return
      case 'PutSnapshot':
        this.log = this.log.filter(entry => entry.account !== account)
        if (isVacant(change.state)) this.snapshots.delete(account)
        else this.snapshots.set(account, change)
        return
      case 'KeepUnacked':
        change.unacked.forEach((unacked, index) => {
          this.unackeds.set(keyOf(account, change.resource, advance(change.from, index)), unacked)
        })
        return
      case 'ForgetKept':
        for (let index = 0; index < change.count; index += 1)
          this.unackeds.delete(keyOf(account, change.resource, advance(change.from, index)))
    }
  }

  private oldSessionsWithout(account: AccountId, smId: SmId): ReadonlyArray<OldSession> {
    return this.oldSessions(account).filter(session => session.smId !== smId)
  }
}

const keyOf = (...parts: ReadonlyArray<number | string>): string => JSON.stringify(parts)

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)
