/** Message carbons (XEP-0280): who gets a copy of a message between others. */
import { bareOf, carbonsNamespace, clientNamespace, type Element, element, Stanza, withAttributes } from '@smacks/codec'
import type { Instant, Recipient } from '@smacks/core'
import type { AccountId } from '@smacks/runtime'
import type { Context } from './context.js'
import { isCopiedToOthers, messageTypeOf } from './message-rules.js'
import { forwardNamespace } from './namespaces.js'
import { presencesOf, type SessionPresence } from './presence/state.js'
import { type Outgoing, outgoing, submit, submitToSeveral } from './sending.js'

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

/**
 * Gives a message that the account received to some of its sessions, and copies of it to others that want them (§7). All have
 * one time `at`, and one fate. Nobody gets both: what goes into storage is copied when it leaves, since only then it is
 * known who gets it.
 */
export const submitWithCopies = (
  context: Context,
  account: AccountId,
  receivers: ReadonlyArray<string>,
  message: Outgoing,
  at: Instant,
): void => {
  const { from } = message.facts
  // Who wrote to the own account has the message.
  const sender = from?.startsWith(`${account}/`) ? [from.slice(account.length + 1)] : []
  const copies = copiesOf(context, account, 'received', message, [...receivers, ...sender])
  const originals = receivers.map(resource => ({ resource, stanza: message.stanza, facts: message.facts }))
  // Copies alone have no fate to share: the message itself is settled already.
  if (originals.length === 0) for (const copy of copies) submit(context, account, copy.resource, copy, at)
  else submitToSeveral(context, account, [...originals, ...copies], at)
}

/** Copies a message that a session of the account sent to its others (§8). */
export const copySent = (
  context: Context,
  account: AccountId,
  resource: string,
  message: Outgoing,
  at: Instant,
): void => {
  for (const copy of copiesOf(context, account, 'sent', message, [resource]))
    submit(context, account, copy.resource, copy, at)
}

/** The copies of a message, if it is eligible, for the sessions that want them and do not have it by other means. */
const copiesOf = (
  context: Context,
  account: AccountId,
  direction: Direction,
  { stanza, facts }: Outgoing,
  holders: ReadonlyArray<string>,
): ReadonlyArray<Recipient<Stanza>> => {
  const takers = copyTakers(presencesOf(context.presences, account), holders)
  if (takers.length === 0 || !isCopiedToOthers(stanza.element, messageTypeOf(facts.type))) return []
  const { transient, neverReturned } = facts
  return takers.map(resource => {
    const copy = outgoing(carbonCopy(direction, stanza.element, `${account}/${resource}`))
    return {
      resource,
      stanza: copy.stanza,
      facts: { ...copy.facts, ...(transient && { transient }), ...(neverReturned && { neverReturned }) },
    }
  })
}

/** The message, wrapped for one session. */
export const carbonCopy = (direction: Direction, message: Element, to: string): Element =>
  element(
    'message',
    { from: bareOf(to), to, type: message.attrs.type },
    element(
      direction,
      { xmlns: carbonsNamespace },
      element('forwarded', { xmlns: forwardNamespace }, withAttributes(message, { xmlns: clientNamespace })),
    ),
  )

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
