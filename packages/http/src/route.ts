/** What can be asked for, and what is answered. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

export interface HttpRequest {
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  /** The body; undefined if it is longer than `bodyBytes` or did not come whole. */
  readonly body: () => Promise<string | undefined>
}

/** An answer as a whole. Unless it says otherwise it is plain text, and neither kept nor shown inside another page. */
export interface WholeAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

/** An answer that goes on. */
export interface StreamedAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** Called once, when the headers are written. */
  readonly stream: (sink: Sink) => void
}

export type Answer = StreamedAnswer | WholeAnswer

/** Takes what a stream has to say. */
export interface Sink {
  /** Of a peer that does not read, the connection ends once `unsentBytes` wait for it. */
  readonly write: (text: string) => void
  /** Later calls do nothing. */
  readonly end: () => void
  /** Calls back once when the stream has ended, whoever ended it; at once if it has already. */
  readonly onEnd: (callback: () => void) => void
}

/** `open`: for everybody, and so for nothing that is anybody's business. `token`: for who has the token, if there is one. */
export type Access = 'open' | 'token'

/** One thing that can be asked for. A route for GET answers HEAD too. */
export interface Route {
  readonly method: 'DELETE' | 'GET' | 'POST' | 'PUT'
  /** The whole path. */
  readonly path: string
  readonly access: Access
  /** What it throws is a fault of ours: the answer is 500, and says no more. */
  readonly answer: (request: HttpRequest) => Answer | Promise<Answer>
}

/** A protocol that a connection changes to (RFC 9110 §7.8), such as WebSocket. */
export interface Upgrade {
  readonly path: string
  readonly access: Access
  /** The socket is the handler's from now on, with all bounds that it needs; `head` came already. */
  readonly take: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
}

/** One sentence. */
export const sentence = (
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): WholeAnswer => ({
  status,
  headers,
  body: `${text}\n`,
})
