/** Brings back what was journalled before anybody is let in. */
import type { Stanza } from '@smacks/codec'
import type { Domain } from '@smacks/im'
import type { AccountId, RecoveryReport, Runtime } from '@smacks/runtime'
import { isLink } from '@smacks/stream-s2s'
import type { Removals } from '../accounts/removal.js'
import { removalsIn } from '../accounts/removed-accounts.js'
import type { ServerConfig } from '../config/server-config.js'
import { type Federation, isOurLink } from '../federation/federation.js'
import type { Stores } from '../stores.js'

export interface RecoverDependencies {
  readonly config: ServerConfig
  readonly runtime: Runtime<Stanza>
  readonly stores: Stores
  readonly domain: Domain
  readonly removals: Removals
  readonly federation: Federation | undefined
}

/** Resolves when what is to end at once has ended for good. */
export const recover = async (
  { config, runtime, stores, domain, removals, federation }: RecoverDependencies,
  onProgress: (entries: number) => void,
): Promise<RecoveryReport> => {
  domain.recover()
  const report = runtime.recover(onProgress)
  const removed = removalsIn(stores.journal.records)
  const ended = endOrphans(runtime, stores, link => federation !== undefined && isOurLink(config, link))
  // Before anybody's messages are delivered: those of a removed account are nobody's.
  for (const account of removed) runtime.endAccount(account)
  domain.resumeDeliveries()
  federation?.recover()
  await Promise.all([ended, ...[...removed].map(account => removals.finish(account))])
  return report
}

/**
 * Sessions of accounts that do not exist, however that came to be: nobody can resume them, and an account that is added under
 * the same name must not find them. So this waits until they are gone from the journal too.
 */
const endOrphans = async (
  runtime: Runtime<Stanza>,
  { accounts }: Stores,
  isKnown: (link: AccountId) => boolean,
): Promise<void> => {
  const orphans = [...runtime.accounts()].filter(id => !(isLink(id) ? isKnown(id) : accounts.exists(id)))
  for (const id of orphans) runtime.endAccount(id)
  if (orphans.length > 0) await runtime.committed()
}
