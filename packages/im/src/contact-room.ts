/**
 * Whether there is room for what is kept of an account's contacts: its roster, requests that wait for it, its block list, and
 * what contacts elsewhere may not know. All of it is in memory while the account is in use, and counts together.
 */
import { bytesOfItem, type RosterItem } from './roster/item.js'
import type { ImAccount } from './state.js'
import type { View } from './view.js'

type Limits = Pick<View, 'contactBytes' | 'isDataFull'>

/** True if the contact can be kept so. What does not grow always can, whatever the limit is now. */
export const hasRoomForContact = (limits: Limits, account: ImAccount, after: RosterItem): boolean => {
  const before = account.roster.items.get(after.jid)
  return hasRoomForMore(limits, account, bytesOfItem(after) - (before === undefined ? 0 : bytesOfItem(before)))
}

/** True if so many bytes more can be kept. */
export const hasRoomForMore = ({ contactBytes, isDataFull }: Limits, account: ImAccount, bytes: number): boolean =>
  bytes <= 0 || (!isDataFull && bytesOfContacts(account) + bytes <= contactBytes)

/** UTF-8 bytes of what is kept of all contacts. */
export const bytesOfContacts = ({ roster, stale }: ImAccount): number => roster.bytes + stale.bytes

/** What a user is told. */
export const contactsFull = 'what is kept of your contacts takes as much as is allowed'
