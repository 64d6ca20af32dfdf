/**
 * Whether there is room for an offline message (XEP-0160): for the account, for its sender, and where that is at another
 * server for all of that server, so that nobody can fill up what is somebody else's. What is on its way to the store counts.
 */
import type { StanzaFacts } from '@smacks/core'
import { type AccountId, type OfflineUsage, sendersOf } from '@smacks/runtime'
import type { Context } from './context.js'
import { offlineMessages, offlineMessagesOfSender } from './limits.js'
import type { Outgoing, Refusal } from './outgoing.js'
import { refusal, refuse, serviceUnavailable } from './stanzas.js'
import type { OnItsWay } from './storing.js'

/** The error for the sender of a message that cannot be stored; nothing if there is room. */
export const refusalToStore = (context: Context, account: AccountId, message: Outgoing): Refusal | undefined => {
  askWhenDurable(context, account)
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

/**
 * True if a message that a session left is to be stored. Where there is no room for it, it goes back to its sender, if that
 * expects an error. The core decided that messages are stored.
 */
export const mayStoreLeft = (context: Context, account: AccountId, message: Outgoing): boolean => {
  const refused = refusalToStore(context, account, message)
  if (refused === undefined) noteStoring(context, account, message)
  else if (!message.facts.neverReturned) context.perform(account, refuse(message.stanza.head, refused))
  return refused === undefined
}

/** It is about to be stored, by a change that the loop has before anything else of this account is stored. */
export const noteStoring = ({ storing }: Context, account: AccountId, message: Outgoing): void => {
  const size = sizeOf(message)
  const senders = ['', ...sendersOf(message.facts)]
  const onItsWay = storing.get(account) ?? { bySender: new Map<string, OfflineUsage>(), unasked: [] }
  storing.set(account, onItsWay)
  add(onItsWay, senders, 1, size)
  onItsWay.unasked.push(() => {
    add(onItsWay, senders, -1, -size)
    if (onItsWay.bySender.size === 0) storing.delete(account)
  })
}

const add = ({ bySender }: OnItsWay, senders: ReadonlyArray<string>, count: number, size: number): void => {
  for (const sender of senders) {
    const before = bySender.get(sender) ?? none
    if (before.count + count === 0) bySender.delete(sender)
    else bySender.set(sender, { count: before.count + count, size: before.size + size })
  }
}

/** The loop has what was noted before. */
const askWhenDurable = ({ runtime, storing }: Context, account: AccountId): void => {
  const onItsWay = storing.get(account)
  if (onItsWay === undefined || onItsWay.unasked.length === 0) return
  const asked = onItsWay.unasked
  onItsWay.unasked = []
  runtime.whenSettled(account, () => {
    for (const takeOff of asked) takeOff()
  })
}

const none: OfflineUsage = { count: 0, size: 0 }

const usageOf = ({ offline, storing }: Context, account: AccountId, sender: string): OfflineUsage => {
  const stored = sender === '' ? offline.usage(account) : offline.usage(account, sender)
  const underWay = storing.get(account)?.bySender.get(sender) ?? none
  return { count: stored.count + underWay.count, size: stored.size + underWay.size }
}

/** Those whose share it takes from: who is here has one of their own, who is elsewhere has one with their server too. */
const sharesOf = ({ domains }: Context, facts: StanzaFacts): ReadonlyArray<string> =>
  sendersOf(facts).filter(sender => !domains.has(sender))

const sizeOf = ({ stanza }: Outgoing): number => stanza.size

/** It may be better later (RFC 6120 §8.3.3.18). */
const shareFull = refusal('wait', 'resource-constraint', 'too much of yours waits for this user already')

const dataFull = refusal('wait', 'resource-constraint', 'the server can store no more')
