/** Events that mean nothing to an account: why, and whether that is anybody's fault. */
import type { EventName } from '../event.js'
import type { Ignored, IgnoredReason } from '../ignored.js'
import type { Account, Phase } from '../state.js'
import type { AccountStep } from './account-step.js'

const nothing: ReadonlyArray<never> = []

/** Nothing changes, and `step` says why. `phase` is that of the session that the event names, if there is one. */
export const ignore = <A>(
  account: Account<A>,
  { _tag: event }: { readonly _tag: EventName },
  phase: Phase | undefined,
  reason: IgnoredReason,
): AccountStep<A> => {
  const ignored: Ignored = phase === undefined ? { event, reason } : { event, phase, reason }
  return [account, nothing, ignored]
}

/** By these the shell asks for something, and it knows what it asks of; all others come from outside, and may be late. */
const requests: ReadonlySet<EventName> = new Set<EventName>(['ConnectionFailed', 'EnableRequested', 'ResumeRequested'])

/** These come whatever phase a session is in; where it has no rule for them they make no difference. */
const ofAnyPhase: ReadonlySet<EventName> = new Set<EventName>([
  'ArchiveQueried',
  'ClientActive',
  'ClientInactive',
  'ConnectionDrained',
  'ConnectionSilent',
  'IqAnswered',
])

/** There is no session of the resource. */
export const withoutSession = (event: EventName): IgnoredReason => (requests.has(event) ? 'no-session' : 'session-over')

/** The session has another connection, or none. */
export const elsewhere = (event: EventName): IgnoredReason =>
  requests.has(event) ? 'wrong-connection' : 'late-connection'

/** The phase has no rule for it. */
export const withoutRule = (event: EventName): IgnoredReason => {
  if (event === 'TimerFired') return 'late-timer'
  return ofAnyPhase.has(event) ? 'nothing-to-do' : 'not-in-phase'
}
