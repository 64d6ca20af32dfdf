/**
 * What is journalled of sessions: the log of what happened, snapshots that stand for its beginning, and kept stanzas.
 * Databases `journal-log`, `journal-snapshots`, `journal-kept` and `journal-quarantine`.
 */
import type { Account } from '@smacks/core'
import type { AccountId, Journalled, SessionChange, SessionJournal } from '@smacks/runtime'
import { Log, lastRow } from './log.js'
import { linesOf, readStored, type Stored } from './stored.js'

export interface SessionStore<A> extends SessionJournal<A> {
  /** Writes down what a batch says of sessions, so that it can be stored without anything going wrong. */
  readonly prepare: (changes: ReadonlyArray<SessionChange<A>>) => Prepared
  /** A number for a batch. Belongs into its transaction. */
  readonly nextSeq: () => number
  /** True if the batch of this number is stored. */
  readonly isStored: (seq: number) => boolean
}

export interface Prepared {
  /** Belongs into a transaction. */
  readonly store: (seq: number) => void
  /** To be called once that is committed, before the next transaction. */
  readonly conclude: (seq: number) => void
}

export interface SessionStoreOptions<A> {
  readonly stored: Stored<A>
  /** Characters of the log above which snapshots are wanted. */
  readonly logBound: number
  /** Told of a line of the log of which not even the account can be read. */
  readonly onBadLine: (seq: number, reason: string) => void
}

/** Rows of the log that one batch removes at most, when nobody needs them any more. */
const trimmedAtOnce = 256

export const openSessionStore = <A>(options: SessionStoreOptions<A>): SessionStore<A> => {
  const { stored, logBound, onBadLine } = options
  const { codecs, env, kept, quarantine, rows, snapshots } = stored
  const log = new Log(rows)
  /**
   * Accounts of which a snapshot says that nothing is left, and the rows it covers. As long as one of these is there, it
   * must not be taken for something that happened to an account of which nothing was known.
   */
  const emptied = new Map<AccountId, number>()
  let isCompacting = false

  const prepare = (changes: ReadonlyArray<SessionChange<A>>): Prepared => {
    const { lines, snapped, acts } = written(changes)
    const texts = lines.map(({ text }) => text)
    let first = 0
    let over: ReadonlyArray<AccountId> = []
    return {
      store: seq => {
        first = log.trim(seq, trimmedAtOnce)
        over = overBefore(first)
        for (const account of over) snapshots.removeSync(account)
        for (const act of acts) act()
        // Lines of the account that are in the same row happened after the snapshot.
        for (const [account, state] of snapped) snapshots.putSync(account, codecs.snapshotUpTo(seq - 1, state))
        log.put(seq, texts)
      },
      conclude: seq => {
        log.trimmed(first)
        for (const account of over) emptied.delete(account)
        log.note(seq, log.sizeOf(texts))
        for (const [account, state] of snapped) {
          log.release(account)
          emptied.delete(account)
          if (state === undefined) emptied.set(account, seq - 1)
        }
        for (const { account } of lines) log.need(account, seq)
      },
    }
  }

  const written = (changes: ReadonlyArray<SessionChange<A>>): Written => {
    let lines: Array<Line> = []
    const snapped = new Map<AccountId, string | undefined>()
    const acts: Array<() => void> = []
    for (const change of changes) {
      const { account } = change
      switch (change._tag) {
        case 'Happened':
        case 'Known':
          lines.push({ account, text: codecs.encodeEntry(account, change) })
          break
        case 'PutSnapshot':
          // It takes the place of what was before it. More may follow, when several turns share a batch.
          if (lines.some(line => line.account === account)) lines = lines.filter(line => line.account !== account)
          snapped.set(account, encodedState(change.state))
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
    return { lines, snapped, acts }
  }

  /** Of an account without sessions there is nothing to know: its old sessions are kept elsewhere. */
  const encodedState = (state: Account<A>): string | undefined =>
    state.sessions.length === 0 ? undefined : codecs.encodeState(state)

  /** The emptied accounts of which the log has nothing any more that came before. */
  const overBefore = (first: number): ReadonlyArray<AccountId> => {
    const over: Array<AccountId> = []
    for (const [account, upTo] of emptied) {
      if (upTo >= first) break
      over.push(account)
    }
    return over
  }

  function* recover(): Generator<Journalled<A>, void, undefined> {
    const reading = log.beginReading()
    const bad = new Map<AccountId, string>()
    const empty: Array<readonly [AccountId, number]> = []
    for (const found of readStored(stored)) {
      switch (found._tag) {
        case 'Quarantined':
          log.beyond(found.upTo)
          yield { _tag: 'Undecodable', account: found.account, reason: found.reason }
          break
        case 'Snapshot':
          log.beyond(found.upTo)
          if (found.state === undefined) empty.push([found.account, found.upTo])
          else yield { _tag: 'Known', account: found.account, state: found.state }
          break
        case 'Row':
          reading.note(found.seq, found.size)
          break
        case 'Entry':
          reading.need(found.account, found.seq)
          yield { account: found.account, ...found.entry }
          break
        case 'Bad':
          bad.set(found.account, found.reason)
          break
        case 'BadLine':
          onBadLine(found.seq, found.reason)
          break
      }
    }
    reading.finish()
    for (const [account, upTo] of empty.sort(([, one], [, other]) => one - other)) emptied.set(account, upTo)
    setAside(bad)
    for (const [account, reason] of bad) yield { _tag: 'Undecodable', account, reason }
  }

  /** All that there is of them goes into quarantine, as it is. */
  const setAside = (bad: ReadonlyMap<AccountId, string>): void => {
    if (bad.size === 0) return
    env.transactionSync(() => {
      const upTo = lastRow(rows)
      for (const [account, lines] of linesOf(stored, bad.keys())) {
        const snapshot = snapshots.get(account)
        const reason = bad.get(account) ?? ''
        quarantine.put(account, { reason, upTo, lines, ...(snapshot === undefined ? {} : { snapshot }) })
        snapshots.removeSync(account)
      }
    })
    for (const account of bad.keys()) {
      log.release(account)
      emptied.delete(account)
    }
  }

  return {
    prepare,
    nextSeq: () => log.next(),
    isStored: seq => log.has(seq),
    recover,
    kept: kept.read,
    wanted: limit => {
      if (log.size() > logBound) isCompacting = true
      else if (log.size() < logBound / 2) isCompacting = false
      return isCompacting ? log.oldest(limit) : []
    },
  }
}

interface Line {
  readonly account: AccountId
  readonly text: string
}

interface Written {
  readonly lines: ReadonlyArray<Line>
  /** The snapshots' states, encoded; nothing for an account of which nothing is left. */
  readonly snapped: ReadonlyMap<AccountId, string | undefined>
  readonly acts: ReadonlyArray<() => void>
}
