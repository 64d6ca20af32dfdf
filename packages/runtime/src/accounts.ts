/** The accounts in memory: those that have sessions, are held, or have changes under way. */
import { type Account, type Config, emptyAccount, isVacant, type OldSession } from '@smacks/core'
import type { AccountId } from './account-id.js'
import type { Journal } from './ports.js'
import type { Lease } from './runtime.js'

export class Accounts<A> {
  private readonly loaded = new Map<AccountId, Account<A>>()
  private readonly leases = new Map<AccountId, number>()
  private readonly setAside = new Map<AccountId, SetAside<A>>()
  /** Accounts whose beginning is not journalled: what they are must be, before what happens to them. */
  private readonly unjournalled = new Set<AccountId>()
  /** Accounts whose options are not those in force: what tells them of these is on its way. */
  private readonly configs = new Map<AccountId, Config>()

  /** `tellFault` is told if the old sessions of an account cannot be read. */
  constructor(
    private readonly journal: Pick<Journal<A>, 'oldSessions'>,
    private readonly tellFault: (error: unknown, where: string) => void,
  ) {}

  /** The account as the last step left it; one that is not in memory is empty. */
  current(id: AccountId): Account<A> {
    return this.loaded.get(id) ?? emptyAccount
  }

  /** The same; nothing if it is not in memory. */
  find(id: AccountId): Account<A> | undefined {
    return this.loaded.get(id)
  }

  /** The account, with its old sessions if it was not in memory. */
  load(id: AccountId): Account<A> {
    const known = this.loaded.get(id)
    if (known !== undefined) return known
    const account: Account<A> = { ...emptyAccount, oldSessions: this.oldSessionsOf(id) }
    this.loaded.set(id, account)
    this.unjournalled.add(id)
    return account
  }

  /** The account after a step. */
  put(id: AccountId, account: Account<A>): void {
    this.loaded.set(id, account)
  }

  /** An account that something else than a step brought about. */
  begin(id: AccountId, account: Account<A>, isJournalled: boolean): void {
    this.loaded.set(id, account)
    if (!isJournalled) this.unjournalled.add(id)
  }

  /** True if what happens to the account would be journalled without what it met; asked once, since then it is. */
  needsBeginning(id: AccountId): boolean {
    return this.unjournalled.size > 0 && this.unjournalled.delete(id)
  }

  /** The journal forgets all of an account of which nothing is left: what happens to it next has to begin anew. */
  forgotten(id: AccountId): void {
    const account = this.loaded.get(id)
    if (account !== undefined && isVacant(account)) this.unjournalled.add(id)
  }

  /** The options of the account, if they are not those in force. */
  ownConfig(id: AccountId): Config | undefined {
    return this.configs.size === 0 ? undefined : this.configs.get(id)
  }

  setConfig(id: AccountId, config: Config | undefined): void {
    if (config === undefined) this.configs.delete(id)
    else this.configs.set(id, config)
  }

  ids(): IterableIterator<AccountId> {
    return this.loaded.keys()
  }

  /** A session waits for its client to resume, in whatever account. */
  someHibernates(): boolean {
    for (const { sessions } of this.loaded.values())
      for (const { _tag } of sessions) if (_tag === 'Hibernating' || _tag === 'Resuming') return true
    return false
  }

  /** Keeps the account in memory until it is released. */
  hold(id: AccountId, released: () => void): Lease {
    this.leases.set(id, (this.leases.get(id) ?? 0) + 1)
    let held = true
    const release = (): void => {
      if (!held) return
      held = false
      const others = (this.leases.get(id) ?? 1) - 1
      if (others > 0) this.leases.set(id, others)
      else this.leases.delete(id)
      released()
    }
    return { release }
  }

  /** Takes an account out of memory that nobody needs there. */
  forgetIfIdle(id: AccountId): void {
    const account = this.loaded.get(id)
    if (account !== undefined && isVacant(account) && !this.leases.has(id)) this.drop(id)
  }

  private drop(id: AccountId): void {
    this.loaded.delete(id)
    this.unjournalled.delete(id)
    this.configs.delete(id)
  }

  /** What is journalled of the account cannot be read: no session of it may begin before somebody mends that. */
  setAsideFor(id: AccountId, reason: string): void {
    this.setAside.set(id, { reason, left: this.loaded.get(id) })
    this.drop(id)
  }

  /** Why the account is set aside, if it is. */
  whySetAside(id: AccountId): string | undefined {
    return this.setAside.size === 0 ? undefined : this.setAside.get(id)?.reason
  }

  /** What the journal says of the account: of one that is set aside, what it was then, if anybody knows. */
  journalled(id: AccountId): Account<A> | undefined {
    const aside = this.setAside.get(id)
    return aside === undefined ? this.current(id) : aside.left
  }

  /** Without its old sessions an account is as good, but for the `h` that a client may ask for too late. */
  private oldSessionsOf(id: AccountId): ReadonlyArray<OldSession> {
    try {
      return this.journal.oldSessions(id)
    } catch (error) {
      this.tellFault(error, `reading the old sessions of ${id}`)
      return []
    }
  }
}

/** Nobody may touch the account, and nothing is forgotten of it. */
interface SetAside<A> {
  readonly reason: string
  /** Its last state; nothing if it never could be told. */
  readonly left: Account<A> | undefined
}
