/**
 * Where accounts are stored: an LMDB environment of their own, in the folder `accounts` of the data folder. It is synced with each
 * change whatever the durability of the rest, so neither a power loss nor a damaged journal takes an account.
 *
 * Servers before this one had accounts beside the journal. They are moved at the first start: copied and synced, and only
 * then removed there. What says so lies in both environments, so that a folder of accounts that is missing later is noticed.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Environment, makeDirectory, openEnvironment, renameALabels } from '@smacks/journal-lmdb'

/** The folder of the accounts. */
export const accountsFolder = (data: string): string => join(data, 'accounts')

export interface AccountsEnvironmentOptions {
  /** The data folder. */
  readonly data: string
  /** The environment of the journal, if it is open; otherwise it is opened for as long as accounts are moved from there. */
  readonly journal?: Environment
  /** Throws why accounts that lie beside the journal cannot be moved now, if they can't. */
  readonly beforeMoving?: () => Promise<void>
  /** Called for each account that got another name before it was moved (`renameALabels`). */
  readonly onRenamed?: (before: string, now: string) => void
}

/**
 * Opens it; whoever does closes it. Rejects with an `Error` if the accounts are gone, or cannot be moved, or the environment
 * cannot be opened.
 */
export const openAccountsEnvironment = async (options: AccountsEnvironmentOptions): Promise<Environment> => {
  makeDirectory(options.data)
  const env = openEnvironment({ path: accountsFolder(options.data), durability: 'disk' })
  try {
    if (about(env).get(placeKey) === undefined) await moveFrom(options, env)
    if (options.journal !== undefined) leaveNote(options.journal)
    return env
  } catch (error) {
    await env.close()
    throw error
  }
}

const moveFrom = async (
  { data, journal, beforeMoving = async () => {}, onRenamed = () => {} }: AccountsEnvironmentOptions,
  env: Environment,
): Promise<void> => {
  if (journal !== undefined) return move(data, journal, env, onRenamed)
  if (!existsSync(join(data, 'data.mdb'))) return settle(env)
  const opened = openEnvironment({ path: data, durability: 'disk' })
  try {
    if (openBytes(opened, 'accounts').getKeysCount({ limit: 1 }) > 0) await beforeMoving()
    await move(data, opened, env, onRenamed)
  } finally {
    await opened.close()
  }
}

/** The databases that are moved, byte by byte. */
const databases = ['accounts', 'secrets'] as const

const move = async (
  data: string,
  journal: Environment,
  env: Environment,
  onRenamed: (before: string, now: string) => void,
): Promise<void> => {
  if (about(journal).get(placeKey) !== undefined)
    throw new Error(
      `the accounts are missing: they were in ${accountsFolder(data)}, and nothing is there. Restore that folder from a backup; ` +
        'or, to begin without accounts, move the whole data folder away',
    )
  for (const [before, now] of renameALabels(journal)) onRenamed(before, now)
  const pairs = databases.map(name => [openBytes(journal, name), openBytes(env, name)] as const)
  await settle(env, () => {
    for (const [from, to] of pairs) for (const { key, value } of from.getRange({})) to.putSync(key, value)
  })
  leaveNote(journal)
}

/** Beside the journal there are none any more, also if the process that copied them ended before it came to that. */
const leaveNote = (journal: Environment): void => {
  const note = about(journal)
  if (note.get(placeKey) !== undefined) return
  const left = databases.map(name => openBytes(journal, name))
  journal.transactionSync(() => {
    for (const database of left) for (const key of [...database.getKeys({})]) database.removeSync(key)
    note.putSync(placeKey, 'accounts')
  })
}

/** Notes that the accounts are here, in the transaction that copies them. */
const settle = async (env: Environment, copy: () => void = () => {}): Promise<void> => {
  const notes = about(env)
  await env.childTransaction(() => {
    copy()
    notes.putSync(placeKey, 'here')
  })
  await env.flushed
}

const openBytes = (env: Environment, name: string) => env.openDB<Buffer, string>({ name, encoding: 'binary' })

/** Notes about where the accounts are. */
const about = (env: Environment) => env.openDB<string, string>({ name: 'accounts-place', encoding: 'string' })

const placeKey = 'place'
