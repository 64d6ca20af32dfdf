/** One step of one account, as it was made. */
import type { Instant } from '@smacks/core'
import type { ImEffect } from '../effect.js'
import type { ImEvent } from '../event.js'
import type { ImAccount } from '../state.js'
import type { Witness } from './witness.js'

/** A step: what it met, what happened, and what it came to. */
export interface StepOfIm {
  readonly at: Instant
  readonly before: ImAccount
  readonly event: ImEvent
  /** What it asked of the world around the account, and what it was told. */
  readonly witness: Witness
  readonly after: ImAccount
  readonly effects: ReadonlyArray<ImEffect>
}
