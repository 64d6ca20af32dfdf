/** `smacks journal`: what is journalled of sessions, as a table, as a recording, and how a damaged account is mended. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { bareJid, type Stanza } from '@smacks/codec'
import { ownData } from '@smacks/control'
import {
  type AccountReport,
  type Environment,
  exportJournal,
  type InspectionOptions,
  inspectJournal,
  openEnvironment,
  type Repair,
  repairAccount,
} from '@smacks/journal-lmdb'
import { exportedLines } from '@smacks/replay'
import type { AccountId } from '@smacks/runtime'
import { decodeAccountJid } from '@smacks/sasl'
import { linkNamed } from '@smacks/stream-s2s'
import * as Either from 'fp-ts/lib/Either.js'
import type { ServerConfig } from '../config/server-config.js'
import { journalledStanza } from '../stanza-payload.js'
import { settleStores } from '../stores.js'
import { version } from '../version.js'
import { CommandFailure, exitCode } from './exit-code.js'
import { inspectionOf, journalConfig } from './storage.js'
import { say, type Terminal } from './terminal.js'

/** Tells what is journalled of all accounts, or of one; also while a server runs. */
export const journalInspect = async (
  { out }: Terminal,
  config: ServerConfig,
  typed: string | undefined,
  json: boolean,
): Promise<void> => {
  const account = typed === undefined ? undefined : accountOrFail(typed)
  return withJournal(config, journal => {
    const { accounts, totals } = inspectJournal(journal)
    const shown = accounts.filter(one => account === undefined || one.account === account)
    if (account !== undefined && shown.length === 0) throw nothingOf(account, config)
    if (json) return say(out, JSON.stringify(account === undefined ? { accounts, totals } : { accounts: shown }))
    for (const one of shown) say(out, ...linesOf(one))
    if (account !== undefined) return
    say(
      out,
      `${totals.accounts} accounts, ${totals.sessions} sessions, ${totals.quarantined} in quarantine; ` +
        `log: ${totals.logEntries} entries, ${totals.logCharacters} characters; ` +
        `kept: ${totals.keptStanzas} stanzas, ${totals.keptCharacters} characters.`,
    )
  })
}

/**
 * Writes the journal as a recording that `smacks replay` reads, of one account if it is named. Accounts in quarantine
 * are left out, and that is said; to name one of them is a failure.
 */
export const journalExport = async (
  { out, err }: Terminal,
  config: ServerConfig,
  typed: string | undefined,
  now: number = Date.now(),
): Promise<void> => {
  const account = typed === undefined ? undefined : accountOrFail(typed)
  return withJournal(config, journal => {
    const shut = inspectJournal(journal).accounts.filter(({ quarantined }) => quarantined !== undefined)
    for (const one of shut) {
      if (one.account === account) throw new CommandFailure(unreadable(one))
      if (account === undefined) say(err, `${unreadable(one)} It is left out.`)
    }
    const entries = () => entriesOf(journal, account)
    if (account !== undefined && entries().next().done === true) throw nothingOf(account, config)
    const lines = exportedLines({
      payload: journalledStanza,
      config: journalConfig(config),
      by: `smacks ${version}`,
      now,
      entries,
    })
    for (const line of lines) out.write(`${line}\n`)
  })
}

/** Mends one account. Refuses while a server owns the data, and keeps one off meanwhile. */
export const journalRepair = async (
  { out }: Terminal,
  config: ServerConfig,
  typed: string,
  how: Repair,
): Promise<void> => {
  const account = accountOrFail(typed)
  refuseMissing(config)
  const owned = await ownData({ config, handlers: () => [], log: { error: () => {}, warn: () => {} } }).catch(cause => {
    throw new CommandFailure(`The journal cannot be repaired: ${reasonOf(cause)}`)
  })
  try {
    await withJournal(config, async journal => {
      await settleStores(journal.env, { error: () => {} })
      if (!inspectJournal(journal).accounts.some(one => one.account === account)) throw nothingOf(account, config)
      const { sessions, entriesKept, entriesLost, keptForgotten } = repairAccount(journal, account, how)
      say(
        out,
        `${account}: ${sessions} sessions are kept, of ${entriesKept} entries; ` +
          `${entriesLost} entries and ${keptForgotten} stanzas are given up.`,
      )
    })
  } finally {
    await owned.close()
  }
}

const withJournal = async (
  config: ServerConfig,
  use: (journal: InspectionOptions<Stanza>) => Promise<void> | void,
): Promise<void> => {
  refuseMissing(config)
  let env: Environment | undefined
  try {
    env = openEnvironment({ path: config.data, durability: 'disk' })
    await use(inspectionOf(env, config))
  } catch (cause) {
    if (cause instanceof CommandFailure) throw cause
    throw new CommandFailure(`The journal in ${config.data}: ${reasonOf(cause)}`)
  } finally {
    await env?.close()
  }
}

/** No check of the domain: what is left of a domain that is served no more can be seen and mended too. */
const accountOrFail = (typed: string): AccountId => {
  const link = linkNamed(typed)
  if (link !== undefined) return link
  const jid = decodeAccountJid(typed)
  if (Either.isLeft(jid)) throw new CommandFailure(`${jid.left}.`, exitCode.usage)
  return bareJid(jid.right)
}

const refuseMissing = ({ data }: ServerConfig): void => {
  if (!existsSync(join(data, 'data.mdb')))
    throw new CommandFailure(`There is no journal in ${data}. Give the --config that the server has.`)
}

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

const nothingOf = (account: AccountId, { data }: ServerConfig): CommandFailure =>
  new CommandFailure(`Nothing is journalled of ${account} in ${data}. To see who is there: smacks journal inspect`)

const unreadable = ({ account, quarantined }: AccountReport): string =>
  `${account} cannot be read (${quarantined}). To mend it: smacks journal repair ${account} --keep-readable (or --forget).`

const linesOf = (report: AccountReport): ReadonlyArray<string> => {
  const { account, sessions, logEntries, logCharacters, keptStanzas, keptCharacters, quarantined } = report
  return [
    `${account}: log ${logEntries} entries (${logCharacters} characters), kept ${keptStanzas} stanzas (${keptCharacters} characters)`,
    ...(quarantined === undefined ? [] : [`  in quarantine: ${quarantined}`]),
    ...sessions.map(
      ({ resource, phase, smId, handled, acked, unacked, kept, since }) =>
        `  ${resource}: ${phase}${since === undefined ? '' : ` since ${new Date(since).toISOString()}`}, ` +
        `${smId === undefined ? 'not resumable' : `SM-ID ${smId}`}, h ${handled}, acked ${acked}, ` +
        `${unacked} unacked, ${kept} of them in storage`,
    ),
  ]
}

/** What can be read, of all accounts or of one. */
function* entriesOf(journal: InspectionOptions<Stanza>, account: AccountId | undefined) {
  for (const entry of exportJournal(journal))
    if (entry._tag !== 'Undecodable' && (account === undefined || entry.account === account)) yield entry
}
