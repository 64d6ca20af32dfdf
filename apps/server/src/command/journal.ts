/** `smacks journal`: what is journalled of sessions, as a table, as a recording, and how a damaged account is mended. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { accountCodec, configCodec, coreConfig, eventCodec, type ServerConfig, type Stanza } from '@smacks/codec'
import { reducerVersion } from '@smacks/core'
import {
  type AccountReport,
  exportJournal,
  type InspectionOptions,
  inspectJournal,
  openEnvironment,
  type Repair,
  repairAccount,
} from '@smacks/journal-lmdb'
import { recordingVersion } from '@smacks/replay'
import type { AccountId, Journalled } from '@smacks/runtime'
import { ownData } from '../control/ownership.js'
import { anyStanza, journalledStanza } from '../stanza-payload.js'
import { version } from '../version.js'
import { CommandFailure } from './exit-code.js'
import { say, type Terminal } from './terminal.js'

/** Tells what is journalled of all accounts, or of one; also while a server runs. */
export const journalInspect = async (
  { out }: Terminal,
  config: ServerConfig,
  account: AccountId | undefined,
  json: boolean,
): Promise<void> =>
  withJournal(config, journal => {
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

/** Writes the journal as a recording that `smacks replay` reads, of one account if it is named. */
export const journalExport = async (
  { out }: Terminal,
  config: ServerConfig,
  account: AccountId | undefined,
  now: number = Date.now(),
): Promise<void> =>
  withJournal(config, journal => {
    let seq = 0
    let at = now
    out.write(headLine(config, now))
    for (const entry of exportJournal(journal)) {
      if (account !== undefined && entry.account !== account) continue
      if (entry._tag === 'Undecodable') continue
      if (entry._tag === 'Happened') at = entry.event.at
      seq += 1
      out.write(`${JSON.stringify({ seq, at, account: entry.account, ...contentOf(entry) })}\n`)
    }
    if (account !== undefined && seq === 0) throw nothingOf(account, config)
  })

/** Mends one account. Refuses while a server owns the data, and keeps one off meanwhile. */
export const journalRepair = async (
  { out }: Terminal,
  config: ServerConfig,
  account: AccountId,
  how: Repair,
): Promise<void> => {
  refuseMissing(config)
  const owned = await ownData({ config, handlers: () => [], log: { error: () => {}, warn: () => {} } }).catch(cause => {
    throw new CommandFailure(`The journal cannot be repaired: ${reasonOf(cause)}`)
  })
  try {
    await withJournal(config, journal => {
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

const withJournal = async (config: ServerConfig, use: (journal: InspectionOptions<Stanza>) => void): Promise<void> => {
  refuseMissing(config)
  const env = openEnvironment({ path: config.data, durability: 'disk' })
  try {
    use({ env, payload: journalledStanza, absent: anyStanza })
  } catch (cause) {
    if (cause instanceof CommandFailure) throw cause
    throw new CommandFailure(`The journal in ${config.data}: ${reasonOf(cause)}`)
  } finally {
    await env.close()
  }
}

const refuseMissing = ({ data }: ServerConfig): void => {
  if (!existsSync(join(data, 'data.mdb')))
    throw new CommandFailure(`There is no journal in ${data}. Give the --config that the server has.`)
}

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

const nothingOf = (account: AccountId, { data }: ServerConfig): CommandFailure =>
  new CommandFailure(`Nothing is journalled of ${account} in ${data}.`)

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

const headLine = (config: ServerConfig, at: number): string =>
  `${JSON.stringify({
    recording: 'smacks',
    version: recordingVersion,
    reducer: reducerVersion,
    config: configCodec.encode(coreConfig(config)),
    at,
    by: `smacks ${version}`,
    redacted: false,
  })}\n`

const states = accountCodec(journalledStanza)
const events = eventCodec(journalledStanza)

const contentOf = (entry: Exclude<Journalled<Stanza>, { readonly _tag: 'Undecodable' }>): object => {
  if (entry._tag === 'Known') return { state: states.encode(entry.state) }
  // The line has the time already.
  const { at: _, ...event } = { ...(events.encode(entry.event) as { readonly [key: string]: unknown }) }
  return { event }
}
