/**
 * When an ack is requested (XEP-0198 §4): one `<r/>` outstanding at a time; when more stanzas are unacked
 * than the option allows; never twice for the same count, so that a peer that counts wrongly cannot make
 * a loop of requests.
 */

import type { Config } from '../config.js'
import { advance, type Counter } from '../counter.js'
import type { Effect } from '../effect.js'
import type { Instant } from '../ids.js'
import { isSome, some } from '../option.js'
import type { Active } from '../state.js'
import { arm, milliseconds, withDeadline } from './deadlines.js'
import { sentCount } from './outbound.js'

/** Why we think of asking. */
export type AskReason =
  /** The count may be exceeded. */
  | 'due'
  /** It is a good moment if anything is unacked. */
  | 'opportune'
  /** The connection is silent: ask whether it lives, even if all is acked. */
  | 'probe'

type Asked<A> = readonly [Active<A>, ReadonlyArray<Effect<A>>]

const nothing: ReadonlyArray<never> = []

/** Sends an `<r/>` if the rules want one. */
export const askForAck = <A>(config: Config, session: Active<A>, at: Instant, reason: AskReason): Asked<A> => {
  if (session.request.awaiting || !isWanted(config, session, reason)) return [session, nothing]
  return at < session.request.heldUntil ? hold(session) : ask(config, session, at)
}

const isWanted = <A>(config: Config, session: Active<A>, reason: AskReason): boolean => {
  switch (reason) {
    case 'due':
      return isDue(config, session)
    case 'opportune':
      return unackedOn(session) > 0
    case 'probe':
      return true
  }
}

const isDue = <A>(config: Config, session: Active<A>): boolean => {
  const allowed = session.client === 'inactive' ? config.maxInactiveUnackedStanzas : config.maxUnackedStanzas
  if (unackedOn(session) <= allowed) return false
  const { requestedFor } = session.request
  return !(isSome(requestedFor) && requestedFor.value === countOn(session))
}

/** What is not written yet can't be acked. */
const unackedOn = <A>({ outbound, unwritten }: Active<A>): number => outbound.unacked.length - unwritten

/** The count of the last stanza that the connection carries. */
const countOn = <A>({ outbound, unwritten }: Active<A>): Counter => advance(sentCount(outbound), -unwritten)

const ask = <A>(config: Config, session: Active<A>, at: Instant): Asked<A> => {
  const { heldUntil } = session.request
  const request = { awaiting: true, requestedFor: some(countOn(session)), heldUntil }
  const send: Effect<A> = {
    _tag: 'SendNonza',
    connection: session.connection,
    nonza: { _tag: 'Request', version: session.version },
  }
  if (config.maxAckDelay === 0) return [{ ...session, request }, [send]]
  const ackDelay = at + milliseconds(config.maxAckDelay)
  return [
    { ...session, request, deadlines: withDeadline(session.deadlines, 'ackDelay', ackDelay) },
    [send, arm(session.resource, 'ackDelay', ackDelay)],
  ]
}

/** The moment after `<enabled/>` is not yet over: think of it again when it is. */
const hold = <A>(session: Active<A>): Asked<A> => {
  if (session.deadlines.ackHold !== undefined) return [session, nothing]
  const ackHold = session.request.heldUntil
  return [
    { ...session, deadlines: withDeadline(session.deadlines, 'ackHold', ackHold) },
    [arm(session.resource, 'ackHold', ackHold)],
  ]
}
