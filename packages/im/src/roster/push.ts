/** Roster items as clients see them, and roster pushes (RFC 6121 §2.1). */
import { type Element, element } from '@smacks/codec'
import type { AccountId } from '@smacks/runtime'
import type { Context } from '../context.js'
import { rosterNamespace } from '../namespaces.js'
import { presencesOf } from '../presence/state.js'
import { isPendingOut } from '../presence/subscription.js'
import { pushTo } from '../sending.js'
import { type RosterItem, subscriptionOf } from './item.js'

/** Sends the item as it is now to all sessions that asked for the roster (§2.1.6). */
export const pushItem = (context: Context, account: AccountId, item: RosterItem): void =>
  push(context, account, itemElement(item))

/** Tells them that a contact was removed (§2.5.2). */
export const pushRemoval = (context: Context, account: AccountId, jid: string): void =>
  push(context, account, element('item', { jid, subscription: 'remove' }))

const push = (context: Context, account: AccountId, item: Element): void => {
  const { version } = context.rosters.roster(account)
  for (const { resource, interested } of presencesOf(context.presences, account)) {
    if (!interested) continue
    pushTo(context, account, resource, element('query', { xmlns: rosterNamespace, ver: version }, item))
  }
}

/** The contact as an `<item/>` (§2.1.2). */
export const itemElement = (item: RosterItem): Element =>
  element(
    'item',
    {
      jid: item.jid,
      name: item.name,
      subscription: subscriptionOf(item.state),
      ask: isPendingOut(item.state) ? 'subscribe' : undefined,
      approved: item.approved ? 'true' : undefined,
    },
    ...item.groups.map(group => element('group', {}, group)),
  )
