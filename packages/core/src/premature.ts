/** Stream management before its time: on a connection that has no session yet (XEP-0198 §3). */
import type { Failed, SmVersion } from './nonza.js'

/** How far the negotiation of a stream has come. */
export type Stage = 'authenticated' | 'unauthenticated'

/** The answer to an element of stream management that comes too early. The stream stays usable. */
export const refusePremature = (stage: Stage, version: SmVersion): Failed => ({
  _tag: 'Failed',
  version,
  condition: stage === 'unauthenticated' ? 'not-authorized' : 'unexpected-request',
})
