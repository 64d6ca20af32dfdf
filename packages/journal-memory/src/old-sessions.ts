/** The counts of timed-out sessions, newest first, for as long as the process lives. */
import type { OldSession, SmId } from '@smacks/core'
import type { AccountId, BatchStore, Journal, OldSessionChange } from '@smacks/runtime'

export interface OldSessions {
  readonly store: BatchStore<OldSessionChange>
  readonly read: Journal<unknown>['oldSessions']
}

export const memoryOldSessions = (): OldSessions => {
  const byAccount = new Map<AccountId, ReadonlyArray<OldSession>>()

  const read = (account: AccountId): ReadonlyArray<OldSession> => byAccount.get(account) ?? []
  const without = (account: AccountId, smId: SmId): ReadonlyArray<OldSession> =>
    read(account).filter(session => session.smId !== smId)
  const forget = (account: AccountId, smId: SmId): void => {
    const rest = without(account, smId)
    if (rest.length === 0) byAccount.delete(account)
    else byAccount.set(account, rest)
  }

  return {
    store: {
      kind: 'old-sessions',
      sizeOf: () => 0,
      apply: change => {
        const { account } = change
        if (change._tag === 'DropOldSession') return forget(account, change.smId)
        byAccount.set(account, [change.session, ...without(account, change.session.smId)])
      },
    },
    read,
  }
}
