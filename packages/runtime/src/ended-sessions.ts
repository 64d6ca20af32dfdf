import type { AccountId } from './account-id.js'

export interface EndedSessionsOptions {
  /** Makes the step of the next page; false if there is none, or if it cannot be made. */
  readonly settlePage: (id: AccountId) => boolean
  /** True if something is left to be settled. */
  readonly isLeft: (id: AccountId) => boolean
  /** Steps what the application made of a page; false if it does not come to an end. */
  readonly stepInbox: () => boolean
  /** Commits what happened so far; tells when it is durable, also before it returns. */
  readonly commit: (concluded: () => void) => void
  /** To be called back, by `settleNext`, once nothing else is at hand. */
  readonly later: () => void
}

export class EndedSessions {
  private readonly unsettled = new Set<AccountId>()
  private isPageUnderWay = false

  constructor(private readonly options: EndedSessionsOptions) {}

  /** Something of the account is to be settled. */
  add(id: AccountId): void {
    this.unsettled.add(id)
  }

  isAnyLeft(): boolean {
    return this.unsettled.size > 0
  }

  /** Settles what can be, if nothing else is at hand that belongs to the same batch. */
  settleNext(): void {
    for (const id of this.unsettled) this.settle(id)
  }

  /** Settles all that is left of the account, whatever it takes. */
  finish(id: AccountId): void {
    if (!this.unsettled.has(id)) return
    while (this.options.settlePage(id)) {
      // Until there is no more.
    }
    this.unsettled.delete(id)
  }

  private settle(id: AccountId): void {
    const { settlePage, isLeft, stepInbox } = this.options
    while (!this.isPageUnderWay) {
      if (!settlePage(id) || !isLeft(id)) this.unsettled.delete(id)
      if (!stepInbox() || !this.unsettled.has(id)) return
      this.commit()
      if (!stepInbox()) return
    }
  }

  private commit(): void {
    this.isPageUnderWay = true
    this.options.commit(() => {
      this.isPageUnderWay = false
      this.options.later()
    })
  }
}
