/** How stanzas leave for other servers. */
import type { Instant } from '@smacks/core'
import type { Context } from '../context.js'
import type { Outgoing, Refusal } from '../outgoing.js'
import { unreachable } from './unreachable.js'

/**
 * Gives a stanza, first submitted `at`, to the link to the server of its `to`; both of its addresses are set. Returns
 * why not, if it is not taken. What is taken may yet come back (`LinkReturned`).
 */
export const sendToRemote = (
  { remotes, log }: Context,
  { stanza, facts }: Outgoing,
  at?: Instant,
): Refusal | undefined => {
  if (remotes === undefined) return notFound
  const refused = remotes.send({ stanza, facts }, at)
  if (refused !== undefined) {
    const { name, type, from, to } = facts
    log.debug({ name, type, from, to, condition: refused.condition }, 'a stanza cannot leave')
  }
  return refused
}

const notFound = unreachable('remote-server-not-found')
