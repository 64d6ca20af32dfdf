/**
 * Whether there is room for an offline message (XEP-0160): for the account, for its sender, and where that is at another
 * server for all of that server, so that nobody can fill up what is somebody else's. What is on its way to the store counts.
 */
import type { StanzaFacts } from '@smacks/core'
import { type AccountId, type OfflineUsage, sendersOf } from '@smacks/runtime'
import type { Context } from './context.js'
import { offlineMessages, offlineMessagesOfSender } from './limits.js'
import { type Outgoing, type Refusal, refusal, serviceUnavailable } from './sending.js'

/** What is on its way to the store, by account and by sender; that of all senders has no name. */
export type Storing = Map<AccountId, Map<string, OfflineUsage>>

/** The error for the sender of a message that cannot be stored; nothing if there is room. */
export const refusalToStore = (context: Context, account: AccountId, message: Outgoing): Refusal | undefined => {
  if (context.isDataFull()) return dataFull
  const { offlineBytesPerSender, offlineBytesPerUser } = context.quotas()
  const size = sizeOf(message)
  const isBeyond = (sender: string, count: number, bytes: number): boolean => {
    const used = usageOf(context, account, sender)
    return used.count >= count || used.size + size > bytes
  }
  if (sharesOf(context, message.facts).some(one => isBeyond(one, offlineMessagesOfSender, offlineBytesPerSender)))
    return shareFull
  // XEP-0160 §3 wants the error of an account that has no storage.
  return isBeyond('', offlineMessages, offlineBytesPerUser) ? serviceUnavailable : undefined
}

/** To be called when the change that stores it was given to the loop. */
export const noteStoring = (context: Context, account: AccountId, message: Outgoing): void => {
  const { runtime, storing } = context
  const size = sizeOf(message)
  const senders = ['', ...sendersOf(message.facts)]
  const add = (count: number, bytes: number): void => {
    const known = storing.get(account) ?? new Map<string, OfflineUsage>()
    for (const sender of senders) {
      const before = known.get(sender) ?? none
      if (before.count + count === 0) known.delete(sender)
      else known.set(sender, { count: before.count + count, size: before.size + bytes })
    }
    if (known.size === 0) storing.delete(account)
    else storing.set(account, known)
  }
  add(1, size)
  runtime.whenSettled(account, () => add(-1, -size))
}

const none: OfflineUsage = { count: 0, size: 0 }

const usageOf = ({ offline, storing }: Context, account: AccountId, sender: string): OfflineUsage => {
  const stored = sender === '' ? offline.usage(account) : offline.usage(account, sender)
  const underWay = storing.get(account)?.get(sender) ?? none
  return { count: stored.count + underWay.count, size: stored.size + underWay.size }
}

/** Those whose share it takes from: who is here has one of their own, who is elsewhere has one with their server too. */
const sharesOf = ({ domains }: Context, facts: StanzaFacts): ReadonlyArray<string> =>
  sendersOf(facts).filter(sender => !domains.has(sender))

const sizeOf = ({ stanza }: Outgoing): number => Buffer.byteLength(stanza.xml)

/** It may be better later (RFC 6120 §8.3.3.18). */
const shareFull = refusal('wait', 'resource-constraint', 'too much of yours waits for this user already')

const dataFull = refusal('wait', 'resource-constraint', 'the server can store no more')
