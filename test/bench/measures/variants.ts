/** Ways in which the same flow of messages is measured. */
import type { PayloadName } from '../load/payload.js'
import { builds, type SubjectId, servers } from '../measure.js'
import type { Durability } from '../peers/peer.js'

export interface Variant {
  /** What is behind the name of the measure. */
  readonly suffix: string
  readonly title: string
  readonly subjects: ReadonlyArray<SubjectId>
  readonly durability?: Durability
  readonly tls?: boolean
  readonly payload?: PayloadName
}

export const variants = {
  plain: { suffix: '', title: '', subjects: [...servers, 'relay'] },
  disk: { suffix: '-disk', title: ', disk', durability: 'disk', subjects: builds },
  memory: { suffix: '-memory', title: ', memory', durability: 'memory', subjects: builds },
  tls: { suffix: '-tls', title: ', TLS', tls: true, subjects: servers },
  real: {
    suffix: '-real',
    title: ', stanzas as clients write them',
    payload: 'real',
    subjects: [...servers, 'relay'],
  },
} as const satisfies Readonly<Record<string, Variant>>

export type VariantName = keyof typeof variants

/** Of each: seconds of warming up, and of measuring. */
export const flowSeconds = {
  full: { warm: 3, measure: 8 },
  quick: { warm: 1, measure: 2 },
  smallest: { warm: 0.2, measure: 0.5 },
} as const

/**
 * Seconds of a saturated flow before an ordinary load is measured. Servers run for weeks, and those with a compiler at run time
 * spend as much on it in their first 10,000 messages as on the messages (V8: half of the processor time at 2,000/s).
 */
export const runInSeconds = { full: 5, quick: 1, smallest: 0.2 } as const

export const pairCount = 20

/** What all flows of messages have in common, for whoever reads the figures. */
export const flowHow = `${pairCount} pairs with stream management at both ends, bodies of 100 bytes, at most 100 messages of a pair under way; each message comes exactly once and in order, and is acked`
