/** Message carbons (XEP-0280): who gets a copy of a message between others. */
import { bareOf, carbonsNamespace, clientNamespace, type Element, element, withAttributes } from '@smacks/codec'
import type { AccountId } from '@smacks/runtime'
import type { Context } from './context.js'
import { forwardNamespace } from './namespaces.js'
import { presencesOf, type SessionPresence } from './presence/state.js'
import { submitElement } from './sending.js'

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
 * Sends copies of an eligible message to the account's sessions that enabled carbons, except those that `holders`
 * names. `isEligible` is asked only if there is somebody to copy to.
 */
export const copyToOthers = (
  context: Context,
  account: AccountId,
  direction: Direction,
  message: Element,
  holders: ReadonlyArray<string>,
  isEligible: () => boolean,
): void => {
  const sessions = presencesOf(context.presences, account)
  if (sessions.length === 0) return
  const takers = copyTakers(sessions, holders)
  if (takers.length === 0 || !isEligible()) return
  for (const resource of takers)
    submitElement(context, account, resource, carbonCopy(direction, message, `${account}/${resource}`))
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
