/** Addresses as they come, and those of sessions that are older than today's rules. */
import { bareOf, type Jid, parseJid, resourceOf } from '@smacks/codec'
import { sessionOf } from '@smacks/core'
import { isSome } from '#fp-ts/Option'
import type { Context } from './context.js'

/**
 * What an address states, normalised; nothing if it is none. A session that was bound under other rules, such as those of an
 * earlier version, keeps its resource until it ends, so its very address is one.
 */
export const addressIn = ({ runtime }: Context, text: string): Jid | undefined => {
  const jid = parseJid(text)
  if (isSome(jid)) return jid.value
  const account = parseJid(bareOf(text))
  const resource = resourceOf(text)
  return resource !== '' && isSome(account) && sessionOf(runtime.account(bareOf(text)), resource) !== undefined
    ? { ...account.value, resource }
    : undefined
}
