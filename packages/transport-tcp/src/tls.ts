/** TLS on either side of a connection, the channel bindings that it gives, and whom the peer shows itself to be. */
import { constants, type X509Certificate } from 'node:crypto'
import { isIP, type Socket } from 'node:net'
import {
  connect,
  createSecureContext,
  type DetailedPeerCertificate,
  type SecureContext,
  type SecureContextOptions,
  TLSSocket,
} from 'node:tls'
import type { ChannelBindingType, PeerCertificate } from '@smacks/stream'
import { certificateHash } from './certificate-hash.js'
import type { TcpTransportOptions } from './options.js'
import { authoritiesIn, serverChainFault } from './server-chain.js'

/**
 * Puts TLS on a socket. `direct`: TLS from the first byte (XEP-0368), where the protocol is named by ALPN. With the name
 * of a server (SNI) we are the client's side, otherwise the server's. No certificate of the peer ends the handshake: what
 * it is worth is judged later.
 */
export type TlsUpgrade = (socket: Socket, direct: boolean, serverName: string | undefined) => TLSSocket

/** Upgrades with what `options` gives at the time; a context is made anew only when that is another object. */
export const createTlsUpgrade = (
  options: () => SecureContextOptions,
  peers: TcpTransportOptions['peers'],
): TlsUpgrade => {
  let latest: { readonly options: SecureContextOptions; readonly context: SecureContext } | undefined
  const context = (): SecureContext => {
    const wanted = options()
    if (latest?.options !== wanted) latest = { options: wanted, context: createSecureContext(hardened(wanted, peers)) }
    return latest.context
  }
  const alpn = { ALPNProtocols: [peers === 'servers' ? 'xmpp-server' : 'xmpp-client'] }
  return (socket, direct, serverName) => {
    const common = { secureContext: context(), rejectUnauthorized: false, ...(direct ? alpn : {}) }
    return serverName === undefined
      ? new TLSSocket(socket, { ...common, isServer: true, requestCert: peers === 'servers' })
      : connect({ ...common, socket, ...(isIP(serverName) === 0 ? { servername: serverName } : {}) })
  }
}

/** Those whose word on servers is taken, as the options name them at the time; read when somebody asks. */
export type Authorities = () => ReadonlyArray<X509Certificate>

export const createAuthorities = (options: () => SecureContextOptions): Authorities => {
  let latest: { readonly ca: unknown; readonly read: ReadonlyArray<X509Certificate> } | undefined
  return () => {
    const { ca } = options()
    if (latest?.ca !== ca || latest === undefined) latest = { ca, read: authoritiesIn(ca) }
    return latest.read
  }
}

/** What the peer showed; nothing if it showed nothing. `isConnector`: it was the peer who connected. */
export const peerCertificateOf = (
  socket: TLSSocket,
  isConnector: boolean,
  authorities: Authorities,
): PeerCertificate | undefined => {
  const distrust = distrustOf(socket)
  // Before anything else asks for the certificate: Node takes it from the chain then, and the rest cannot be put in order.
  const chain = distrust === 'INVALID_PURPOSE' && isConnector ? chainOf(socket) : undefined
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return undefined
  return {
    der: certificate.raw,
    distrust: chain === undefined ? distrust : serverChainFault(chain, authorities(), Date.now()),
  }
}

/** What the peer showed in all, in DER: each certificate is followed by its issuer. */
const chainOf = (socket: TLSSocket): ReadonlyArray<Uint8Array> => {
  const chain: Array<Uint8Array> = []
  const seen = new Set<string>()
  let next: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true)
  // The last one is its own issuer.
  while (next?.raw !== undefined && !seen.has(next.fingerprint256)) {
    seen.add(next.fingerprint256)
    chain.push(next.raw)
    next = next.issuerCertificate
  }
  return chain
}

/**
 * Node tells what OpenSSL made of the chain only of sockets that its own servers made; the handle knows it of any. Of several
 * faults it is the last that was found.
 */
const distrustOf = (socket: TLSSocket): string | undefined => {
  const handle: unknown = Reflect.get(socket, '_handle')
  if (!isVerifying(handle)) throw new Error('TLS does not tell what the certificate of its peer is worth')
  const fault = handle.verifyError()
  return fault === null || fault === undefined ? undefined : (fault.code ?? String(fault))
}

interface Verifying {
  readonly verifyError: () => (Error & { readonly code?: string }) | null | undefined
}

const isVerifying = (handle: unknown): handle is Verifying =>
  typeof handle === 'object' && handle !== null && 'verifyError' in handle && typeof handle.verifyError === 'function'

/**
 * RFC 7590 §3: no TLS below 1.2. Without renegotiation, `tls-unique` stays the same for the whole connection. Servers
 * get no session to resume: each handshake is to show a certificate, judged by what is trusted and valid by then.
 */
const hardened = (options: SecureContextOptions, peers: TcpTransportOptions['peers']): SecureContextOptions => ({
  ...options,
  minVersion: options.minVersion === 'TLSv1.3' ? 'TLSv1.3' : 'TLSv1.2',
  secureOptions:
    (options.secureOptions ?? 0) |
    constants.SSL_OP_NO_RENEGOTIATION |
    (peers === 'servers' ? constants.SSL_OP_NO_TICKET : 0),
})

/** The channel binding data of an established TLS connection; nothing if this version of TLS does not give it. */
export const channelBindingOf = (socket: TLSSocket, type: ChannelBindingType): Uint8Array | undefined => {
  switch (type) {
    // RFC 9266 §2: the context is there, and empty.
    case 'tls-exporter':
      return socket.getProtocol() === 'TLSv1.3' && canExport(socket)
        ? socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0))
        : undefined
    // RFC 5929 §3.1: the first Finished message of the handshake is the client's; in a resumed session, the server's.
    case 'tls-unique':
      if (!canExport(socket)) return undefined
      return socket.isSessionReused() ? socket.getFinished() : socket.getPeerFinished()
    case 'tls-server-end-point':
      return ownCertificateHash(socket)
  }
}

/** Deno's sockets have no such function, and what they call the Finished message is another one than that of the peer. */
const canExport = (socket: Partial<Pick<TLSSocket, 'exportKeyingMaterial'>>): boolean =>
  typeof socket.exportKeyingMaterial === 'function'

const ownCertificateHash = (socket: TLSSocket): Uint8Array | undefined => {
  const certificate = socket.getCertificate()
  return certificate !== null && 'raw' in certificate && certificate.raw instanceof Uint8Array
    ? certificateHash(certificate.raw)
    : undefined
}
