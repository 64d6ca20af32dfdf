/** A stanza on its way, and the error that its sender gets in its place. */
import type { Stanza, StanzaErrorType } from '@smacks/codec'
import type { StanzaFacts } from '@smacks/core'

/** A stanza as it is to be delivered, with what the core may know of it. */
export interface Outgoing {
  readonly stanza: Stanza
  readonly facts: StanzaFacts
}

/** A stanza error, and what its sender can do about it (RFC 6120 §8.3.2). */
export interface Refusal {
  readonly type: StanzaErrorType
  readonly condition: string
  readonly text?: string
}
