/** The address that a client may put into `from` (RFC 6120 §8.1.2.1). */
import { bareOf, formatJid, parseJid } from '@smacks/codec'
import { isSome } from 'fp-ts/lib/Option.js'

/** True if a session with this full JID may send a stanza with this `from`: its full JID, or its bare JID. */
export const mayClaim = (from: string, fullJid: string): boolean => {
  if (from === fullJid) return true
  const claimed = parseJid(from)
  if (!isSome(claimed)) return false
  const normalised = formatJid(claimed.value)
  return normalised === fullJid || normalised === bareOf(fullJid)
}
