/**
 * Iqs that the peer answered before it acked them. Whoever asked has the answer, so such an iq is not returned, and not
 * sent anew, if the session ends.
 */
import type { Config } from '../config.js'
import { advance, type Counter, distance } from '../counter.js'
import type { IqAnswered } from '../event.js'
import type { AnsweredIq, Outbound, Session, Unacked, Unmanaged } from '../state.js'
import { sentCount } from './outbound.js'
import { continues, type Outcome } from './outcome.js'

/** So many of the last answers are remembered for a session: more iqs are hardly ever unacked. */
export const maxAnswered = 100

/** A longer id or address is not worth its memory. */
const maxLength = 1_024

/** The peer answered. While nothing is unacked there is nothing to remember. */
export const noteAnswer = <A, S extends Exclude<Session<A>, Unmanaged>>(
  _: Config,
  session: S,
  event: IqAnswered,
): Outcome<A> => {
  const { outbound } = session
  const { id, to, from } = event
  if (outbound.unacked.length === 0 || id.length + to.length + (from?.length ?? 0) > maxLength)
    return continues<A>(session)
  const answer = { id, to, ...(from === undefined ? {} : { from }), sent: carriedCount(outbound) }
  const answered = [...(outbound.answered ?? []).filter(one => mayBeUnacked(outbound, one)), answer].slice(-maxAnswered)
  return continues<A>({ ...session, outbound: { ...outbound, answered } })
}

/** What waits for a connection has no number yet that would stay. */
const carriedCount = <A>(outbound: Outbound<A>): Counter => advance(sentCount(outbound), -outbound.unsent.count)

/** What was sent when the answer came is not acked yet. */
const mayBeUnacked = <A>({ acked, unacked }: Outbound<A>, { sent }: AnsweredIq): boolean => {
  const behind = distance(acked, sent)
  return behind > 0 && behind <= unacked.length
}

/** True of an iq whose answer came. */
export const isAnswered = <A>(outbound: Outbound<A>, { facts }: Unacked<A>): boolean =>
  outbound.answered !== undefined &&
  facts.name === 'iq' &&
  outbound.answered.some(
    ({ id, to, from }) => id === facts.id && to === facts.from && (from === undefined || from === facts.to),
  )
