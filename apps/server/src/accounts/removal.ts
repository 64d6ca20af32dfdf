/**
 * Accounts leave the running server. From the first step on, which is durable, the removal is finished whatever happens:
 * here, or at the next start (`removed-accounts.ts`).
 *
 * 1. The keys go, and a record says that the rest is to go: one transaction.
 * 2. Streams and sessions end; what is unacked goes back to its senders; contacts learn that it is over. All of it in one
 *    turn, so in one batch.
 * 3. Once all that was under way is durable, the rest is forgotten together with that record: another batch.
 */
import type { Stanza } from '@smacks/codec'
import type { StreamError } from '@smacks/core'
import type { InstantMessaging } from '@smacks/im'
import type { AccountId, Runtime } from '@smacks/runtime'
import type { LoginThrottle } from '@smacks/sasl'
import type { UnboundStreams } from '@smacks/stream-c2s'
import * as Either from 'fp-ts/lib/Either.js'
import type { Accounts } from './accounts.js'
import { removalDone } from './removed-accounts.js'

export interface RemovalOptions {
  readonly runtime: Pick<
    Runtime<Stanza>,
    'change' | 'endAccount' | 'endSessions' | 'whenRecorded' | 'whenSettled' | 'whySetAside'
  >
  readonly accounts: Pick<Accounts, 'exists' | 'remove'>
  readonly messaging: Pick<InstantMessaging, 'forget' | 'leaveContacts'>
  readonly unbound: Pick<UnboundStreams, 'close' | 'end'>
  readonly throttle: Pick<LoginThrottle, 'forget'>
}

export interface Removals {
  /** False if there is no such account; `Left` says in one sentence why it cannot be removed. */
  readonly remove: (account: AccountId) => Promise<Either.Either<string, boolean>>
  /** Continues a removal after a restart, once sessions, domain and links are recovered; resolves when it is done. */
  readonly finish: (account: AccountId) => Promise<void>
  /** The account is being removed: it counts as removed. */
  readonly isUnderWay: (account: AccountId) => boolean
  /** The account has a new password: all its sessions end, also those that hibernate. */
  readonly passwordChanged: (account: AccountId) => void
  /** Removals that are under way are left to the next start. */
  readonly stop: () => void
}

/** What clients of a removed account see (RFC 6120 §4.9.3.12). */
const removedError: StreamError = { condition: 'not-authorized', text: 'The account is removed.' }

/** What clients see whose account got another password (§4.9.3.16). */
const passwordError: StreamError = { condition: 'reset', text: 'The password has been changed; log in again.' }

export const createRemovals = ({ runtime, accounts, messaging, unbound, throttle }: RemovalOptions): Removals => {
  const underWay = new Set<AccountId>()
  let isStopped = false

  const settled = (account: AccountId): Promise<void> =>
    new Promise(resolve => runtime.whenSettled(account, () => runtime.whenRecorded(account, resolve)))

  const finish = async (account: AccountId): Promise<void> => {
    underWay.add(account)
    unbound.end(account, removedError)
    runtime.endAccount(account, removedError)
    messaging.leaveContacts(account)
    throttle.forget(account)
    await settled(account)
    if (isStopped) return
    messaging.forget(account)
    runtime.change(removalDone(account))
    await settled(account)
    underWay.delete(account)
  }

  return {
    remove: async account => {
      const reason = runtime.whySetAside(account)
      if (reason !== undefined)
        return Either.left(
          `what is stored of the sessions of ${account} cannot be read (${reason}); stop the server, then remove the account`,
        )
      if (underWay.has(account) || !accounts.exists(account)) return Either.right(false)
      // A login that is under way would still succeed with the keys that it began with.
      const reopen = unbound.close(account)
      underWay.add(account)
      try {
        const removed = await accounts.remove(account)
        if (removed && !isStopped) await finish(account)
        return Either.right(removed)
      } finally {
        if (!isStopped) underWay.delete(account)
        reopen()
      }
    },
    finish,
    isUnderWay: account => underWay.has(account),
    passwordChanged: account => {
      throttle.forget(account)
      unbound.end(account, passwordError)
      runtime.endSessions(account, passwordError)
    },
    stop: () => {
      isStopped = true
    },
  }
}
