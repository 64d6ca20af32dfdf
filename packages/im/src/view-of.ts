/** What a step may ask about the world around an account, from the ports. */
import { type Resource, sessionOf } from '@smacks/core'
import type { AccountId } from '@smacks/runtime'
import { addressIn } from './address.js'
import type { Context } from './context.js'
import { staleStrangersOfLink } from './limits.js'
import type { LinkState } from './link-state.js'
import { refusalToStore } from './offline-room.js'
import { domainsOf, linkKey } from './remote/link-key.js'
import type { ServingView } from './services/service.js'

export const viewOf = (context: Context, account: AccountId): ServingView => ({
  services: context.services,
  records: kind => context.records(kind, account),
  now: context.clock.now(),
  domains: context.domains,
  isFederated: context.remotes !== undefined,
  storesOffline: context.offlineStorage(),
  isDataFull: context.isDataFull(),
  version: context.version,
  contactBytes: context.quotas().contactBytesPerUser,
  accountExists: context.accountExists,
  hasSession: resource => hasSession(context, account, resource),
  addressIn: text => addressIn(context, text),
  linkTo: contact => linkState(context, account, contact),
  refusalToStore: message => refusalToStore(context, account, message),
  hasRoomForStranger: contact =>
    (context.accounts.staleOver.get(linkKey(account, contact))?.size ?? 0) < staleStrangersOfLink,
})

/** True while the account has a session of this resource, in whatever phase. */
export const hasSession = ({ runtime }: Context, account: AccountId, resource: Resource): boolean =>
  sessionOf(runtime.account(account), resource) !== undefined

/** How the link from an account to the server of a contact stands. */
export const linkState = ({ remotes }: Context, account: AccountId, contact: string): LinkState | undefined => {
  const { here, there } = domainsOf(linkKey(account, contact))
  return remotes?.stateOf(here, there)
}
