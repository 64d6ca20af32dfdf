/**
 * What each event does to the account, or to the session that it names. Nothing in here thinks of limits or storage: all that
 * comes of it goes through `bounded`.
 */

import type { Config } from '../config.js'
import type { Event, MessageSubmitted } from '../event.js'
import type { ConnectionId } from '../ids.js'
import type { Ignoring, Outcome } from '../session/outcome.js'
import { type Rule, rules, type SessionEvent, type SessionEventName } from '../session/rules.js'
import { type Account, connectionOf, type Phase, replaceSession, type Session, sessionOf } from '../state.js'
import type { AccountStep } from './account-step.js'
import { bind, isTaken, want } from './bind.js'
import { endSession } from './end.js'
import { elsewhere, ignore, withoutRule, withoutSession } from './ignoring.js'
import { reconfigure } from './reconfigure.js'
import { restart } from './restart.js'
import { resume } from './resume.js'
import { setClock } from './set-clock.js'
import { settle } from './settlement.js'
import { stop } from './stop.js'
import { type Submission, submissionsOf } from './submit.js'

/** What an event does by itself, whatever the limits. Only `step` calls it, and puts what comes of it within them. */
export const handle = <A>(config: Config, account: Account<A>, event: Event<A>): AccountStep<A> => {
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
  if (session === undefined) return redeliver(account, event)
  const { _tag: phase } = session
  // A connection that is not the session's any more says nothing that counts.
  if ('connection' in event && !isHeard(account, session, event)) return unheard(account, session, event)
  const rule = rules[phase][event._tag] as AnyRule | undefined
  return rule === undefined
    ? ignore(account, event, phase, withoutRule(event._tag))
    : conclude(config, account, session, event, rule.handle(config, session, event))
}

const unheard = <A>(account: Account<A>, session: Session<A>, event: OfConnection<A>): AccountStep<A> => {
  const reason = begins(session, event) ? 'connection-in-use' : elsewhere(event._tag)
  return ignore(account, event, session._tag, reason)
}

const isHeard = <A>(account: Account<A>, session: Session<A>, event: OfConnection<A>): boolean =>
  begins(session, event) ? !isTaken(account, event.connection) : event.connection === connectionOf(session)

/** The event comes with a connection for a session that has none. */
const begins = <A>(session: Session<A>, { _tag }: OfConnection<A>): boolean =>
  _tag === 'ResumeRequested' || (_tag === 'EnableRequested' && session._tag === 'Connecting')

type OfConnection<A> = Extract<SessionEvent<A>, { readonly connection: ConnectionId }>

/** The table pairs each phase and event with a handler for just them; the compiler can't follow the lookup. */
type AnyRule = {
  readonly handle: <A>(config: Config, session: Session<A>, event: SessionEvent<A>) => Ignoring | Outcome<A>
} & Pick<Rule<Phase, SessionEventName>, 'to'>

const conclude = <A>(
  config: Config,
  account: Account<A>,
  before: Session<A>,
  event: SessionEvent<A>,
  outcome: Ignoring | Outcome<A>,
): AccountStep<A> => {
  if (outcome._tag === 'Ended')
    return endSession(config, account, outcome.session, outcome.reason, event.at, outcome.effects)
  if (outcome._tag === 'Ignoring') return ignore(account, event, before._tag, outcome.reason)
  const { session, effects } = outcome
  return [session === before ? account : replaceSession(account, before, session), effects]
}

/** The session ended while the stanza was on its way to it. */
const redeliver = <A>(account: Account<A>, event: SessionEvent<A>): AccountStep<A> => {
  if (event._tag !== 'StanzaSubmitted') return ignore(account, event, undefined, withoutSession(event._tag))
  const { resource, stanza, facts, at: submittedAt } = event
  if (facts.copy) return [account, [{ _tag: 'Discard', resource, stanza, facts, reason: 'copy' }]]
  return [account, [{ _tag: 'Redeliver', resource, stanza, facts, submittedAt }]]
}
