/** TLS of one connection: off, in its handshake, or on, and what it says of the peer. */
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { ChannelBindingType, PeerCertificate } from '@smacks/stream'
import { type Authorities, channelBindingOf, peerCertificateOf, type TlsUpgrade } from './tls.js'

export class ConnectionTls {
  readonly #upgrade: TlsUpgrade | undefined
  readonly #authorities: Authorities
  /** Whom we connected to; nothing if the peer connected to us. */
  readonly #serverName: string | undefined
  #state: 'handshake' | 'off' | 'on' = 'off'
  #socket: TLSSocket | undefined
  #peerCertificate: PeerCertificate | undefined
  /** Of our certificate, which stays what it was in the handshake; each look has Node parse all of it. */
  #endPoint: Uint8Array | undefined

  constructor(upgrade: TlsUpgrade | undefined, authorities: Authorities, serverName: string | undefined) {
    this.#upgrade = upgrade
    this.#authorities = authorities
    this.#serverName = serverName
  }

  get canStart(): boolean {
    return this.#state === 'off' && this.#upgrade !== undefined
  }

  get isOn(): boolean {
    return this.#state === 'on'
  }

  get isInHandshake(): boolean {
    return this.#state === 'handshake'
  }

  /** What is said in the clear has been said; the handshake is next. */
  begin(): void {
    this.#state = 'handshake'
  }

  /** Starts the handshake on the socket. Throws where TLS cannot be set up; gives nothing where it is not configured. */
  secure(socket: Socket, direct: boolean): TLSSocket | undefined {
    const secured = this.#upgrade?.(socket, direct, this.#serverName)
    this.#socket = secured
    secured?.once('secure', () => {
      this.#state = 'on'
    })
    return secured
  }

  channelBinding(type: ChannelBindingType): Uint8Array | undefined {
    const socket = this.#live()
    if (socket === undefined || type !== 'tls-server-end-point') return socket && channelBindingOf(socket, type)
    this.#endPoint ??= channelBindingOf(socket, type)
    return this.#endPoint
  }

  peerCertificate(): PeerCertificate | undefined {
    const socket = this.#live()
    if (socket === undefined) return undefined
    // Where it was us who connected, Node gives it once, and then the next one of its chain in its place.
    this.#peerCertificate ??= peerCertificateOf(socket, this.#serverName === undefined, this.#authorities)
    return this.#peerCertificate
  }

  #live(): TLSSocket | undefined {
    return this.isOn && this.#socket?.destroyed === false ? this.#socket : undefined
  }
}
