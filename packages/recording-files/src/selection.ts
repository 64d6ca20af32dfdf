/** Whose steps are recorded: all accounts', or those of some. */

import * as Either from '#fp-ts/Either'

/** Bare JIDs, normalised; `'*'` stands for all. */
export type Selection = '*' | ReadonlySet<string>

export const noAccounts: Selection = new Set()

/** The selection of a list of accounts as configurations and requests have it, where `*` stands for all. */
export const selectionOf = (accounts: ReadonlyArray<string>): Selection =>
  accounts.includes('*') ? '*' : new Set(accounts)

/** The list of a selection. */
export const accountsOf = (selection: Selection): ReadonlyArray<string> =>
  selection === '*' ? ['*'] : [...selection].sort()

export const isEmpty = (selection: Selection): boolean => selection !== '*' && selection.size === 0

export const isSelected = (selection: Selection, account: string): boolean =>
  selection === '*' || selection.has(account)

export const withThese = (selection: Selection, added: Selection): Selection =>
  selection === '*' || added === '*' ? '*' : new Set([...selection, ...added])

/** `Left` says why they cannot be left out. */
export const withoutThese = (selection: Selection, removed: Selection): Either.Either<string, Selection> => {
  if (removed === '*') return Either.right(noAccounts)
  if (selection === '*')
    return Either.left('all accounts are recorded, so none can be left out; stop all, then start some')
  const others = [...removed].filter(account => !selection.has(account))
  if (others.length > 0) return Either.left(`not recorded: ${others.join(', ')}`)
  return Either.right(new Set([...selection].filter(account => !removed.has(account))))
}
