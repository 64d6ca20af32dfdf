/**
 * The core: an account and an event in, the account after it and the effects out. Total, pure and
 * deterministic; the same events give the same states and effects on every runtime.
 */
import { bind, isTaken, want } from './account/bind.js'
import { type AccountStep, endSession } from './account/end.js'
import { enforceLimits, evictOne } from './account/limits.js'
import { reconfigure } from './account/reconfigure.js'
import { restart } from './account/restart.js'
import { resume } from './account/resume.js'
import { setClock } from './account/set-clock.js'
import { settle } from './account/settlement.js'
import { settleSpilled } from './account/spilling.js'
import { stop } from './account/stop.js'
import { type Submission, submissionsOf } from './account/submit.js'
import type { Config } from './config.js'
import type { Event, MessageSubmitted } from './event.js'
import type { Outcome } from './session/outcome.js'
import { type Rule, rules, type SessionEvent, type SessionEventName } from './session/rules.js'
import {
  type Account,
  type ConnectionId,
  connectionOf,
  type Phase,
  replaceSession,
  type Session,
  sessionOf,
} from './state.js'

/** Makes one step. The effects are to be performed in their order. */
export const step =
  (config: Config): Step =>
  (account, event) => {
    if (event._tag === 'ConfigChanged')
      return settleSpilled(event.config, account, stepWithinLimits(event.config, account, event))
    const made = stepWithinLimits(config, account, event)
    return config.queueStorage ? settleSpilled(config, account, made) : made
  }

/** An account and what happened to it; the account after that, and what is to be done about it. */
export type Step = <A>(account: Account<A>, event: Event<A>) => AccountStep<A>

const stepWithinLimits = <A>(config: Config, before: Account<A>, event: Event<A>): AccountStep<A> => {
  const made = stepAccount(config, before, event)
  if (made[0] === before) return made
  if (config.limitsAlwaysHold) return enforceLimits(config, event.at, made)
  return losesConnection(before, made[0], event) ? evictOne(config, event.at, made) : made
}

/** A connected session hibernates from now on. */
const losesConnection = <A>(before: Account<A>, after: Account<A>, event: Event<A>): boolean =>
  'resource' in event &&
  sessionOf(before, event.resource)?._tag === 'Active' &&
  sessionOf(after, event.resource)?._tag === 'Hibernating'

const stepAccount = <A>(config: Config, account: Account<A>, event: Event<A>): AccountStep<A> => {
  switch (event._tag) {
    case 'ConfigChanged':
      return reconfigure(config, account, event)
    case 'ConnectionWanted':
      return want(account, event)
    case 'SessionBound':
      return bind(config, account, event)
    case 'ResumeReceived':
      return resume(config, account, event)
    case 'ClockStepped':
      return setClock(account, event)
    case 'ServerRestarted':
      return restart(config, account, event)
    case 'ServerStopping':
      return stop(config, account, event)
    case 'QueueSettled':
      return settle(config, account, event)
    case 'MessageSubmitted':
      return submitMessage(config, account, event)
    default:
      return stepSession(config, account, event)
  }
}

const submitMessage = <A>(config: Config, account: Account<A>, event: MessageSubmitted<A>): AccountStep<A> => {
  const { account: enlisted, submissions, effects } = submissionsOf(account, event)
  return submissions.reduce<AccountStep<A>>(
    ([before, soFar], submission: Submission<A>) => {
      const [after, more] = stepSession(config, before, submission)
      return [after, [...soFar, ...more]]
    },
    [enlisted, effects],
  )
}

const stepSession = <A>(config: Config, account: Account<A>, event: SessionEvent<A>): AccountStep<A> => {
  const session = sessionOf(account, event.resource)
  if (session === undefined) return withoutSession(account, event)
  // A connection that is not the session's any more says nothing that counts.
  if ('connection' in event && !isHeard(account, session, event)) return [account, []]
  const rule = rules[session._tag][event._tag] as AnyRule | undefined
  return rule === undefined
    ? [account, []]
    : conclude(config, account, session, event, rule.handle(config, session, event))
}

const isHeard = <A>(account: Account<A>, session: Session<A>, event: OfConnection<A>): boolean =>
  begins(session, event) ? !isTaken(account, event.connection) : event.connection === connectionOf(session)

/** The event comes with a connection for a session that has none. */
const begins = <A>(session: Session<A>, { _tag }: OfConnection<A>): boolean =>
  _tag === 'ResumeRequested' || (_tag === 'EnableRequested' && session._tag === 'Connecting')

type OfConnection<A> = Extract<SessionEvent<A>, { readonly connection: ConnectionId }>

/** The table pairs each phase and event with a handler for just them; the compiler can't follow the lookup. */
type AnyRule = {
  readonly handle: <A>(config: Config, session: Session<A>, event: SessionEvent<A>) => Outcome<A>
} & Pick<Rule<Phase, SessionEventName>, 'to'>

const conclude = <A>(
  config: Config,
  account: Account<A>,
  before: Session<A>,
  event: SessionEvent<A>,
  outcome: Outcome<A>,
): AccountStep<A> => {
  if (outcome._tag === 'Ended')
    return endSession(config, account, outcome.session, outcome.reason, event.at, outcome.effects)
  const { session, effects } = outcome
  return [session === before ? account : replaceSession(account, before, session), effects]
}

/** The session ended while the stanza was on its way to it. */
const withoutSession = <A>(account: Account<A>, event: SessionEvent<A>): AccountStep<A> => {
  if (event._tag !== 'StanzaSubmitted') return [account, []]
  const { resource, stanza, facts, at: submittedAt } = event
  if (facts.copy) return [account, [{ _tag: 'Discard', resource, stanza, facts, reason: 'copy' }]]
  return [account, [{ _tag: 'Redeliver', resource, stanza, facts, submittedAt }]]
}
