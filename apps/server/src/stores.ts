/** What outlives the process: accounts, sessions, rosters, offline messages, the counts of timed-out sessions. */
import type { ServerConfig, Stanza } from '@smacks/codec'
import { type Environment, journalLmdb } from '@smacks/journal-lmdb'
import { journalMemory } from '@smacks/journal-memory'
import { offlineLmdb } from '@smacks/offline-lmdb'
import { offlineMemory } from '@smacks/offline-memory'
import type { Journal, OfflineStore } from '@smacks/runtime'
import type { Logger } from 'pino'
import type { AccountStore } from './accounts/accounts.js'
import { openAccounts } from './accounts/lmdb-accounts.js'
import { stanzaPayload } from './stanza-payload.js'

export interface Stores {
  readonly journal: Journal<Stanza>
  readonly offline: OfflineStore<Stanza>
  readonly accounts: AccountStore
}

/** Opens them all. A record that does not decode is told and stays where it is. */
export const openStores = (config: ServerConfig, env: Environment, log: Logger): Stores => ({
  ...openMessages(config, env, log),
  accounts: openAccounts({
    env,
    onDefect: (jid, reason) =>
      log.error({ jid, reason }, 'the stored keys of an account do not decode; it cannot log in'),
  }),
})

const openMessages = (config: ServerConfig, env: Environment, log: Logger): Pick<Stores, 'journal' | 'offline'> => {
  if (config.durability === 'memory') {
    const offline = offlineMemory<Stanza>()
    return { offline, journal: journalMemory({ offline }) }
  }
  const onBadRecord = (record: object): void => log.error(record, 'a stored record does not decode; it stays on disk')
  const offline = offlineLmdb({ env, payload: stanzaPayload, onBadRecord })
  return { offline, journal: journalLmdb<Stanza>({ env, offline, onBadRecord }) }
}
