/**
 * What is journalled of sessions: the log of what happened, snapshots that stand for its beginning, and kept stanzas.
 * Databases `journal-log`, `journal-snapshots`, `journal-kept` and `journal-quarantine`.
 */
import type { Account } from '@smacks/core'
import type { AccountId, Journalled, SessionChange, SessionJournal } from '@smacks/runtime'
import { isLeft } from 'fp-ts/lib/Either.js'
import type { Database } from 'lmdb'
import type { Environment } from './environment.js'
import { type KeptStanzas, openKept } from './kept.js'
import { Log } from './log.js'
import { openQuarantine, type Quarantine } from './quarantine.js'
import type { SessionCodecs } from './session-codecs.js'

export interface SessionStore<A> extends SessionJournal<A> {
  /** Writes down what a batch says of sessions, so that it can be stored under this number without anything going wrong. */
  readonly prepare: (changes: ReadonlyArray<SessionChange<A>>, seq: number) => Prepared
  readonly nextSeq: () => number
  /** True if the batch of this number is stored. */
  readonly isStored: (seq: number) => boolean
  readonly log: Log
  readonly kept: KeptStanzas<A>['read']
  readonly stored: {
    readonly kept: KeptStanzas<A>
    readonly quarantine: Quarantine
    readonly snapshots: Database<string, AccountId>
  }
}

export interface Prepared {
  /** Belongs into a transaction. */
  readonly store: () => void
  /** To be called once that is committed. */
  readonly conclude: () => void
}

export interface SessionStoreOptions<A> {
  readonly env: Environment
  readonly codecs: SessionCodecs<A>
  /** Characters of the log above which snapshots are wanted. */
  readonly logBound: number
  /** Told of a line of the log of which not even the account can be read. */
  readonly onBadLine: (seq: number, reason: string) => void
}

/** Rows of the log that one batch removes at most, when nobody needs them any more. */
const trimmedAtOnce = 256

export const openSessionStore = <A>(options: SessionStoreOptions<A>): SessionStore<A> => {
  const { env, codecs, logBound, onBadLine } = options
  const log = new Log(env)
  const snapshots: Database<string, AccountId> = env.openDB({ name: 'journal-snapshots', encoding: 'string' })
  const kept = openKept(env, codecs)
  const quarantine = openQuarantine(env)
  let isCompacting = false

  const prepare = (changes: ReadonlyArray<SessionChange<A>>, seq: number): Prepared => {
    const lines: Array<string> = []
    const acts: Array<() => void> = []
    const mentioned: Array<AccountId> = []
    const snapped: Array<AccountId> = []
    for (const change of changes) {
      const { account } = change
      switch (change._tag) {
        case 'Happened':
        case 'Known':
          lines.push(codecs.encodeEntry(account, change))
          mentioned.push(account)
          break
        case 'PutSnapshot':
          acts.push(snapshotting(account, change.state, seq))
          snapped.push(account)
          break
        case 'KeepUnacked': {
          const { resource, from } = change
          const texts = change.unacked.map(codecs.encodeUnacked)
          acts.push(() => kept.put(account, resource, from, texts))
          break
        }
        case 'ForgetKept': {
          const { resource, from, count } = change
          acts.push(() => kept.forget(account, resource, from, count))
          break
        }
      }
    }
    const size = lines.reduce((sum, line) => sum + line.length + 1, 0)
    return {
      store: () => {
        for (const act of acts) act()
        log.put(seq, lines)
        log.trim(trimmedAtOnce)
      },
      conclude: () => {
        log.note(seq, size)
        for (const account of mentioned) log.need(account, seq)
        for (const account of snapped) log.release(account)
      },
    }
  }

  /** Of an account without sessions there is nothing to know: its old sessions are kept elsewhere. */
  const snapshotting = (account: AccountId, state: Account<A>, seq: number): (() => void) => {
    if (state.sessions.length === 0) return () => snapshots.removeSync(account)
    const text = codecs.encodeSnapshot(seq, state)
    return () => snapshots.putSync(account, text)
  }

  function* recover(): Generator<Journalled<A>, void, undefined> {
    const upTo = new Map<AccountId, number>()
    const bad = new Map<AccountId, string>()
    for (const account of quarantine.accounts()) {
      const known = quarantine.read(account)
      if (known === undefined) continue
      upTo.set(account, known.upTo)
      yield { _tag: 'Undecodable', account, reason: known.reason }
    }
    for (const { key: account, value } of snapshots.getRange({})) {
      if (upTo.has(account)) continue
      const snapshot = codecs.decodeSnapshot(value)
      if (isLeft(snapshot)) {
        bad.set(account, `journal-snapshots, ${account}: ${snapshot.left}`)
        continue
      }
      upTo.set(account, snapshot.right.upTo)
      yield { _tag: 'Known', account, state: snapshot.right.state }
    }
    yield* readLog(upTo, bad)
    setAside(bad)
    for (const [account, reason] of bad) yield { _tag: 'Undecodable', account, reason }
  }

  function* readLog(
    upTo: ReadonlyMap<AccountId, number>,
    bad: Map<AccountId, string>,
  ): Generator<Journalled<A>, void, undefined> {
    for (const { seq, lines, size, isOurs } of log.read()) {
      log.note(seq, size)
      if (!isOurs) onBadLine(seq, 'the row is of another version')
      for (const line of isOurs ? lines : []) {
        if (line === '') continue
        const read = codecs.decodeEntry(line)
        if (isLeft(read)) {
          onBadLine(seq, read.left.reason)
          continue
        }
        const { account } = read.right
        if (seq <= (upTo.get(account) ?? 0) || bad.has(account)) continue
        const entry = read.right.entry()
        if (isLeft(entry)) bad.set(account, `journal-log, row ${seq}: ${entry.left}`)
        else {
          log.need(account, seq)
          yield { account, ...entry.right }
        }
      }
    }
  }

  /** All that there is of them goes into quarantine, as it is. */
  const setAside = (bad: ReadonlyMap<AccountId, string>): void => {
    if (bad.size === 0) return
    const lines = new Map<AccountId, Array<string>>([...bad.keys()].map(account => [account, []]))
    let last = 0
    for (const row of log.read()) {
      last = row.seq
      for (const line of row.lines) {
        const read = codecs.decodeEntry(line)
        if (!isLeft(read)) lines.get(read.right.account)?.push(line)
      }
    }
    env.transactionSync(() => {
      for (const [account, reason] of bad) {
        const snapshot = snapshots.get(account)
        quarantine.put({
          account,
          reason,
          upTo: last,
          ...(snapshot === undefined ? {} : { snapshot }),
          lines: lines.get(account) ?? [],
        })
        snapshots.removeSync(account)
      }
    })
    for (const account of bad.keys()) log.release(account)
  }

  return {
    prepare,
    nextSeq: () => log.next(),
    isStored: seq => log.has(seq),
    log,
    recover,
    kept: kept.read,
    stored: { kept, quarantine, snapshots },
    wanted: limit => {
      if (log.size() > logBound) isCompacting = true
      else if (log.size() < logBound / 2) isCompacting = false
      return isCompacting ? log.oldest(limit) : []
    },
  }
}
