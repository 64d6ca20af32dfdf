/** Whose stanzas a stream between servers may carry (RFC 6120 §§8.1.1.2, 8.1.2.2). */
import { type Element, parseJid, type StreamFault } from '@smacks/codec'
import { isNone } from 'fp-ts/lib/Option.js'
import { brief } from '../stream/elements.js'

/** The domains of a stream: the one that was authenticated, and the one it is to. */
export interface StreamPair {
  readonly here: string
  readonly there: string
}

/** What is wrong with the addresses of a stanza that came over the stream. */
export const addressFault = ({ attrs }: Element, { here, there }: StreamPair): StreamFault | undefined => {
  const from = domainIn(attrs.from)
  const to = domainIn(attrs.to)
  if (from === undefined || to === undefined)
    return {
      condition: 'improper-addressing',
      text: `A stanza came from '${brief(attrs.from ?? '')}' to '${brief(attrs.to ?? '')}'; both must be addresses.`,
    }
  if (from !== there)
    return {
      condition: 'invalid-from',
      text: `A stanza came from '${brief(attrs.from ?? '')}' on a stream of '${there}'.`,
    }
  return to === here
    ? undefined
    : { condition: 'host-unknown', text: `A stanza came to '${brief(attrs.to ?? '')}' on a stream to '${here}'.` }
}

/** The domain of an address, normalised; nothing if it is no address. */
export const domainIn = (address: string | undefined): string | undefined => {
  const jid = address === undefined ? undefined : parseJid(address)
  return jid === undefined || isNone(jid) ? undefined : jid.value.domain
}
