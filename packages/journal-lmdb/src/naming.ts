/** Whoever reads the error of a batch must know which change was to blame, and whose it was. */
import type { AccountId } from '@smacks/runtime'

/** Does what belongs to a change; an `Error` of it names the change and the account. */
export const naming = <R>(
  { _tag, account }: { readonly _tag: string; readonly account: AccountId },
  act: () => R,
): R => {
  try {
    return act()
  } catch (cause) {
    throw new Error(`${_tag} for ${account.slice(0, 200)}: ${String(cause)}`, { cause })
  }
}
