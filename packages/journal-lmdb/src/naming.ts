/**
 * Whoever reads the error of a batch must know which change was to blame, and whose it was; and whether it is worth trying
 * again.
 */
import { type Change, ChangeRefused } from '@smacks/runtime'

/** The error, naming the change and the account to blame: a `ChangeRefused`, unless it was the medium that failed. */
export const named = (change: Change<unknown>, cause: unknown): Error => {
  const reason = `${change._tag} for ${change.account.slice(0, 200)}: ${String(cause)}`
  return isOfMedium(cause) ? new Error(reason, { cause }) : new ChangeRefused(change, reason, { cause })
}

/** LMDB's `MDB_BAD_VALSIZE` and `MDB_TXN_FULL`: no such change fits, whatever becomes of the disk. */
const changeCodes: ReadonlyArray<unknown> = [-30781, -30788]

/** LMDB and the file system give their errors a code; what cannot be written down has none. */
export const isOfMedium = (cause: unknown): boolean =>
  cause instanceof Error && 'code' in cause && cause.code !== undefined && !changeCodes.includes(cause.code)
