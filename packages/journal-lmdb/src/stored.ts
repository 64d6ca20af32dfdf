/** What lies on disk of sessions, read as it lies there: for recovery, inspection and repair alike. */
import { type Account, type Config, emptyAccount } from '@smacks/core'
import { type Damage, damageText, type LogFolder } from '@smacks/log-file'
import type { AccountId } from '@smacks/runtime'
import type { Database } from 'lmdb'
import { isLeft, left } from '#fp-ts/Either'
import { decodeAct } from './act-lines.js'
import type { Environment } from './environment.js'
import { type KeptStanzas, openKept } from './kept.js'
import { existingLogFolder, type OpenRows, openRows, type Row } from './log-rows.js'
import { openQuarantine, type Quarantine, type QuarantinedLine, unknownAccount } from './quarantine.js'
import { isOurVersion, refuseNewer, versionFault } from './record-version.js'
import { openRowDatabase, type RowDatabase } from './row-database.js'
import type { LogEntry, SessionCodecs } from './session-codecs.js'

export interface Stored<A> {
  readonly env: Environment
  readonly codecs: SessionCodecs<A>
  /** Rows of the log that lie in LMDB, and the note of the log in files. */
  readonly rows: RowDatabase
  /** Where the log's files are; nothing if there are none. */
  readonly folder: LogFolder | undefined
  readonly snapshots: Database<string, AccountId>
  readonly kept: KeptStanzas<A>
  readonly quarantine: Quarantine
}

