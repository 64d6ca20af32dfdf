/** What outlives the process: accounts, sessions, rosters, offline messages, the counts of timed-out sessions. */
import type { Stanza } from '@smacks/codec'
import {
  type Environment,
  inspectJournal,
  type JournalLmdbOptions,
  journalLmdb,
  settleLog,
  syncJournal,
} from '@smacks/journal-lmdb'
import { journalMemory } from '@smacks/journal-memory'
import { offlineLmdb } from '@smacks/offline-lmdb'
import { offlineMemory } from '@smacks/offline-memory'
import type { Journal, OfflineStore } from '@smacks/runtime'
import type { Logger } from 'pino'
import type { AccountStore } from './accounts/accounts.js'
import { durably, openAccounts } from './accounts/lmdb-accounts.js'
import { noteRemoval } from './accounts/note-removal.js'
import { removalOf } from './accounts/removed-accounts.js'
import type { ServerConfig } from './config/server-config.js'
import { anyStanza, journalledStanza, stanzaPayload } from './stanza-payload.js'

export interface Stores {
  readonly journal: Journal<Stanza>
  readonly offline: OfflineStore<Stanza>
  readonly accounts: AccountStore
}

export interface StoresOptions {
  readonly config: ServerConfig
  readonly env: Environment
  /** The environment of the accounts. */
  readonly accountsEnv: Environment
  readonly log: Logger
  /** What stands between the loop and its journal; nothing unless told. It is told which environment that is in. */
  readonly standBetween?: ((journal: Journal<Stanza>, env: Environment) => Journal<Stanza>) | undefined
  /** Characters of the journal's log above which snapshots take its place. */
  readonly logBound?: number | undefined
}

/** Opens them all. A record that does not decode is told and stays where it is. */
export const openStores = (options: StoresOptions): Stores => {
  const messages = openMessages(options)
  return {
    ...messages,
    accounts: openAccounts({
      env: options.accountsEnv,
      purge: noting(options, messages.journal),
      onDefect: (jid, reason) =>
        options.log.error({ jid, reason }, 'the stored keys of an account do not decode; it cannot log in'),
    }),
  }
}

/** A removal is noted first, and synced: what is left of the account must be known to the next start if the account is gone. */
const noting = (
  { config, env }: StoresOptions,
  journal: Pick<Journal<Stanza>, 'commit'>,
): ((account: string) => Promise<void>) => {
  // A journal in memory knows nothing of it at the next start.
  const note = config.durability === 'memory' ? noteRemoval(env) : undefined
  return async account => {
    if (note === undefined) await journal.commit([removalOf(account)])
    else await durably(env, () => note(account))
    await syncJournal(config.data)
  }
}

/** What another durability left is neither read nor lost: whoever changes it back has it again. */
const tellWaiting = ({ env, log }: StoresOptions): void => {
  const { sessions } = inspectJournal({ env, payload: journalledStanza, absent: anyStanza }).totals
  const messages = env.openDB({ name: 'offline', encoding: 'string' }).getKeysCount({})
  if (sessions + messages > 0)
    log.warn(
      { sessions, messages },
      'durability is "memory": sessions and offline messages of before wait in the data folder until it is "process" or "disk"',
    )
}

const openMessages = (options: StoresOptions): Pick<Stores, 'journal' | 'offline'> => {
  const { config, env, log, logBound, standBetween = made => made } = options
  if (config.durability === 'memory') {
    tellWaiting(options)
    const offline = offlineMemory<Stanza>({ sizeOf: stanza => stanza.size })
    return { offline, journal: standBetween(journalMemory({ offline }), env) }
  }
  const made = journalOptions(env, config.durability, log)
  const journal = journalLmdb<Stanza>({ ...made, ...(logBound === undefined ? {} : { logBound }) })
  return { offline: made.offline, journal: standBetween(journal, env) }
}

const journalOptions = (
  env: Environment,
  durability: 'disk' | 'process',
  log: Pick<Logger, 'error'>,
): JournalLmdbOptions<Stanza> => {
  const onBadRecord = (record: object): void => log.error(record, 'a stored record does not decode; it stays on disk')
  const offline = offlineLmdb({ env, payload: stanzaPayload, onBadRecord })
  return { env, durability, offline, payload: journalledStanza, absent: anyStanza, onBadRecord }
}

/**
 * Has all in the environment that the journal's log says of it, as whoever reads or changes it without the journal needs it. Only
 * for who owns the data folder, before the journal is opened.
 */
export const settleStores = (env: Environment, log: Pick<Logger, 'error'>): Promise<void> =>
  settleLog(journalOptions(env, 'disk', log))
