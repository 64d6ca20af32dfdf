/** All that whoever asks can make the listener hold, do or wait for. */
export interface HttpLimits {
  /** Bytes of the request line and the headers together. */
  readonly headerBytes: number
  /** Bytes of a body; of a longer one some more are read and thrown away, then the connection ends. */
  readonly bodyBytes: number
  /** Connections at a time. One more takes the place of the oldest that has no request, and is refused if there is none. */
  readonly connections: number
  /** Requests that are not answered yet, streams included; one more is answered with 503. */
  readonly requests: number
  /** Requests on one connection. */
  readonly requestsPerConnection: number
  /** Seconds for a TLS handshake, and then for the headers of a request. */
  readonly headerSeconds: number
  /** Seconds until a request has come whole. */
  readonly requestSeconds: number
  /** Seconds in which nothing moves on a connection that has a request, in either direction. */
  readonly idleSeconds: number
  /** Seconds that a connection without a request is kept. */
  readonly keepAliveSeconds: number
  /** Bytes that wait for a peer that does not read its stream. */
  readonly unsentBytes: number
}

export const defaultHttpLimits: HttpLimits = {
  headerBytes: 16_384,
  bodyBytes: 65_536,
  connections: 64,
  requests: 32,
  requestsPerConnection: 1000,
  headerSeconds: 10,
  requestSeconds: 30,
  idleSeconds: 30,
  keepAliveSeconds: 5,
  unsentBytes: 1_048_576,
}
