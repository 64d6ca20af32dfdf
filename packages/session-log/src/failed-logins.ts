/** Logins that failed, for those who watch over them: one line of the log each, of a fixed form, and an event on the bus. */
import type { AuthenticationFailure } from '@smacks/bus-events'
import type { Instant } from '@smacks/core'
import type { LeveledLog } from './leveled-log.js'

export interface FailedLoginsOptions {
  readonly publish: (event: AuthenticationFailure) => void
  readonly log: Pick<LeveledLog, 'info' | 'warn'>
  /** Milliseconds since 1970. */
  readonly now: () => Instant
}

/** Tells that somebody at this address could not show to be who they said. */
export type TellFailedLogin = (failed: Omit<AuthenticationFailure, '_tag' | 'at'>) => void

/** Characters of a name that are logged: what a stranger says may be long. */
const loggedName = 200

/**
 * The order of the fields is part of the form: `address` stands before whatever the peer chose, so that a name cannot pass
 * for an address to a program that reads the log.
 */
export const createFailedLogins =
  ({ publish, log, now }: FailedLoginsOptions): TellFailedLogin =>
  ({ address, account, mechanism, reason }) => {
    const facts = { address, reason, mechanism: mechanism ?? 'none', account: (account ?? '').slice(0, loggedName) }
    // Only this may have been a guess.
    if (reason === 'not-authorized') log.warn(facts, 'authentication failed')
    else log.info(facts, 'authentication failed')
    publish({
      _tag: 'AuthenticationFailure',
      at: now(),
      address,
      reason,
      ...(account === undefined ? {} : { account }),
      ...(mechanism === undefined ? {} : { mechanism }),
    })
  }
