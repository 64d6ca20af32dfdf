/**
 * `smacks backup`: a copy of the data folder that a server starts on, made beside the server that runs. It asks that server
 * nothing, so it costs it nothing but the disk.
 *
 * The journal's folder is copied before the accounts: an account that is added meanwhile has nothing yet. Of one that is removed
 * meanwhile something would be left that nobody owns, so then all is copied once more. A removal that began before is noted in
 * what was copied, and finished by whoever starts on it.
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'
import { backupEnvironment, backupJournal, makeDirectory, openEnvironment, syncNow } from '@smacks/journal-lmdb'
import { accountsFolder } from '../accounts/accounts-environment.js'
import { openAccounts } from '../accounts/lmdb-accounts.js'
import type { ServerConfig } from '../config/server-config.js'
import { CommandFailure, exitCode } from './exit-code.js'
import { say, type Terminal } from './terminal.js'

/** Files beside the databases without which a server would not be the same to others. */
const ownFiles = ['self-signed.pem', 'dialback-secret'] as const

/** Accounts are not removed all the time. */
const attempts = 5

/** Copies the data folder of the configuration into a folder that is not there yet, or empty. */
export const backup = async (terminal: Terminal, config: ServerConfig, typed: string): Promise<void> => {
  const { data } = config
  const to = resolve(typed)
  refuse(data, to)
  const unfinished = `${to}.unfinished-${process.pid}`
  try {
    makeDirectory(dirname(to))
    const { accounts, damage } = await copied(data, unfinished)
    renameSync(unfinished, to)
    syncNow(dirname(to))
    for (const one of damage) say(terminal.err, `Warning: what was copied is damaged already: ${one}.`)
    if (config.durability === 'memory')
      say(terminal.err, 'Warning: the durability is "memory", so sessions, rosters and messages of now are not in it.')
    say(terminal.out, `${to} has all of ${data}: ${accounts} accounts, ${sizeOf(to)} bytes.`)
    say(terminal.out, 'To restore it, stop the server and put a copy of it in the place of the data folder.')
  } catch (cause) {
    rmSync(unfinished, { recursive: true, force: true })
    throw new CommandFailure(`There is no backup: ${cause instanceof Error ? cause.message : cause}`)
  }
}

const refuse = (data: string, to: string): void => {
  if (!existsSync(join(data, 'data.mdb')) && !existsSync(accountsFolder(data)))
    throw new CommandFailure(`There is nothing to back up: ${data} is no data folder. Give the server's --config.`)
  const inside = existsSync(dirname(to)) ? join(realpathSync(dirname(to)), '') : dirname(to)
  if (`${inside}${sep}`.startsWith(`${realpathSync(data)}${sep}`))
    throw new CommandFailure(
      `A backup in the data folder itself (${to}) would go with it; choose another folder.`,
      exitCode.usage,
    )
  const there = statSync(to, { throwIfNoEntry: false })
  if (there === undefined || (there.isDirectory() && readdirSync(to).length === 0)) return
  throw new CommandFailure(
    `${to} is there already; a backup needs a folder that is not there, or empty.`,
    exitCode.usage,
  )
}

interface Copied {
  readonly accounts: number
  readonly damage: ReadonlyArray<string>
}

const copied = async (data: string, to: string): Promise<Copied> => {
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    rmSync(to, { recursive: true, force: true })
    mkdirSync(to, { mode: 0o700 })
    const before = await accountsIn(data)
    const damage = existsSync(join(data, 'data.mdb')) ? (await backupJournal({ from: data, to })).damage : []
    const accounts = await copyAccounts(data, to)
    if (before.every(account => accounts.has(account))) {
      copyOwnFiles(data, to)
      return { accounts: accounts.size, damage }
    }
  }
  throw new Error('accounts were removed all the time; try again')
}

const copyAccounts = async (data: string, to: string): Promise<ReadonlySet<string>> => {
  if (!existsSync(accountsFolder(data))) return new Set()
  mkdirSync(accountsFolder(to), { mode: 0o700 })
  await backupEnvironment(accountsFolder(data), accountsFolder(to))
  return new Set(await accountsIn(to))
}

const accountsIn = async (data: string): Promise<ReadonlyArray<string>> => {
  if (!existsSync(accountsFolder(data))) return []
  const env = openEnvironment({ path: accountsFolder(data), durability: 'disk' })
  try {
    return openAccounts({ env }).list()
  } finally {
    await env.close()
  }
}

const copyOwnFiles = (data: string, to: string): void => {
  for (const name of ownFiles) {
    if (!existsSync(join(data, name))) continue
    copyFileSync(join(data, name), join(to, name))
    syncNow(join(to, name))
  }
  syncNow(to)
}

const sizeOf = (folder: string): number =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map(name => statSync(join(folder, name)))
    .reduce((sum, stats) => sum + (stats.isFile() ? stats.size : 0), 0)
