/** Brings back what was stored, before anybody is let in: one call of the loop, which knows the order of all parts. */
import type { Stanza } from '@smacks/codec'
import type { AccountId, Application, RecoveryReport, Runtime } from '@smacks/runtime'
import { isLink } from '@smacks/stream-s2s'
import type { Removals } from '../accounts/removal.js'
import { removalsIn } from '../accounts/removed-accounts.js'
import type { ServerConfig } from '../config/server-config.js'
import { isOurLink } from '../federation/federation.js'
import type { Stores } from '../stores.js'

export interface RecoveryDependencies {
  readonly config: ServerConfig
  readonly stores: Stores
  readonly isFederated: boolean
}

export interface Recovery {
  /** The application of the loop, which after a restart knows what became of accounts meanwhile. */
  readonly join: (application: Required<Application<Stanza>>) => Application<Stanza>
  /** To be called once. Resolves when what is to end at once has ended for good. */
  readonly recover: (
    running: { readonly runtime: Runtime<Stanza>; readonly removals: Pick<Removals, 'finish'> },
    onProgress: (entries: number) => void,
  ) => Promise<RecoveryReport>
}

export const createRecovery = ({ config, stores, isFederated }: RecoveryDependencies): Recovery => {
  let removed: ReadonlyArray<AccountId> = []
  let orphans: ReadonlyArray<AccountId> = []

  /**
   * Sessions of accounts that do not exist, however that came to be: nobody can resume them, and an account that is added
   * under the same name must not find them.
   */
  const isOrphan = (id: AccountId): boolean =>
    isLink(id) ? !(isFederated && isOurLink(config, id)) : !stores.accounts.exists(id)

  return {
    join: application => ({
      ...application,
      recovery: {
        ...application.recovery,
        abandoned: accounts => {
          removed = [...removalsIn(stores.journal.records)]
          orphans = [...accounts].filter(isOrphan)
          return [...application.recovery.abandoned(accounts), ...orphans, ...removed]
        },
      },
    }),
    recover: async ({ runtime, removals }, onProgress) => {
      const report = runtime.recover(onProgress)
      const finished = removed.map(account => removals.finish(account))
      // Until they are gone from the journal too.
      await Promise.all([orphans.length > 0 ? runtime.committed() : undefined, ...finished])
      return report
    },
  }
}
