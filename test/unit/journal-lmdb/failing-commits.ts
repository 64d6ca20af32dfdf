/** LMDB on a medium that fails when a transaction is committed. */
import type { Environment } from '@smacks/journal-lmdb'
import { ABORT } from 'lmdb'

export interface FailingCommits {
  /** From now on no transaction is committed. */
  readonly fail: () => void
  readonly mend: () => void
}

/** Only of transactions that are synchronous, as those of durability `process` are. */
export const failingCommits = (env: Environment): FailingCommits => {
  const { transactionSync } = env
  let isFailing = false
  const failing = (act: () => unknown): unknown => {
    let isGivenUp = false
    const result = transactionSync.call(env, () => {
      const done = act()
      isGivenUp = done === ABORT
      return isFailing ? ABORT : done
    })
    if (isFailing && !isGivenUp) throw Object.assign(new Error('LMDB failed'), { code: 5 })
    return result
  }
  Object.assign(env, { transactionSync: failing })
  return {
    fail: () => {
      isFailing = true
    },
    mend: () => {
      isFailing = false
    },
  }
}
