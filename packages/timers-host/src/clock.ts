import type { Clock } from '@smacks/runtime'

/** The clock on the host's wall, in milliseconds since 1970 (UTC). */
export const hostClock: Clock = { now: () => Date.now() }
