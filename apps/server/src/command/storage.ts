/** What the data folder of a configuration holds, opened beside a server that may be running on it. */
import { bareJid, coreConfig, type ServerConfig, type Stanza } from '@smacks/codec'
import type { Config } from '@smacks/core'
import {
  type Environment,
  type InspectionOptions,
  inspectJournal,
  openEnvironment,
  openOldSessions,
  openRecords,
  repairAccount,
} from '@smacks/journal-lmdb'
import { offlineLmdb } from '@smacks/offline-lmdb'
import * as Either from 'fp-ts/lib/Either.js'
import type { AccountStore } from '../accounts/accounts.js'
import { openAccountsEnvironment } from '../accounts/accounts-environment.js'
import { decodeAccountJid } from '../accounts/credentials.js'
import { durably, openAccounts } from '../accounts/lmdb-accounts.js'
import { removalOf, removedAccounts } from '../accounts/removed-accounts.js'
import { accountRemoved } from '../accounts/verbs.js'
import { ask } from '../control/client.js'
import { foreignOwner, ownData } from '../control/ownership.js'
import { socketPath } from '../control/protocol.js'
import { presenceRecords } from '../domain/presence/record.js'
import { staleRecords } from '../domain/remote/stale-record.js'
import { rosterRecords } from '../domain/roster/roster-records.js'
import { anyStanza, journalledStanza, stanzaPayload } from '../stanza-payload.js'
import { CommandFailure } from './exit-code.js'

/** Opens the accounts, hands them out, and closes all again. */
export const withAccounts = async <A>(
  config: ServerConfig,
  use: (accounts: AccountStore) => Promise<A>,
  purge?: (jid: string) => Promise<void>,
): Promise<A> => {
  const env = await openAccountsOf(config)
  try {
    return await use(openAccounts({ env, ...(purge === undefined ? {} : { purge }) }))
  } finally {
    await env.close()
  }
}

const openAccountsOf = (config: ServerConfig): Promise<Environment> =>
  openAccountsEnvironment({
    data: config.data,
    beforeMoving: async () => {
      if ((await foreignOwner(config)) === undefined) return
      throw new Error(
        'the server that runs is of an earlier version, which has them beside its journal; restart it first',
      )
    },
  }).catch(cause => {
    throw new CommandFailure(`The accounts cannot be opened: ${cause instanceof Error ? cause.message : cause}`)
  })

/**
 * Removes an account with all that is kept of it; false if there is none. What waits in its sessions is returned to its
 * senders: by the server that runs, which ends them now, or by the next one.
 */
export const removeAccount = async (config: ServerConfig, jid: string): Promise<boolean> => {
  const name = decodeAccountJid(jid)
  if (Either.isLeft(name)) return false
  const account = bareJid(name.right)
  if ((await foreignOwner(config)) !== undefined) {
    const removed = await removeWith(config, jid, () => [])
    if (removed) await tellRemoval(config, account)
    return removed
  }
  const owned = await ownData({ config, handlers: () => [], log: { error: () => {}, warn: () => {} } }).catch(cause => {
    throw new CommandFailure(`The account cannot be removed: ${cause instanceof Error ? cause.message : cause}`)
  })
  try {
    return await removeWith(config, jid, env => {
      forgetUnreadable(inspectionOf(env, config), account)
      return [noteRemoval(env)]
    })
  } finally {
    await owned.close()
  }
}

/** What is kept of the account goes first, in one transaction of the environment where the journal is. */
const removeWith = (
  config: ServerConfig,
  jid: string,
  morePurges: (env: Environment) => ReadonlyArray<(account: string) => void>,
): Promise<boolean> =>
  withAccounts(
    config,
    accounts => accounts.remove(jid),
    async account => {
      const env = open(config)
      try {
        const all = [...purges(env), ...morePurges(env)]
        await durably(env, () => {
          for (const forget of all) forget(account)
        })
      } finally {
        await env.close()
      }
    },
  )

const tellRemoval = async (config: ServerConfig, account: string): Promise<void> => {
  const told = await ask(socketPath(config), accountRemoved, { account })
  if (Either.isLeft(told))
    throw new CommandFailure(
      `${account} is removed, but the server that runs did not end its sessions: ${told.left.reason}. They last until they end.`,
    )
}

/** Part of the transaction that removes the account. */
const noteRemoval = (env: Environment): ((account: string) => void) => {
  const records = openRecords(env)
  records.open(removedAccounts)
  return account => records.apply(removalOf(account))
}

/** No server can return what it cannot read, and whoever has the name next is to have a journal. */
const forgetUnreadable = (journal: InspectionOptions<Stanza>, account: string): void => {
  const report = inspectJournal(journal).accounts.find(one => one.account === account)
  if (report?.quarantined !== undefined) repairAccount(journal, account, 'forget')
}

/** The journal in an environment, as the server with this configuration writes it. */
export const inspectionOf = (env: Environment, config: ServerConfig): InspectionOptions<Stanza> => ({
  env,
  payload: journalledStanza,
  absent: anyStanza,
  config: journalConfig(config),
})

/** What a server with this configuration folds its journal by; where nothing is journalled now, something was before. */
export const journalConfig = (config: ServerConfig): Config => ({ ...coreConfig(config), queueStorage: true })

const open = (config: ServerConfig): Environment => {
  try {
    // What an administrator did is on disk when the command ends, however the server is configured.
    return openEnvironment({ path: config.data, durability: 'disk' })
  } catch (cause) {
    throw new CommandFailure(`The data folder cannot be opened: ${cause instanceof Error ? cause.message : cause}`)
  }
}

/** All that is kept for an account besides its keys. Each runs inside the transaction that removes the account. */
const purges = (env: Environment): ReadonlyArray<(jid: string) => void> => {
  const ignoreBadRecord = (): void => {}
  const offline = offlineLmdb({ env, payload: stanzaPayload, onBadRecord: ignoreBadRecord })
  const oldSessions = openOldSessions(env, ignoreBadRecord)
  const records = openRecords(env)
  const kinds = [rosterRecords, presenceRecords, staleRecords]
  for (const kind of kinds) records.open(kind)
  return [
    jid => offline.apply({ _tag: 'DropOffline', account: jid, keys: offline.read(jid).map(({ key }) => key) }),
    jid => {
      for (const { smId } of oldSessions.read(jid)) oldSessions.drop(jid, smId)
    },
    jid => {
      for (const kind of kinds)
        for (const { account, name } of [...records.read(kind, jid)])
          records.apply({ _tag: 'DropRecord', kind, account, name })
    },
  ]
}
