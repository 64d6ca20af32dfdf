/** Roster items as clients see them, and roster pushes (RFC 6121 §2.1). */
import { type Element, element } from '@smacks/codec'
import { rosterNamespace } from '../namespaces.js'
import { isPendingOut } from '../presence/subscription.js'
import { push } from '../stanzas.js'
import type { Transition } from '../state.js'
import { type RosterItem, subscriptionOf } from './item.js'

/** Sends the item as it is now to all sessions that asked for the roster (§2.1.6). */
export const pushItem = (item: RosterItem): Transition => pushElement(itemElement(item))

/** Tells them that a contact was removed (§2.5.2). */
export const pushRemoval = (jid: string): Transition => pushElement(element('item', { jid, subscription: 'remove' }))

const pushElement =
  (item: Element): Transition =>
  account => {
    const ver = String(account.roster.version)
    const interested = account.sessions.filter(session => session.interested)
    return {
      account,
      effects: interested.map(({ resource }) =>
        push(resource, element('query', { xmlns: rosterNamespace, ver }, item)),
      ),
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
