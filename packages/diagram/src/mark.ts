/** What a diagram shows. */

/** What it is about: a repeated stanza, something bad or good, an element of stream management, a remark, a stanza. */
export type Tone = 'again' | 'bad' | 'good' | 'nonza' | 'quiet' | 'stanza' | 'title'

/** `in` is to the server, `out` the other way. */
export type Way = 'in' | 'out'

/** How a session stands: connected, waiting for its client, or over. */
export type Reach = 'away' | 'connected' | 'over'

/** An arrow between a lifeline and the server, or, without a `way`, a note beside it. */
export interface Mark {
  /** The step it belongs to. */
  readonly seq: number
  /** Milliseconds since 1970. */
  readonly at: number
  /** The session: its full JID, or whatever names it. */
  readonly lifeline: string
  readonly way?: Way
  readonly text: string
  readonly tone: Tone
  /** How the session stands after it, if there is one. */
  readonly reach?: Reach
  /** What names the stanza, if it is about one: its id, or `#` and the number of the step. */
  readonly stanza?: string
}
