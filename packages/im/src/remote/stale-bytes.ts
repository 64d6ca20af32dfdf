/** How much is kept of contacts elsewhere who may not know the state of an account. */
import { utf8Length } from '@smacks/codec'
import type { AccountId } from '@smacks/runtime'
import type { Stale, StaleContacts } from './stale.js'

/** UTF-8 bytes that are kept of an account. */
export const bytesOfStale = ({ bytes }: Pick<StaleContacts, 'bytes'>, account: AccountId): number =>
  bytes.get(account) ?? 0

/** UTF-8 bytes of one of them. */
export const bytesOf = ({ contact, resources }: Stale): number =>
  fixedBytes + [contact, ...resources].reduce((sum, text) => sum + utf8Length(text), 0)

/** What is kept of each. */
const fixedBytes = 50
