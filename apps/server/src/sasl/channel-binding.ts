/**
 * Which channel bindings are offered (RFC 5929, RFC 9266, XEP-0440).
 *
 * The `-PLUS` mechanisms are offered where `tls-unique` can be checked, since that is what clients use in fact, without
 * looking at the types we advertise. Found by experiment:
 *
 * - gloox 1.0.24 (GnuTLS) has no TLS 1.3. On TLS 1.2 it takes SCRAM-SHA-1-PLUS and sends `p=tls-unique`, rightly.
 * - slixmpp 1.8.3 takes -PLUS whenever it is offered and sends `p=tls-unique`, also on TLS 1.3, where it takes the
 *   client's Finished message, as OpenSSL gives it. Refused, it tries each -PLUS mechanism in turn and then the plain
 *   ones with the flag `y`, which we must take for an attack (RFC 5802 §6).
 * - libstrophe 0.12, aioxmpp 0.13, nbxmpp 4.2 and go-sendxmpp 0.5 take a mechanism without -PLUS.
 *
 * So on TLS 1.3 `tls-exporter` is what we advertise, and `tls-unique` is accepted as well: the standard leaves it
 * undefined there (RFC 8446 appendix C.5), but the Finished message is a MAC over the whole handshake under a key of it,
 * and one in the middle, who has two handshakes, has two of them. Where the transport cannot tell it, there is no -PLUS.
 */
import type { ChannelBindingType } from '@smacks/transport-tcp'
import type { SaslContext } from './mechanism.js'

/** The types to advertise, none where no `-PLUS` mechanism is to be offered. */
export const offeredBindings = (
  context: Pick<SaslContext, 'channelBinding' | 'secure'>,
): ReadonlyArray<ChannelBindingType> => {
  if (!context.secure || context.channelBinding('tls-unique') === undefined) return []
  const byVersion = context.channelBinding('tls-exporter') === undefined ? 'tls-unique' : 'tls-exporter'
  return context.channelBinding('tls-server-end-point') === undefined
    ? [byVersion]
    : [byVersion, 'tls-server-end-point']
}

/** True for the names of types that there may be data for. */
export const isChannelBindingType = (name: string): name is ChannelBindingType =>
  name === 'tls-exporter' || name === 'tls-server-end-point' || name === 'tls-unique'
