/**
 * What the events of the account do to its sessions: the part of the machine that is not in `rules`, because
 * it concerns more than one session. The state diagram is drawn from both.
 */

import type { Destination } from '../session/rules.js'
import type { Phase } from '../state.js'

/** Why the account moves a session that an event does not name. */
export type AccountCause =
  /** More sessions of the account hibernate than allowed, and this one hibernated longest; or all of them have too many bytes unacked. */
  | 'Eviction'
  | 'ConfigChanged'
  | 'ClockStepped'
  | 'ConnectionWanted'
  | 'ResumeReceived'
  | 'ServerRestarted'
  | 'ServerStopping'
  | 'SessionBound'

/** A way between phases that an event of the account takes, rather than one of a session. */
export interface AccountTransition {
  readonly cause: AccountCause
  /** `Unbound`: there was no session. */
  readonly from: Phase | 'Unbound'
  readonly to: Destination
}

const phases: ReadonlyArray<Phase> = [
  'Connecting',
  'Unmanaged',
  'Negotiating',
  'Enabling',
  'Active',
  'Hibernating',
  'Resuming',
]

/** Those that another binding replaces. */
const bindable = phases.filter(phase => phase !== 'Connecting' && phase !== 'Negotiating')

/** Those that can be resumed, if that was agreed. */
const resumables: ReadonlyArray<Phase> = ['Active', 'Hibernating', 'Resuming']

/** Those that have a queue. */
const queueing = phases.filter(phase => phase !== 'Unmanaged')

/** Those that have deadlines, or wait since some moment. */
const timed: ReadonlyArray<Phase> = ['Connecting', 'Negotiating', 'Active', 'Hibernating', 'Resuming']

/** Those that may be lost with their connection. */
const connected: ReadonlyArray<Phase> = ['Unmanaged', 'Enabling', 'Active']

/** All such ways; those that events of a session take are in `rules`. */
export const accountTransitions: ReadonlyArray<AccountTransition> = [
  { cause: 'ConnectionWanted', from: 'Unbound', to: 'Connecting' },
  { cause: 'SessionBound', from: 'Unbound', to: 'Unmanaged' },
  { cause: 'SessionBound', from: 'Connecting', to: 'Unmanaged' },
  { cause: 'SessionBound', from: 'Negotiating', to: 'Unmanaged' },
  ...bindable.map((from): AccountTransition => ({ cause: 'SessionBound', from, to: 'Ended' })),
  { cause: 'ResumeReceived', from: 'Active', to: 'Active' },
  { cause: 'ResumeReceived', from: 'Hibernating', to: 'Active' },
  ...phases.map((from): AccountTransition => ({ cause: 'ServerStopping', from, to: 'Ended' })),
  // Where sessions outlive the process, what can be resumed waits for its client.
  ...resumables.flatMap(
    (from): ReadonlyArray<AccountTransition> => [
      { cause: 'ServerStopping', from, to: 'Hibernating' },
      { cause: 'ServerRestarted', from, to: 'Hibernating' },
    ],
  ),
  // So does what waits for its first connection.
  { cause: 'ServerStopping', from: 'Connecting', to: 'Connecting' },
  { cause: 'ServerRestarted', from: 'Connecting', to: 'Connecting' },
  { cause: 'ServerStopping', from: 'Negotiating', to: 'Connecting' },
  { cause: 'ServerRestarted', from: 'Negotiating', to: 'Connecting' },
  ...connected.map((from): AccountTransition => ({ cause: 'ServerRestarted', from, to: 'Ended' })),
  // More waits in it than the new options allow.
  ...queueing.map((from): AccountTransition => ({ cause: 'ConfigChanged', from, to: 'Ended' })),
  // Fewer may be unacked without a request.
  { cause: 'ConfigChanged', from: 'Active', to: 'Active' },
  // Where all begin to wait at once, one that has just begun to may be one too many.
  ...queueing.map((from): AccountTransition => ({ cause: 'Eviction', from, to: 'Ended' })),
  ...timed.map((phase): AccountTransition => ({ cause: 'ClockStepped', from: phase, to: phase })),
]
