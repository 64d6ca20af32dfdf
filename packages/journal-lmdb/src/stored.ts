/** What lies on disk of sessions, read as it lies there: for recovery, inspection and repair alike. */
import type { Account, Config } from '@smacks/core'
import type { AccountId } from '@smacks/runtime'
import type { Database } from 'lmdb'
import { isLeft } from '#fp-ts/Either'
import type { Environment } from './environment.js'
import { type KeptStanzas, openKept } from './kept.js'
import { type LogRows, readRows } from './log.js'
import { openQuarantine, type Quarantine, type QuarantinedLine, unknownAccount } from './quarantine.js'
import { isOurVersion, refuseNewer, versionFault } from './record-version.js'
import type { LogEntry, SessionCodecs } from './session-codecs.js'

export interface Stored<A> {
  readonly env: Environment
  readonly codecs: SessionCodecs<A>
  readonly rows: LogRows
  readonly snapshots: Database<string, AccountId>
  readonly kept: KeptStanzas<A>
  readonly quarantine: Quarantine
}

export const openStored = <A>(env: Environment, codecs: SessionCodecs<A>): Stored<A> => ({
  env,
  codecs,
  rows: env.openDB({ name: 'journal-log', encoding: 'string' }),
  snapshots: env.openDB({ name: 'journal-snapshots', encoding: 'string' }),
  kept: openKept(env, codecs),
  quarantine: openQuarantine(env),
})

export type Found<A> =
  /** It was set aside before. Nothing else is found of the account. */
  | { readonly _tag: 'Quarantined'; readonly account: AccountId; readonly reason: string; readonly upTo: number }
  /** Covers the rows of the log up to `upTo`; without a state nothing was left then. */
  | {
      readonly _tag: 'Snapshot'
      readonly account: AccountId
      readonly upTo: number
      readonly state?: Account<A>
      readonly config?: Config
    }
  | { readonly _tag: 'Row'; readonly seq: number; readonly size: number }
  /** An entry that no snapshot covers. */
  | {
      readonly _tag: 'Entry'
      readonly account: AccountId
      readonly seq: number
      readonly entry: LogEntry<A>
      readonly size: number
    }
  /** Something does not decode; what is stored after it is not looked at. */
  | { readonly _tag: 'Bad'; readonly account: AccountId; readonly reason: string }
  | ({ readonly _tag: 'Orphan' } & OrphanLine)

/** A line of the log, not in quarantine yet, of which not even the account can be told. */
export interface OrphanLine {
  readonly seq: number
  /** From 1, which is the first line of its row. */
  readonly line: number
  readonly text: string
  readonly reason: string
}

/**
 * All that is stored: who is in quarantine, the snapshots, then the log. Throws an `Error` where it comes to something
 * that a newer program wrote: that may mean more than we know, also for other accounts, so all of it is refused.
 */
export function* readStored<A>(stored: Stored<A>): Generator<Found<A>, void, undefined> {
  const { codecs, quarantine, snapshots } = stored
  const shut = new Set<AccountId>()
  const covered = new Map<AccountId, number>()
  for (const account of quarantine.accounts()) {
    const { reason, upTo } = quarantine.why(account)
    if (account === unknownAccount) continue
    shut.add(account)
    yield { _tag: 'Quarantined', account, reason, upTo }
  }
  for (const { key: account, value } of snapshots.getRange({})) {
    refuseNewer(`the snapshot of ${account}`, value)
    if (shut.has(account)) continue
    const snapshot = codecs.decodeSnapshot(value)
    if (isLeft(snapshot)) {
      shut.add(account)
      yield { _tag: 'Bad', account, reason: `journal-snapshots, ${account}: ${snapshot.left}` }
    } else {
      covered.set(account, snapshot.right.upTo)
      yield { _tag: 'Snapshot', account, ...snapshot.right }
    }
  }
  yield* readLog(stored, shut, covered)
}

function* readLog<A>(
  { codecs, quarantine, rows }: Stored<A>,
  shut: Set<AccountId>,
  covered: ReadonlyMap<AccountId, number>,
): Generator<Found<A>, void, undefined> {
  const known = quarantine.why(unknownAccount).upTo
  for (const { seq, head, lines, size } of readRows(rows)) {
    refuseNewer(`row ${seq} of journal-log`, head)
    yield { _tag: 'Row', seq, size }
    const place = `journal-log, row ${seq}`
    if (!isOurVersion(head) && seq > known)
      yield { _tag: 'Orphan', seq, line: 1, text: head, reason: versionFault(head) }
    for (const [index, line] of lines.entries()) {
      if (line === '') continue
      const read = codecs.decodeEntry(line)
      const account = isLeft(read) ? read.left.account : read.right.account
      if (account === undefined) {
        if (isLeft(read) && seq > known)
          yield { _tag: 'Orphan', seq, line: index + 2, text: line, reason: read.left.reason }
        continue
      }
      if (shut.has(account) || seq <= (covered.get(account) ?? 0)) continue
      const entry = isLeft(read) ? { _tag: 'Left' as const, left: read.left.reason } : read.right.entry()
      if (!isOurVersion(head) || isLeft(entry)) {
        shut.add(account)
        const reason = isOurVersion(head) && isLeft(entry) ? entry.left : versionFault(head)
        yield { _tag: 'Bad', account, reason: `${place}: ${reason}` }
      } else yield { _tag: 'Entry', account, seq, entry: entry.right, size: line.length }
    }
  }
}

/** Throws an `Error` if a newer program wrote any of it. */
export const refuseNewerRows = ({ rows, snapshots }: Pick<Stored<unknown>, 'rows' | 'snapshots'>): void => {
  for (const { key, value } of rows.getRange({})) refuseNewer(`row ${key} of journal-log`, value)
  for (const { key, value } of snapshots.getRange({})) refuseNewer(`the snapshot of ${key}`, value)
}

/** The lines of the log that no snapshot covers, of these accounts, as they are. */
export const linesOf = <A>(
  { codecs, rows, snapshots }: Stored<A>,
  accounts: Iterable<AccountId>,
): ReadonlyMap<AccountId, ReadonlyArray<QuarantinedLine>> => {
  const covered = new Map<AccountId, number>()
  const found = new Map<AccountId, Array<QuarantinedLine>>()
  for (const account of accounts) {
    const text = snapshots.get(account)
    const snapshot = text === undefined ? undefined : codecs.decodeSnapshot(text)
    covered.set(account, snapshot?._tag === 'Right' ? snapshot.right.upTo : 0)
    found.set(account, [])
  }
  for (const { seq, head, lines } of readRows(rows))
    for (const text of lines) {
      const account = text === '' ? undefined : codecs.accountOf(text)
      if (account === undefined || seq <= (covered.get(account) ?? 0)) continue
      found.get(account)?.push(isOurVersion(head) ? { seq, text } : { seq, text, head })
    }
  return found
}
