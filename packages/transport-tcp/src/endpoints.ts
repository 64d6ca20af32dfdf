/** Where a transport listens, where it connects, and what all its sockets have in common. */

/** Where to listen. */
export interface TcpEndpoint {
  /** An address of this machine, IPv4 or IPv6, or a name of one. */
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
  /** TLS from the first byte (XEP-0368) instead of STARTTLS. */
  readonly directTls: boolean
}

/** Where to connect. */
export interface RemoteEndpoint {
  /** A name or an address, IPv4 or IPv6, without brackets. */
  readonly host: string
  readonly port: number
  /** TLS from the first byte (XEP-0368) instead of STARTTLS. */
  readonly directTls: boolean
  /** Whom TLS is to ask for (SNI). */
  readonly serverName: string
  /** Which addresses may be connected to, of those that the host has; by default all. */
  readonly permits?: (address: string) => boolean
}

/** For messages to people. */
export const nameOf = ({ host, port }: TcpEndpoint): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`

/**
 * No keepalive of TCP: Node sets when it begins, and libuv the rest, so that ten probes within ten seconds that are lost
 * would end an idle line whose network was away for just that time. Who is silent is asked by the handler instead
 * (`silent`), and the line is given up only if that is not answered in its time.
 */
export const socketOptions = { allowHalfOpen: true, noDelay: true, keepAlive: false } as const
