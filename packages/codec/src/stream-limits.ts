/** What a peer may send at most. Of a stream header more is bounded, by what the standards call for: `stream-header.ts`. */
export interface StreamLimits {
  /** Bytes of the stream header. */
  readonly headerBytes: number
  /**
   * Bytes of each first-level element: those that come, and those that it takes written again, with what it takes over
   * from the stream header and with references in place of characters.
   */
  readonly stanzaBytes: number
  /** Elements inside each other, a first-level element being the first. */
  readonly depth: number
  /** Elements in a first-level element, itself included. */
  readonly elements: number
  /** Attributes of one element, declarations of namespaces included. */
  readonly attributes: number
}