/** `folder`: where the log's files are, if they are not where they are unless told. */
export const openStored = <A>(
  env: Environment,
  codecs: SessionCodecs<A>,
  folder: LogFolder | undefined = existingLogFolder(env),
): Stored<A> => ({
  env,
  codecs,
  folder,
  rows: openRowDatabase(env),
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
  const { codecs, folder, quarantine, rows, snapshots } = stored
  const log = openRows(folder, rows)
  try {
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
    const known = quarantine.why(unknownAccount).upTo
    yield* new LogReading(codecs, shut, covered, known, log.note?.applied ?? 0).read(log)
  } finally {
    log.close()
  }
}

class LogReading<A> {
  constructor(
    private readonly codecs: SessionCodecs<A>,
    private readonly shut: Set<AccountId>,
    private readonly covered: ReadonlyMap<AccountId, number>,
    /** Orphans up to this row are in quarantine. */
    private readonly known: number,
    /** Snapshots in rows up to this one are in LMDB. */
    private readonly applied: number,
  ) {}

  *read(log: OpenRows): Generator<Found<A>, void, undefined> {
    for (const found of log.read())
      if (found._tag === 'Damage') yield* this.readDamage(found)
      else yield* this.readRow(found)
  }

  private *readRow(row: Row): Generator<Found<A>, void, undefined> {
    const { seq, head, lines, firstLine, size } = row
    refuseNewer(`row ${seq} of journal-log`, head)
    yield { _tag: 'Row', seq, size }
    if (!isOurVersion(head) && seq > this.known)
      yield { _tag: 'Orphan', seq, line: 1, text: head, reason: versionFault(head) }
    if (seq > this.applied) yield* this.readSnapshots(row)
    for (const [index, line] of lines.entries()) {
      if (line === '') continue
      const read = this.codecs.decodeEntry(line)
      const account = isLeft(read) ? read.left.account : read.right.account
      if (account === undefined) {
        if (isLeft(read) && seq > this.known)
          yield { _tag: 'Orphan', seq, line: index + firstLine, text: line, reason: read.left.reason }
        continue
      }
      if (this.isCovered(account, seq)) continue
      const entry = isLeft(read) ? left(read.left.reason) : read.right.entry()
      if (!isOurVersion(head) || isLeft(entry)) {
        this.shut.add(account)
        const reason = isOurVersion(head) && isLeft(entry) ? entry.left : versionFault(head)
        yield { _tag: 'Bad', account, reason: `journal-log, row ${seq}: ${reason}` }
      } else yield { _tag: 'Entry', account, seq, entry: entry.right, size: line.length }
    }
  }

  /** Those that are not in LMDB yet. */
  private *readSnapshots({ seq, acts }: Row): Generator<Found<A>, void, undefined> {
    for (const line of acts) {
      if (!line.includes(',"snapshot"')) continue
      const act = decodeAct(this.codecs.payload, line, [])
      if (isLeft(act) || act.right._tag !== 'Snapshot' || this.isCovered(act.right.account, seq)) continue
      const { account, state } = act.right
      const snapshot = this.codecs.decodeSnapshot(this.codecs.snapshotUpTo(seq - 1, state))
      if (isLeft(snapshot)) {
        this.shut.add(account)
        yield { _tag: 'Bad', account, reason: `journal-log, row ${seq}: ${snapshot.left}` }
      } else {
        // What was told of the account before is void, even if nothing is left.
        yield { _tag: 'Snapshot', account, state: emptyAccount, ...snapshot.right }
      }
    }
  }

  /**
   * Nobody knows what happened to the accounts that are named there: they are set aside. Others may be meant by what cannot be read any
   * more, so it is kept and told.
   */
  private *readDamage(damage: Damage): Generator<Found<A>, void, undefined> {
    const reason = damageText(damage)
    const text = damage.bytes.toString('utf8')
    for (const account of new Set(accountsIn(this.codecs, text)))
      if (!this.isCovered(account, damage.last)) {
        this.shut.add(account)
        yield { _tag: 'Bad', account, reason }
      }
    if (damage.last > this.known)
      yield { _tag: 'Orphan', seq: damage.last, line: 1, text: JSON.stringify(text), reason }
  }

  private isCovered(account: AccountId, seq: number): boolean {
    return this.shut.has(account) || seq <= (this.covered.get(account) ?? 0)
  }
}

/** The accounts of all that looks like a line. */
function* accountsIn(codecs: Lines, text: string): Generator<AccountId, void, undefined> {
  for (const [, line = ''] of text.matchAll(/(\["[^\n]*)/g)) {
    const account = codecs.accountOf(line)
    if (account !== undefined) yield account
  }
}

/** Throws an `Error` if a newer program wrote any of it. */
export const refuseNewerRows = ({
  folder,
  rows,
  snapshots,
}: Pick<Stored<unknown>, 'folder' | 'rows' | 'snapshots'>): void => {
  const log = openRows(folder, rows)
  try {
    for (const found of log.read()) if (found._tag === 'Row') refuseNewer(`row ${found.seq} of journal-log`, found.head)
  } finally {
    log.close()
  }
  for (const { key, value } of snapshots.getRange({})) refuseNewer(`the snapshot of ${key}`, value)
}

/** The lines of the log that no snapshot covers, of these accounts, as they are. */
export const linesOf = <A>(
  { codecs, folder, rows, snapshots }: Stored<A>,
  accounts: Iterable<AccountId>,
): ReadonlyMap<AccountId, ReadonlyArray<QuarantinedLine>> => {
  const covered = new Map<AccountId, number>()
  const found = new Map<AccountId, Array<QuarantinedLine>>()
  const log = openRows(folder, rows)
  try {
    for (const account of accounts) {
      const text = snapshots.get(account)
      const snapshot = text === undefined ? undefined : codecs.decodeSnapshot(text)
      covered.set(account, snapshot?._tag === 'Right' ? snapshot.right.upTo : 0)
      found.set(account, [])
    }
    if (found.size > 0)
      for (const row of log.read())
        for (const [account, line] of row._tag === 'Damage' ? damagedLines(codecs, row) : linesIn(codecs, row))
          if (line.seq > (covered.get(account) ?? 0)) found.get(account)?.push(line)
    return found
  } finally {
    log.close()
  }
}

/** Tells whose a line is. */
type Lines = Pick<SessionCodecs<unknown>, 'accountOf'>

type OwnedLine = readonly [AccountId, QuarantinedLine]

function* linesIn(codecs: Lines, { seq, head, lines }: Row): Generator<OwnedLine, void, undefined> {
  for (const text of lines) {
    const account = text === '' ? undefined : codecs.accountOf(text)
    if (account !== undefined) yield [account, isOurVersion(head) ? { seq, text } : { seq, text, head }]
  }
}

/** What can be read ends with a line that cannot. */
function* damagedLines(codecs: Lines, damage: Damage): Generator<OwnedLine, void, undefined> {
  for (const account of new Set(accountsIn(codecs, damage.bytes.toString('utf8')))) {
    const text = JSON.stringify([account, 'damaged', damageText(damage)])
    yield [account, { seq: damage.last, text }]
  }
}
