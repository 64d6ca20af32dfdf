/** What the data folder of a configuration holds, opened beside a server that may be running on it. */
import { bareJid, type Stanza } from '@smacks/codec'
import { type AskProblem, ask, foreignOwner, ownData, socketPath } from '@smacks/control'
import type { Config } from '@smacks/core'
import {
  type Environment,
  type InspectionOptions,
  makeDirectory,
  openEnvironment,
  openOldSessions,
} from '@smacks/journal-lmdb'
import { offlineLmdb } from '@smacks/offline-lmdb'
import { decodeAccountJid } from '@smacks/sasl'
import * as Either from 'fp-ts/lib/Either.js'
import type { AccountStore } from '../accounts/accounts.js'
import { openAccountsEnvironment } from '../accounts/accounts-environment.js'
import { durably, openAccounts } from '../accounts/lmdb-accounts.js'
import { forgetUnreadable, noteRemoval } from '../accounts/note-removal.js'
import { passwordsChangedVerb, removeAccountVerb } from '../accounts/verbs.js'
import { coreConfig, type ServerConfig } from '../config/server-config.js'
import { anyStanza, journalledStanza, stanzaPayload } from '../stanza-payload.js'
import { settleStores } from '../stores.js'
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
 * Removes an account; false if there is none. A server that runs does it, and ends its sessions. Otherwise the next one
 * returns what waits in them to its senders and tells its contacts; all else goes at once.
 */
export const removeAccount = async (config: ServerConfig, jid: string): Promise<boolean> => {
  const name = decodeAccountJid(jid)
  if (Either.isLeft(name)) return false
  const account = bareJid(name.right)
  if ((await foreignOwner(config)) !== undefined) {
    const answer = await ask(socketPath(config), removeAccountVerb, { account })
    if (Either.isRight(answer)) return answer.right.removed
    throw new CommandFailure(
      answer.left._tag !== 'NoAnswer'
        ? `${account} is not removed: ${await whyNot(config, answer.left)}`
        : `It is not known whether ${account} is removed: the server that runs did not say so (${answer.left.reason}). Try again.`,
    )
  }
  makeDirectory(config.data)
  const owned = await ownData({ config, handlers: () => [], log: { error: () => {}, warn: () => {} } }).catch(cause => {
    throw new CommandFailure(`The account cannot be removed: ${cause instanceof Error ? cause.message : cause}`)
  })
  try {
    return await removeFrom(config, jid)
  } finally {
    await owned.close()
  }
}

/** What is kept of the account goes first, in one transaction of the environment where the journal is. */
const removeFrom = (config: ServerConfig, jid: string): Promise<boolean> =>
  withAccounts(
    config,
    accounts => accounts.remove(jid),
    async account => {
      const env = open(config)
      try {
        await settleStores(env, { error: () => {} })
        forgetUnreadable(inspectionOf(env, config), new Set([account]))
        const all = [...purges(env), noteRemoval(env)]
        await durably(env, () => {
          for (const forget of all) forget(account)
        })
      } finally {
        await env.close()
      }
    },
  )

/**
 * Changes passwords by `change`, which tells whose it changed, and has a server that runs end their streams. Nothing is
 * changed where such a server could not be told.
 */
export const changingPasswords = async <A>(
  config: ServerConfig,
  change: (changed: (accounts: ReadonlyArray<string>) => Promise<void>) => Promise<A>,
): Promise<A> => {
  if ((await foreignOwner(config)) === undefined) return change(async () => {})
  const tell = (accounts: ReadonlyArray<string>) => ask(socketPath(config), passwordsChangedVerb, { accounts })
  const heard = await tell([])
  if (Either.isLeft(heard))
    throw new CommandFailure(
      `No password is changed, since the sessions could not be ended: ${await whyNot(config, heard.left)}`,
    )
  return change(async accounts => {
    const told = accounts.length === 0 ? heard : await tell(accounts)
    if (Either.isLeft(told))
      throw new CommandFailure(
        `Passwords are changed (${accounts.join(', ')}), but the server that runs did not end the sessions: ${told.left.reason}. Try again, or restart it.`,
      )
  })
}

/** Why a server that runs does not do what it is asked for. */
const whyNot = async (config: ServerConfig, problem: AskProblem): Promise<string> => {
  if (problem._tag === 'NoServer') return (await foreignOwner(config)) ?? `${problem.reason}.`
  return problem._tag === 'Refused'
    ? `the server that runs refuses: ${problem.reason}.`
    : `the server that runs does not answer (${problem.reason}).`
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

/**
 * What is kept for an account besides its keys, and is of no use to the next start of the server, which still needs the roster
 * to tell the contacts. Each runs inside the transaction that removes the account.
 */
const purges = (env: Environment): ReadonlyArray<(jid: string) => void> => {
  const ignoreBadRecord = (): void => {}
  const offline = offlineLmdb({ env, payload: stanzaPayload, onBadRecord: ignoreBadRecord })
  const oldSessions = openOldSessions(env, ignoreBadRecord)
  return [
    jid => offline.apply({ _tag: 'DropOffline', account: jid, keys: offline.read(jid).map(({ key }) => key) }),
    jid => {
      for (const { smId } of oldSessions.read(jid)) oldSessions.drop(jid, smId)
    },
  ]
}
