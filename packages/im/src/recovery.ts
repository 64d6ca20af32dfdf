/**
 * After a restart: the sessions are back, and with them comes what contacts saw and what was promised. What was under
 * way for them goes on.
 */
import type { AccountId, RecoverySteps } from '@smacks/runtime'
import { type Either, isLeft } from '#fp-ts/Either'
import type { Context } from './context.js'
import { decodePresence, presenceRecords } from './presence/record.js'
import { resyncAfterRestart } from './remote/resync.js'
import { decodeStale, staleRecords } from './remote/stale-record.js'
import { resumeDelivery } from './stored.js'
import { hasSession } from './view-of.js'

/** Which accounts exist no more is not for this room to say. */
export const recoveryOf = (context: Context): RecoverySteps => ({
  restore: () => restore(context),
  abandoned: () => [],
  resume: () => resumeDeliveries(context),
})

/** Takes back what was kept. */
const restore = (context: Context): void => {
  const { accounts, records, log } = context
  const use = <A>(decoded: Either<string, A>, found: (value: A) => void, lost: object, message: string): void => {
    if (isLeft(decoded)) log.warn({ ...lost, reason: decoded.left }, message)
    else found(decoded.right)
  }
  for (const { account, name, text } of records(presenceRecords))
    use(
      decodePresence(name, text),
      presence => accounts.recoverPresence(account, presence),
      { account, resource: name },
      'a presence is lost',
    )
  for (const { account, name, text } of records(staleRecords))
    use(
      decodeStale(text),
      stale => accounts.recoverStale(account, stale),
      { account, contact: name },
      'a contact may never know a state that was lost',
    )
}

/** Goes on with what the restart interrupted. */
const resumeDeliveries = (context: Context): void => {
  for (const account of context.accounts.withSessions()) {
    endLostSessions(context, account)
    if (context.offline.count(account) > 0) resumeDelivery(context, account)
  }
  if (context.remotes !== undefined) resyncAfterRestart(context)
}

/** What was known of a session that is not back, since its account cannot be read: nobody should go on seeing it. */
const endLostSessions = (context: Context, account: AccountId): void => {
  for (const { resource } of context.accounts.peek(account).sessions)
    if (!hasSession(context, account, resource))
      context.handle(account, { _tag: 'SessionEnded', resource, isStopped: false })
}
