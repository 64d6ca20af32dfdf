/** The accounts of a configuration, opened beside a server that may be running on the same data. */
import type { ServerConfig } from '@smacks/codec'
import { type Environment, openEnvironment, openOldSessions, openRecords } from '@smacks/journal-lmdb'
import { offlineLmdb } from '@smacks/offline-lmdb'
import type { AccountStore } from '../accounts/accounts.js'
import { openAccounts } from '../accounts/lmdb-accounts.js'
import { presenceRecords } from '../domain/presence/record.js'
import { rosterRecords } from '../domain/roster/roster-records.js'
import { stanzaPayload } from '../stanza-payload.js'
import { CommandFailure } from './exit-code.js'

/** Opens the accounts, hands them out, and closes all again. */
export const withAccounts = async <A>(
  config: ServerConfig,
  use: (accounts: AccountStore) => Promise<A>,
): Promise<A> => {
  const env = open(config)
  try {
    return await use(openAccounts({ env, purge: purges(env) }))
  } finally {
    await env.close()
  }
}

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
  const kinds = [rosterRecords, presenceRecords]
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
