/** The accounting of what we received (XEP-0198 §4): our `h`. As `outbound.ts`, it knows no role and no phase. */
import { advance } from '../counter.js'
import type { Inbound } from '../state.js'

/** Nothing was handled yet: the count starts with `<enable/>` in the receiving role, with `<enabled/>` in the initiating one. */
export const freshInbound: Inbound = { handled: 0 }

/** One more stanza was handled. */
export const handle = ({ handled }: Inbound): Inbound => ({ handled: advance(handled, 1) })
