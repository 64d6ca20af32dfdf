/** How a store that takes changes late is read. */
import type { AccountId } from './account-id.js'

/**
 * Runs `read` where it finds all that is durable, of the account, or of all accounts if none is given, and hands on what it
 * returns. Where that cannot be written to storage for now, `read` runs in a transaction that is given up, so it must
 * have read everything when it returns: no iterator may be left.
 */
export type Reading = <T>(account: AccountId | undefined, read: () => T) => T
