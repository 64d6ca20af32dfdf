/** What the operator is told while the journal is read, and of what came of it. */
import type { RecoveryReport } from '@smacks/runtime'
import type { Logger } from 'pino'

const progressMilliseconds = 1_000

/**
 * Tells how many entries were read: nothing in the first second, then at most a line a second. The loop stands still
 * meanwhile, so no timer could tell. `now` is in milliseconds.
 */
export const tellProgress = (
  log: Pick<Logger, 'info'>,
  now: () => number = () => performance.now(),
): ((entries: number) => void) => {
  let told = now()
  return entries => {
    const at = now()
    if (at - told < progressMilliseconds) return
    told = at
    log.info({ entries }, 'reading the journal')
  }
}

/** Tells who is back, and of whom nothing can be read, and what to do about it. */
export const tellRecovery = (
  log: Pick<Logger, 'error' | 'info'>,
  { sessions, events, undecodable, reconfigured }: RecoveryReport,
): void => {
  if (sessions > 0) log.info({ sessions, events }, 'sessions are back and wait for their clients')
  if (reconfigured > 0)
    log.info({ accounts: reconfigured }, 'sessions were left under other options than those of today')
  for (const [account, reason] of undecodable)
    log.error(
      { account, reason },
      `the journal of an account does not decode; nobody can log in there until it is repaired: stop the server, then smacks journal repair ${account} --keep-readable (or --forget)`,
    )
}
