/** What to say when a transaction failed. */
import { setTimeout as sleep } from 'node:timers/promises'
import { ChangeRefused } from '@smacks/runtime'
import { pathOf } from './disk-reservation.js'
import type { Environment } from './environment.js'

/** How long lmdb may take to tell the cause of a failed commit, in milliseconds. It does so in the same turn. */
const causeTimeoutMs = 1000

/** The error for a failed transaction, with its cause and the environment's path. */
export const commitFailure = async (env: Environment, thrown: unknown): Promise<Error> => {
  const cause = await causeOf(thrown)
  const where = `cannot commit to the journal at ${pathOf(env)}`
  return cause instanceof ChangeRefused
    ? new ChangeRefused(cause.change, `${where}: ${cause.message}`, { cause })
    : new Error(`${where}: ${String(cause)}`, { cause })
}

/** When the medium fails, lmdb rejects with an error whose `commitError` is a promise that rejects with the cause. */
const causeOf = async (thrown: unknown): Promise<unknown> => {
  if (!(thrown instanceof Error && 'commitError' in thrown)) return thrown
  const told = Promise.resolve(thrown.commitError).then(
    () => thrown,
    (cause: unknown) => cause,
  )
  return Promise.race([told, sleep(causeTimeoutMs, thrown, { ref: false })])
}
