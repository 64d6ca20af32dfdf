/** Bytes of streams, of all connections since the transport was made; with TLS, what is inside it. */
export interface Traffic {
  readonly received: number
  /** What was handed to the line, whether it arrived or not. */
  readonly sent: number
}

/** Where connections count. */
export interface TrafficCount {
  received: number
  sent: number
}
