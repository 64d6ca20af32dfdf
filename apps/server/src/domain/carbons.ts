/** Message carbons (XEP-0280): who gets a copy of a message between others. */
import { bareOf, carbonsNamespace, clientNamespace, type Element, element, withAttributes } from '@smacks/codec'
import type { Instant } from '@smacks/core'
import type { AccountId } from '@smacks/runtime'
import type { Context } from './context.js'
import { isCopiedToOthers, messageTypeOf } from './message-rules.js'
import { forwardNamespace } from './namespaces.js'
import { presencesOf, type SessionPresence } from './presence/state.js'
import { type Outgoing, outgoing, submit } from './sending.js'

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
 * one time `at`. Nobody gets both: what goes into storage is copied when it leaves, since only then it is known who gets it.
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
  for (const resource of receivers) submit(context, account, resource, message, at)
  for (const { resource, copy } of copies) submit(context, account, resource, copy, at)
}

/** Copies a message that a session of the account sent to its others (§8). */
export const copySent = (
  context: Context,
  account: AccountId,
  resource: string,
  message: Outgoing,
  at: Instant,
): void => {
  for (const taker of copiesOf(context, account, 'sent', message, [resource]))
    submit(context, account, taker.resource, taker.copy, at)
}

/** The copies of a message, if it is eligible, for the sessions that want them and do not have it by other means. */
const copiesOf = (
  context: Context,
  account: AccountId,
  direction: Direction,
  { stanza, facts }: Outgoing,
  holders: ReadonlyArray<string>,
): ReadonlyArray<{ readonly resource: string; readonly copy: Outgoing }> => {
  const takers = copyTakers(presencesOf(context.presences, account), holders)
  if (takers.length === 0 || !isCopiedToOthers(stanza.element, messageTypeOf(facts.type))) return []
  return takers.map(resource => ({
    resource,
    copy: outgoing(carbonCopy(direction, stanza.element, `${account}/${resource}`)),
  }))
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
