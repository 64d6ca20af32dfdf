/** Whether more is stored than the operator wants (`data_bytes`), looked at once a second and told when that changes. */
import { type Environment, storageGauge } from '@smacks/journal-lmdb'
import type { Clock } from '@smacks/runtime'
import type { Logger } from 'pino'

const lookMilliseconds = 1_000

export interface DataLimitOptions {
  readonly env: Environment
  /** Bytes. */
  readonly limit: () => number
  readonly clock: Pick<Clock, 'monotonic'>
  readonly log: Pick<Logger, 'info' | 'warn'>
}

export const createDataLimit = ({ env, limit, clock, log }: DataLimitOptions): (() => boolean) => {
  const isBeyond = storageGauge(env)
  let isFull = false
  let lookedAt = Number.NEGATIVE_INFINITY
  return () => {
    const now = clock.monotonic()
    if (now - lookedAt < lookMilliseconds) return isFull
    lookedAt = now
    const before = isFull
    const bytes = limit()
    isFull = isBeyond(bytes)
    if (isFull && !before)
      log.warn(
        { data_bytes: bytes },
        'more is stored than data_bytes allows: nothing more is taken into storage for users',
      )
    if (before && !isFull) log.info('there is room in storage again')
    return isFull
  }
}
