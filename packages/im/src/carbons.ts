/** Message carbons (XEP-0280): who gets a copy of a message between others. */
import {
  bareOf,
  carbonsNamespace,
  clientNamespace,
  type Element,
  forwarding,
  forwardNamespace,
  outlineFacts,
  Stanza,
  withAttributes,
} from '@smacks/codec'
import type { Instant, Recipient, Resource } from '@smacks/core'
import type { ImEffect } from './effect.js'
import { isCopiedToOthers, messageTypeOf } from './message-rules.js'
import type { Outgoing } from './outgoing.js'
import type { SessionPresence } from './presence/session-presence.js'
import { submit } from './stanzas.js'
import type { ImAccount } from './state.js'

/** Whether the account received the message or sent it (§§7, 8). */
export type Direction = 'received' | 'sent'

/** The sessions that want copies and do not have the message by other means. */
export const copyTakers = (
  sessions: ReadonlyArray<SessionPresence>,
  holders: ReadonlyArray<string>,
): ReadonlyArray<string> => {
  const takers: Array<string> = []
  for (const { resource, carbonsSince } of sessions)
    if (carbonsSince !== undefined && !holders.includes(resource)) takers.push(resource)
  return takers
}

/** True if a session other than this one wants copies. Few accounts have one, so this is asked before any copy is thought of. */
export const hasCopyTaker = ({ sessions }: Pick<ImAccount, 'sessions'>, holder: string): boolean => {
  for (const { resource, carbonsSince } of sessions) if (carbonsSince !== undefined && resource !== holder) return true
  return false
}

/**
 * Gives a message that the account received to some of its sessions, and copies of it to others that want them (§7). All have
 * one time `at`, and one fate. Nobody gets both: what goes into storage is copied when it leaves, since only then it is
 * known who gets it.
 */
export const submitWithCopies = (
  account: Recipients,
  receivers: ReadonlyArray<string>,
  message: Outgoing,
  at: Instant,
): ReadonlyArray<ImEffect> => {
  const { stanza, facts } = message
  const [only] = receivers
  if (only !== undefined && receivers.length === 1 && !hasCopyTaker(account, only))
    return [submit(only, { stanza, facts }, at)]
  const { from } = facts
  // Who wrote to the own account has the message.
  const sender = from?.startsWith(`${account.jid}/`) ? [from.slice(account.jid.length + 1)] : []
  const copies = copiesOf(account, 'received', message, [...receivers, ...sender])
  const originals = receivers.map(resource => ({ resource, stanza, facts }))
  // Copies alone have no fate to share: the message itself is settled already.
  if (originals.length === 0) return copies.map(copy => submit(copy.resource, copy, at))
  return submitToSeveral([...originals, ...copies], at)
}

/** Copies a message that a session of the account sent to its others (§8). */
export const copySent = (
  account: Recipients,
  resource: Resource,
  message: Outgoing,
  at: Instant,
): ReadonlyArray<ImEffect> =>
  copiesOf(account, 'sent', message, [resource]).map(copy => submit(copy.resource, copy, at))

const submitToSeveral = (recipients: ReadonlyArray<Recipient<Stanza>>, at: Instant): ReadonlyArray<ImEffect> => {
  const [first, second] = recipients
  if (first === undefined) return []
  return second === undefined ? [submit(first.resource, first, at)] : [{ _tag: 'SubmitToSeveral', recipients, at }]
}

type Recipients = Pick<ImAccount, 'jid' | 'sessions'>

/** The copies of a message, if it is eligible, for the sessions that want them and do not have it by other means. */
const copiesOf = (
  { jid, sessions }: Recipients,
  direction: Direction,
  { stanza, facts }: Outgoing,
  holders: ReadonlyArray<string>,
): ReadonlyArray<Recipient<Stanza>> => {
  const takers = copyTakers(sessions, holders)
  if (takers.length === 0 || !isCopiedToOthers(stanza.outline, messageTypeOf(facts.type))) return []
  const { transient, neverReturned } = facts
  return takers.map(resource => {
    const copy = carbonCopy(direction, stanza, `${jid}/${resource}`)
    return {
      resource,
      stanza: copy.stanza,
      facts: { ...copy.facts, ...(transient && { transient }), ...(neverReturned && { neverReturned }) },
    }
  })
}

/** The message, wrapped for one session. */
const carbonCopy = (direction: Direction, message: Stanza, to: string): Outgoing => {
  const reason = { name: direction, xmlns: carbonsNamespace }
  const stanza = forwarding(message, { from: bareOf(to), to, type: message.outline.type, reason })
  return { stanza, facts: outlineFacts(stanza.outline) }
}

/** The message in a copy of what the account received, as it was before it was wrapped. */
export const originalOf = (copy: Element): Stanza | undefined => {
  const { from, to } = copy.attrs
  // What anybody else wraps would be taken for true (XEP-0280 §11).
  if (to === undefined || from !== bareOf(to)) return undefined
  const message = copy
    .getChild('received', carbonsNamespace)
    ?.getChild('forwarded', forwardNamespace)
    ?.getChild('message', clientNamespace)
  return message === undefined ? undefined : Stanza.fromElement(withAttributes(message, { xmlns: undefined }))
}
