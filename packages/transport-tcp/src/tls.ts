/** TLS on the server's side of a connection, and the channel bindings that it gives. */
import { constants } from 'node:crypto'
import type { Socket } from 'node:net'
import { createSecureContext, type SecureContext, type SecureContextOptions, TLSSocket } from 'node:tls'
import { certificateHash } from './certificate-hash.js'
import type { ChannelBindingType } from './connection.js'

/** Puts TLS on a socket. `direct`: TLS from the first byte (XEP-0368), where clients name the protocol by ALPN. */
export type TlsUpgrade = (socket: Socket, direct: boolean) => TLSSocket

/** Upgrades with what `options` gives at the time; a context is made anew only when that is another object. */
export const createTlsUpgrade = (options: () => SecureContextOptions): TlsUpgrade => {
  let latest: { readonly options: SecureContextOptions; readonly context: SecureContext } | undefined
  const context = (): SecureContext => {
    const wanted = options()
    if (latest?.options !== wanted) latest = { options: wanted, context: createSecureContext(hardened(wanted)) }
    return latest.context
  }
  return (socket, direct) =>
    new TLSSocket(socket, {
      isServer: true,
      secureContext: context(),
      ...(direct ? { ALPNProtocols: ['xmpp-client'] } : {}),
    })
}

/** RFC 7590 §3: no TLS below 1.2. Without renegotiation, `tls-unique` stays the same for the whole connection. */
const hardened = (options: SecureContextOptions): SecureContextOptions => ({
  ...options,
  minVersion: options.minVersion === 'TLSv1.3' ? 'TLSv1.3' : 'TLSv1.2',
  secureOptions: (options.secureOptions ?? 0) | constants.SSL_OP_NO_RENEGOTIATION,
})

/** The channel binding data of an established TLS connection; nothing if this version of TLS does not give it. */
export const channelBindingOf = (socket: TLSSocket, type: ChannelBindingType): Uint8Array | undefined => {
  switch (type) {
    // RFC 9266 §2: the context is there, and empty.
    case 'tls-exporter':
      return socket.getProtocol() === 'TLSv1.3'
        ? socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0))
        : undefined
    // RFC 5929 §3.1: the first Finished message of the handshake is the client's; in a resumed session, the server's.
    case 'tls-unique':
      return socket.isSessionReused() ? socket.getFinished() : socket.getPeerFinished()
    case 'tls-server-end-point':
      return ownCertificateHash(socket)
  }
}

const ownCertificateHash = (socket: TLSSocket): Uint8Array | undefined => {
  const certificate = socket.getCertificate()
  return certificate !== null && 'raw' in certificate && certificate.raw instanceof Uint8Array
    ? certificateHash(certificate.raw)
    : undefined
}
