/** Over which links something is to be told. */
import type { LinkKey } from './link-key.js'

/** A link that there is something to tell over. */
export interface Waiting {
  /** Attempts to establish it, since it stood. */
  attempts: number
  /** Names the call that is to come; calls for other ones come to nothing. */
  call: number
}

export interface Resync {
  readonly waiting: Map<LinkKey, Waiting>
  /** Links over which contacts are to be asked for their presence. */
  readonly unasked: Set<LinkKey>
}

export const noResync = (): Resync => ({ waiting: new Map(), unasked: new Set() })
