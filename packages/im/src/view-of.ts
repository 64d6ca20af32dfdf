/** What a step may ask about the world around an account, from the ports. */
import type { Jid } from '@smacks/codec'
import { type Instant, type Resource, sessionOf } from '@smacks/core'
import type { AccountId, StoredRecord } from '@smacks/runtime'
import { addressIn } from './address.js'
import type { Context } from './context.js'
import { staleStrangersOfLink } from './limits.js'
import type { LinkState } from './link-state.js'
import { refusalToStore } from './offline-room.js'
import type { Outgoing, Refusal } from './outgoing.js'
import { domainsOf, linkKey } from './remote/link-key.js'
import type { Services, ServingView } from './services/service.js'

export const viewOf = (context: Context, account: AccountId): ServingView => new AccountView(context, account)

/** Most steps ask about little of the world, and one is made for each stanza: so all is looked up when it is asked for. */
class AccountView implements ServingView {
  private at: Instant | undefined

  constructor(
    private readonly context: Context,
    private readonly account: AccountId,
  ) {}

  /** The same, however often it is asked for. */
  get now(): Instant {
    this.at ??= this.context.clock.now()
    return this.at
  }

  get services(): Services {
    return this.context.services
  }

  get domains(): ReadonlySet<string> {
    return this.context.domains
  }

  get isFederated(): boolean {
    return this.context.remotes !== undefined
  }

  get storesOffline(): boolean {
    return this.context.offlineStorage()
  }

  get isDataFull(): boolean {
    return this.context.isDataFull()
  }

  get version(): string {
    return this.context.version
  }

  get contactBytes(): number {
    return this.context.quotas().contactBytesPerUser
  }

  records(kind: string): Iterable<StoredRecord> {
    return this.context.records(kind, this.account)
  }

  accountExists(jid: string): boolean {
    return this.context.accountExists(jid)
  }

  hasSession(resource: Resource): boolean {
    return hasSession(this.context, this.account, resource)
  }

  addressIn(text: string): Jid | undefined {
    return addressIn(this.context, text)
  }

  linkTo(contact: string): LinkState | undefined {
    return linkState(this.context, this.account, contact)
  }

  refusalToStore(message: Outgoing): Refusal | undefined {
    return refusalToStore(this.context, this.account, message)
  }

  hasRoomForStranger(contact: string): boolean {
    return (this.context.accounts.staleOver.get(linkKey(this.account, contact))?.size ?? 0) < staleStrangersOfLink
  }
}

/** True while the account has a session of this resource, in whatever phase. */
export const hasSession = ({ runtime }: Context, account: AccountId, resource: Resource): boolean =>
  sessionOf(runtime.account(account), resource) !== undefined

/** How the link from an account to the server of a contact stands. */
export const linkState = ({ remotes }: Context, account: AccountId, contact: string): LinkState | undefined => {
  const { here, there } = domainsOf(linkKey(account, contact))
  return remotes?.stateOf(here, there)
}
