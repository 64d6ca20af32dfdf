/**
 * The accounting of what we sent (XEP-0198 §4). It knows no role and no phase, so it cannot cheat.
 */
import { advance, type Counter, distance, isBehind } from '../counter.js'
import { drop, push, type Queue } from '../queue.js'
import type { Outbound, Unacked } from '../state.js'

/** How many stanzas were sent in all, modulo 2^32. */
export const sentCount = <A>(outbound: Outbound<A>): Counter => advance(outbound.acked, outbound.unacked.length)

/** One more stanza was sent. */
export const submit = <A>(outbound: Outbound<A>, { stanza, facts, at, others }: Unacked<A>): Outbound<A> =>
  counted(
    outbound,
    outbound.acked,
    outbound.kept,
    push(outbound.unacked, others === undefined ? { stanza, facts, at } : { stanza, facts, at, others }),
  )

/** With other counts. Most have nothing else, and this is done for each stanza. */
const counted = <A>(outbound: Outbound<A>, acked: Counter, kept: number, unacked: Queue<Unacked<A>>): Outbound<A> =>
  outbound.serial === undefined && outbound.answered === undefined
    ? { acked, kept, unacked }
    : { ...outbound, acked, kept, unacked }

/** What an `h` of the peer says. */
export type AckJudgement<A> =
  | { readonly _tag: 'Accepted'; readonly outbound: Outbound<A> }
  /** Less than it said before. */
  | { readonly _tag: 'Backwards' }
  /** More than was sent (§6). */
  | { readonly _tag: 'TooHigh'; readonly sendCount: Counter }

/** Judges an `h`, modulo 2^32, and takes the acked stanzas off the queue if it can be. */
export const acknowledge = <A>(outbound: Outbound<A>, h: Counter): AckJudgement<A> => {
  const newlyAcked = distance(outbound.acked, h)
  if (newlyAcked <= outbound.unacked.length) {
    const kept = Math.max(0, outbound.kept - newlyAcked)
    return { _tag: 'Accepted', outbound: counted(outbound, h, kept, drop(outbound.unacked, newlyAcked)) }
  }
  return isBehind(h, outbound.acked) ? { _tag: 'Backwards' } : { _tag: 'TooHigh', sendCount: sentCount(outbound) }
}
