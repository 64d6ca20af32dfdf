/** The unit of all decisions. */
export type { AccountId } from '@smacks/core'
