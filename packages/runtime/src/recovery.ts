/**
 * The beginning: sessions that were journalled are back, hibernating, and their time goes on (`ServerRestarted`); what the
 * application does about that has its place before and behind it.
 */
import type { Event, Instant } from '@smacks/core'
import type { AccountId } from './account-id.js'
import type { Accounts } from './accounts.js'
import type { RecoverySteps } from './application.js'
import type { ConfigInForce } from './config-in-force.js'
import type { EndedSessions } from './ended-sessions.js'
import type { Guard } from './guard.js'
import type { Heartbeat } from './heartbeat.js'
import type { Clock, SessionJournal } from './ports.js'
import { recoverAccounts } from './read-journal.js'
import type { RecoveryReport } from './runtime.js'

export interface RecoveryOptions<A> {
  /** Absent if the journal keeps no sessions: then nothing is recovered. */
  readonly journal: SessionJournal<A> | undefined
  readonly accounts: Accounts<A>
  readonly inForce: ConfigInForce
  readonly ended: EndedSessions
  readonly heartbeat: Heartbeat
  readonly clock: Clock
  readonly guard: Guard
  readonly dispatch: (account: AccountId, event: Event<A>) => void
  /** Ends the turn if its changes grew large. */
  readonly endIfFull: () => void
  /** Puts the options in force into force for an account too. */
  readonly reconfigureAccount: (account: AccountId) => void
  readonly endAccount: (account: AccountId) => void
  /** The application's part. */
  readonly steps: RecoverySteps | undefined
}

export const recover = <A>(options: RecoveryOptions<A>, onProgress: (entries: number) => void): RecoveryReport => {
  const { accounts, endAccount, steps } = options
  steps?.restore()
  const report = recoverSessions(options, onProgress)
  for (const id of [...(steps?.abandoned(accounts.ids()) ?? [])]) endAccount(id)
  steps?.resume()
  return report
}

const recoverSessions = <A>(options: RecoveryOptions<A>, onProgress: (entries: number) => void): RecoveryReport => {
  const { journal, accounts, inForce, ended, heartbeat, clock, dispatch, endIfFull, reconfigureAccount } = options
  if (journal === undefined) return { sessions: 0, events: 0, undecodable: new Map(), reconfigured: 0 }
  const { accounts: recovered, events, undecodable, lastEvents } = recoverAccounts(inForce.config, journal, onProgress)
  for (const [id, reason] of undecodable) accounts.setAsideFor(id, reason)
  const lastBeat = lastHeartbeat(options)
  let sessions = 0
  const changed: Array<AccountId> = []
  for (const [id, { state, config: own, isConfigJournalled }] of recovered) {
    sessions += state.sessions.length
    accounts.begin(id, state, isConfigJournalled)
    if (state.settlements !== undefined) ended.add(id)
    if (inForce.is(own)) continue
    accounts.setConfig(id, own)
    changed.push(id)
  }
  for (const id of recovered.keys()) {
    dispatch(id, { _tag: 'ServerRestarted', at: clock.now(), ...lastAlive(lastBeat, lastEvents.get(id)) })
    endIfFull()
  }
  heartbeat.beat()
  heartbeat.start()
  for (const id of changed) reconfigureAccount(id)
  return { sessions, events, undecodable, reconfigured: changed.length }
}

const lastAlive = (lastBeat: Instant | undefined, lastEvent: Instant | undefined): { readonly lastAlive?: Instant } =>
  lastBeat === undefined ? {} : { lastAlive: Math.max(lastBeat, lastEvent ?? lastBeat) }

const lastHeartbeat = ({
  guard,
  heartbeat,
}: Pick<RecoveryOptions<unknown>, 'guard' | 'heartbeat'>): Instant | undefined => {
  try {
    return heartbeat.last()
  } catch (error) {
    guard.report(error, 'reading the last heartbeat')
    return undefined
  }
}
