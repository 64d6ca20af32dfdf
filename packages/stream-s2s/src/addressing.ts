/** Which stanzas a stream between servers may carry (RFC 6120 §§8.1.1.2, 8.1.2.2). */
import { domainInAddress, parseJid, type StanzaFault, type StanzaOutline, type StreamFault } from '@smacks/codec'
import { brief } from '@smacks/stream'
import { isNone } from '#fp-ts/Option'

/** The domains of a stream: the one that was authenticated, and the one it is to. */
export interface StreamPair {
  readonly local: string
  readonly remote: string
}

/**
 * What is wrong with the domains of a stanza that came over the stream: that is the other server's fault, and ends the
 * stream.
 */
export const addressFault = (stanza: StanzaOutline, { local, remote }: StreamPair): StreamFault | undefined => {
  const from = domainInAddress(stanza.from)
  const to = domainInAddress(stanza.to)
  if (from === undefined || to === undefined)
    return {
      condition: 'improper-addressing',
      text: `A stanza came from '${brief(stanza.from ?? '')}' to '${brief(stanza.to ?? '')}'; both must be addresses.`,
    }
  if (from !== remote)
    return {
      condition: 'invalid-from',
      text: `A stanza came from '${brief(stanza.from ?? '')}' on a stream of '${remote}'.`,
    }
  return to === local
    ? undefined
    : { condition: 'host-unknown', text: `A stanza came to '${brief(stanza.to ?? '')}' on a stream to '${local}'.` }
}

/**
 * An address of the stanza that is none to us, though its domain is the right one. Its user chose it, and other servers
 * have other rules for what they let pass: so that stanza alone is answered (RFC 6120 §8.3.3.8).
 */
export const malformedAddress = ({ from, to }: StanzaOutline): StanzaFault | undefined => {
  const malformed = [from, to].find(address => isNone(parseJid(address ?? '')))
  return malformed === undefined
    ? undefined
    : { condition: 'jid-malformed', text: `'${brief(malformed)}' is no address (RFC 7622).` }
}
