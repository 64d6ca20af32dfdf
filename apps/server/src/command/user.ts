import { prepareNewPassword } from '@smacks/sasl'
import * as Either from 'fp-ts/lib/Either.js'
import type { ServerConfig } from '../config/server-config.js'
import { accountOfServer } from './account.js'
import { CommandFailure, exitCode } from './exit-code.js'
import { type PasswordSource, readPassword } from './password.js'
import { changingPasswords, removeAccount, withAccounts } from './storage.js'
import { say, type Terminal } from './terminal.js'

/** Adds an account; fails if it is there already. */
export const addUser = async (
  terminal: Terminal,
  config: ServerConfig,
  typed: string,
  source: PasswordSource,
): Promise<void> => {
  const jid = accountOrFail(typed, config)
  const password = await usablePassword(terminal, source, jid)
  const added = await withAccounts(config, accounts => accounts.add(jid, password))
  if (!added) throw new CommandFailure(`${jid} exists already. To change its password: smacks user passwd ${jid}`)
  say(terminal.out, `${jid} is added to ${config.data}.`)
}

/** Changes a password, and ends the streams of whoever is logged in; fails if there is no such account. */
export const changePassword = async (
  terminal: Terminal,
  config: ServerConfig,
  typed: string,
  source: PasswordSource,
): Promise<void> => {
  const jid = accountOrFail(typed, config)
  const password = await usablePassword(terminal, source, jid)
  const changed = await changingPasswords(config, async tell => {
    const isChanged = await withAccounts(config, accounts => accounts.changePassword(jid, password))
    if (isChanged) await tell([jid])
    return isChanged
  })
  if (!changed) throw new CommandFailure(`There is no account ${jid} in ${config.data}.`)
  say(terminal.out, `${jid} has a new password.`)
}

/** Removes an account with its roster, its offline messages and its sessions; fails if there is no such account. */
export const removeUser = async (terminal: Terminal, config: ServerConfig, typed: string): Promise<void> => {
  // No check of the domain: what is left of a domain that is served no more can be removed too.
  const removed = await removeAccount(config, typed)
  if (!removed) throw new CommandFailure(`There is no account ${typed} in ${config.data}.`)
  say(terminal.out, `${typed} is removed, with its contacts and its offline messages.`)
}

/** Writes the bare JIDs, one a line. */
export const listUsers = async (terminal: Terminal, config: ServerConfig, domain?: string): Promise<void> =>
  withAccounts(config, async accounts => say(terminal.out, ...accounts.list(domain)))

const accountOrFail = (typed: string, config: ServerConfig): string => {
  const jid = accountOfServer(typed, config.domains)
  if (Either.isLeft(jid)) throw new CommandFailure(`${jid.left}.`, exitCode.usage)
  return jid.right
}

const usablePassword = async (terminal: Terminal, source: PasswordSource, jid: string): Promise<string> => {
  const password = await readPassword(terminal, source, jid)
  const prepared = prepareNewPassword(password)
  if (Either.isLeft(prepared)) throw new CommandFailure(`${prepared.left}.`)
  return password
}
