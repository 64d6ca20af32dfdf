/**
 * Runs: stanzas of one session that came together, or that are submitted to it one behind the other. There is no event for
 * them, since a run means nothing but its events: where they are usual traffic their steps are made as one, for a fraction of the time.
 */
import type { AccountStep } from './account/account-step.js'
import { bounded } from './account/bounded.js'
import type { Config } from './config.js'
import { advance } from './counter.js'
import type { Effect } from './effect.js'
import type { Event, StanzaReceived, StanzaSubmitted } from './event.js'
import { askForAck } from './session/ack-policy.js'
import { withInbound, withOutbound } from './session/active-session.js'
import { isAboveCeiling } from './session/ceiling.js'
import { submit } from './session/outbound.js'
import { type Account, type Active, replaceSession, sessionOf } from './state.js'

/** Stanzas that came on one connection, or that are submitted to one session. */
export type Run<A> = ReadonlyArray<StanzaReceived<A>> | ReadonlyArray<StanzaSubmitted<A>>

/** True if both can be in one run, one directly behind the other. */
export const isOfSameRun = <A>(one: Event<A>, other: Event<A>): boolean => {
  switch (one._tag) {
    case 'StanzaReceived':
      return other._tag === 'StanzaReceived' && one.resource === other.resource && one.connection === other.connection
    case 'StanzaSubmitted':
      return other._tag === 'StanzaSubmitted' && one.resource === other.resource
    default:
      return false
  }
}

/**
 * The steps of a run, made as one: the account after the last of them, and the effects of all. Nothing where they are to be
 * made one by one, since something else might come of them than traffic on a connected session.
 */
export type StepRun = <A>(account: Account<A>, run: Run<A>) => AccountStep<A> | undefined

/** Makes the steps of a run as one. */
export const stepRun =
  (config: Config): StepRun =>
  <A>(account: Account<A>, run: Run<A>): AccountStep<A> | undefined => {
    const last = run.at(-1)
    const session = last === undefined ? undefined : sessionOf(account, last.resource)
    if (last === undefined || session?._tag !== 'Active') return undefined
    const made = isReceived(run) ? receiveAll(session, run) : sendAll(config, session, run)
    if (made === undefined) return undefined
    const [after, effects] = made
    const stepped = replaceSession(account, session, after)
    // A run only adds to a queue. What is within all limits after it was so after each of its events.
    const [within, all] = bounded(config, account, last, [stepped, effects])
    return within === stepped && all === effects ? [stepped, effects] : undefined
  }

const isReceived = <A>(run: Run<A>): run is ReadonlyArray<StanzaReceived<A>> => run[0]?._tag === 'StanzaReceived'

type Made<A> = readonly [Active<A>, ReadonlyArray<Effect<A>>]

/** As `receive` in `session/active.ts` does with each. */
const receiveAll = <A>(session: Active<A>, run: ReadonlyArray<StanzaReceived<A>>): Made<A> | undefined => {
  const { connection, inbound, resource } = session
  if (run[0]?.connection !== connection) return undefined
  const effects = run.map(({ stanza }): Effect<A> => ({ _tag: 'Deliver', resource, stanza }))
  return [withInbound(session, { handled: advance(inbound.handled, run.length) }), effects]
}

/** As `send` in `session/active.ts` does with each. */
const sendAll = <A>(
  config: Config,
  session: Active<A>,
  run: ReadonlyArray<StanzaSubmitted<A>>,
): Made<A> | undefined => {
  if (session.unwritten > 0) return undefined
  const { connection } = session
  const effects: Array<Effect<A>> = []
  let current = session
  let { outbound } = session
  for (const event of run) {
    const { stanza, facts } = event
    outbound = submit(outbound, event)
    effects.push({ _tag: 'SendStanza', connection, stanza, facts })
    if (current.request.awaiting) continue
    const [asked, more] = askForAck(config, withOutbound(current, outbound), event.at, 'due')
    current = asked
    effects.push(...more)
  }
  return isAboveCeiling(config, outbound) ? undefined : [withOutbound(current, outbound), effects]
}
