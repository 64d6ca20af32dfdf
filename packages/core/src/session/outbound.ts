/**
 * The accounting of what we sent (XEP-0198 §4). It knows no role and no phase, so it cannot cheat.
 */
import type { Config } from '../config.js'
import { advance, type Counter, distance, isBehind } from '../counter.js'
import type { NoticedQueue } from '../effect.js'
import { drop, push, toArray } from '../queue.js'
import type { Layout, Outbound, Sizes, Unacked, Unsent } from '../state.js'
import { withoutFirst } from './layout.js'
import { withoutOldest, withSize } from './sizes.js'
import { supersede, unsentAmong, withUnsent } from './superseding.js'

/** The number of the last stanza in the queue, modulo 2^32: how many are sent in all once the queue is. */
export const sentCount = <A>(outbound: Pick<Outbound<A>, 'acked' | 'unacked'>): Counter =>
  advance(outbound.acked, outbound.unacked.length)

/** A stanza that is to be sent, and its bytes, if they are told. */
export type Submitted<A> = Unacked<A> & { readonly size?: number }

/** One more stanza is sent. */
export const submit = <A>(outbound: Outbound<A>, { stanza, facts, at, others, size }: Submitted<A>): Outbound<A> =>
  counted(
    outbound,
    withSize(outbound, size),
    outbound.acked,
    outbound.spilled,
    push(outbound.unacked, others === undefined ? { stanza, facts, at } : { stanza, facts, at, others }),
    outbound.unsent,
    outbound.layout,
  )

/** With other counts and sizes, written out: most have nothing else, and this is done for each stanza. */
const counted = <A>(
  outbound: Outbound<A>,
  sizes: Sizes | undefined,
  acked: Counter,
  spilled: number,
  unacked: Outbound<A>['unacked'],
  unsent: Unsent,
  layout: Layout,
): Outbound<A> => {
  const sized: Outbound<A> =
    sizes === undefined
      ? { acked, spilled, unacked, unsent, layout }
      : { acked, spilled, unacked, unsent, layout, sizes }
  if (outbound.serial === undefined && outbound.answered === undefined) return sized
  const { sizes: _, ...others } = outbound
  return { ...others, ...sized }
}

/** One more stanza waits for a connection to carry it. */
export const enqueue = <A>(outbound: Outbound<A>, unacked: Submitted<A>): Outbound<A> => ({
  ...submit(outbound, unacked),
  unsent: withUnsent(outbound, unacked),
})

/** The same; it takes the place of the presence that it supersedes, if there is one. */
export const enqueueLatest = <A>(outbound: Outbound<A>, unacked: Submitted<A>): Outbound<A> =>
  enqueue(supersede(outbound, unacked.facts), unacked)

/** A connection carries all but the newest `unwritten` stanzas. */
export const carried = <A>(outbound: Outbound<A>, unwritten: number): Outbound<A> => {
  const unsent = unsentAmong(outbound, unwritten)
  return unsent === outbound.unsent ? outbound : { ...outbound, unsent }
}

/** What a notice tells of the queue: it needs nothing of storage. */
export const noticed = <A>({ unacked }: Outbound<A>): NoticedQueue<A> =>
  unacked.unloaded === 0 ? { unacked: toArray(unacked) } : { unacked: toArray(unacked), inStorage: unacked.unloaded }

/** How many of the newest stanzas the `h` of a resumption cannot cover. */
export const unsentCount = <A>(config: Config, outbound: Outbound<A>): number =>
  config.acksCoverSentOnly ? outbound.unsent.count : 0

/** What an `h` of the peer says. */
export type AckJudgement<A> =
  | { readonly _tag: 'Accepted'; readonly outbound: Outbound<A> }
  /** Less than it said before. */
  | { readonly _tag: 'Backwards' }
  /** More than was sent (§6). */
  | { readonly _tag: 'TooHigh'; readonly sendCount: Counter }

/**
 * Judges an `h`, modulo 2^32, and takes the acked stanzas off the queue if it can be. The newest `uncovered` ones cannot be
 * acked.
 */
export const acknowledge = <A>(outbound: Outbound<A>, h: Counter, uncovered: number): AckJudgement<A> => {
  const newlyAcked = distance(outbound.acked, h)
  const sent = outbound.unacked.length - uncovered
  if (newlyAcked <= sent) {
    const spilled = Math.max(0, outbound.spilled - newlyAcked)
    const unacked = drop(outbound.unacked, newlyAcked)
    const unsent = unsentAmong(outbound, unacked.length)
    const layout = withoutFirst(outbound, newlyAcked)
    const sizes = withoutOldest(outbound.sizes, newlyAcked)
    return { _tag: 'Accepted', outbound: counted(outbound, sizes, h, spilled, unacked, unsent, layout) }
  }
  return isBehind(h, outbound.acked)
    ? { _tag: 'Backwards' }
    : { _tag: 'TooHigh', sendCount: advance(outbound.acked, sent) }
}
