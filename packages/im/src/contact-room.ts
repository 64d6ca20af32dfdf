/**
 * Whether there is room for what is kept of an account's contacts: its roster, requests that wait for it, its block list, and
 * what contacts elsewhere may not know. All of it is in memory while the account is in use, and counts together.
 */
import type { AccountId } from '@smacks/runtime'
import type { Context } from './context.js'
import { bytesOfStale } from './remote/stale-bytes.js'
import { bytesOfItem, type RosterItem } from './roster/item.js'

/** True if the contact can be kept so. What does not grow always can, whatever the limit is now. */
export const hasRoomForContact = (context: Context, account: AccountId, after: RosterItem): boolean => {
  const before = context.rosters.roster(account).items.get(after.jid)
  return hasRoomForMore(context, account, bytesOfItem(after) - (before === undefined ? 0 : bytesOfItem(before)))
}

/** True if so many bytes more can be kept. */
export const hasRoomForMore = (context: Context, account: AccountId, bytes: number): boolean =>
  bytes <= 0 ||
  (!context.isDataFull() &&
    context.rosters.bytes(account) + bytesOfStale(context.stale, account) + bytes <=
      context.quotas().contactBytesPerUser)

/** What a user is told. */
export const contactsFull = 'what is kept of your contacts takes as much as is allowed'
