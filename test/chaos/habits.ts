/** How clients behave. */

/** What kind of client it is. */
export interface Habits {
  /** Stanzas of its own that may wait for the server's ack; 0: it only listens. */
  readonly window: number
  /** It acks only when it handled so many since it last did. */
  readonly acksEvery: number
  /** How likely it stays away after it lost its line, and for how many milliseconds at most. */
  readonly staysAway: { readonly chance: number; readonly milliseconds: number }
  /** How likely it cuts its own line, with RST, instead of sending. */
  readonly cuts: number
  /** Its session may be over when it comes back, or too much may wait in it; then it begins a new one. */
  readonly mayBeRefused: boolean
  /**
   * It addresses each peer always in the same way, by its bare or by its full JID. Where sessions begin anew the order
   * holds only within an address (RFC 6120 §10.1): what is for the bare JID lines up behind the offline messages.
   */
  readonly keepsToAddress: boolean
  /** It puts items into its roster; what was answered must be there in the end. */
  readonly keepsRoster: boolean
  /** Its session may be gone without a word of what was handled in it: its account was removed, or its domain. */
  readonly mayBeForgotten: boolean
}

/** One that only listens. */
export const listener: Habits = {
  window: 0,
  acksEvery: 1,
  staysAway: { chance: 0, milliseconds: 0 },
  cuts: 0,
  mayBeRefused: false,
  keepsToAddress: true,
  keepsRoster: false,
  mayBeForgotten: false,
}
