/**
 * After a restart: the sessions are back, and with them comes what contacts saw and what was promised. What was under
 * way for them goes on.
 */
import { isLeft } from 'fp-ts/lib/Either.js'
import type { Context } from './context.js'
import { deliverOffline } from './offline.js'
import { endPresence } from './presence/presence.js'
import { decodePresence, presenceRecords } from './presence/record.js'
import { recallPresence } from './presence/state.js'
import { resyncAfterRestart } from './remote/resync.js'
import { recallStale } from './remote/stale.js'
import { decodeStale, staleRecords } from './remote/stale-record.js'
import { hasSession } from './sending.js'

/** Takes back what was kept. Before the sessions themselves are back, since some of them may end at once. */
export const recall = (context: Context): void => {
  recallPresences(context)
  recallStaleContacts(context)
}

const recallStaleContacts = (context: Context): void => {
  for (const { account, name, text } of context.records(staleRecords)) {
    const decoded = decodeStale(text)
    if (isLeft(decoded))
      context.log.warn(
        { account, contact: name, reason: decoded.left },
        'a contact may never know a state that was lost',
      )
    else recallStale(context, account, decoded.right)
  }
}

const recallPresences = (context: Context): void => {
  for (const { account, name, text } of context.records(presenceRecords)) {
    const decoded = decodePresence(name, text)
    if (isLeft(decoded)) context.log.warn({ account, resource: name, reason: decoded.left }, 'a presence is lost')
    else recallPresence(context.presences, account, decoded.right)
  }
}

/** Goes on with what the restart interrupted. After the sessions are back. */
export const goOn = (context: Context): void => {
  for (const [account, sessions] of [...context.presences.byAccount]) {
    // What was known of a session that is not back, since its account cannot be read: nobody should go on seeing it.
    for (const { resource } of sessions)
      if (!hasSession(context, account, resource)) endPresence(context, account, resource)
    if (context.offline.count(account) > 0) deliverOffline(context, account)
  }
  if (context.remotes !== undefined) resyncAfterRestart(context)
}
