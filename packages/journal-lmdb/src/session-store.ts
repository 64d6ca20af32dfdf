/**
 * What is journalled of sessions: the log of what happened, snapshots that stand for its beginning, and kept stanzas.
 * Databases `journal-log`, `journal-snapshots`, `journal-kept` and `journal-quarantine`.
 */
import type { AccountId, Journalled, SessionChange, SessionJournal } from '@smacks/runtime'
import { isLeft } from 'fp-ts/lib/Either.js'
import { batchText } from './batch-text.js'
import { Compaction } from './compaction.js'
import { bytesOfPage } from './file-room.js'
import { Log } from './log.js'
import { SetAside } from './set-aside.js'
import { readStored, type Stored, type StrayLine } from './stored.js'

export interface SessionStore<A> extends SessionJournal<A> {
  /**
   * Writes down what a batch says of sessions, so that it can be stored without anything going wrong. Throws an `Error`
   * that names change and account if something cannot be written.
   */
  readonly prepare: (changes: ReadonlyArray<SessionChange<A>>) => Prepared
  /** A number for a batch. Belongs into its transaction. */
  readonly nextSeq: () => number
  /** True if our batch of this number is stored; belongs into a transaction. */
  readonly isStored: (seq: number) => boolean
  /** True if a batch of this number is durable. */
  readonly isThere: (seq: number) => boolean
}

export interface Prepared {
  /** Bytes that it writes, at most, besides the upper pages of the trees. */
  readonly size: number
  /** Belongs into a transaction. */
  readonly store: (seq: number) => void
  /** To be called once that is committed, before the next transaction. */
  readonly conclude: (seq: number) => void
}

export interface SessionStoreOptions<A> {
  readonly stored: Stored<A>
  /** Characters of the log above which snapshots are wanted. */
  readonly logBound: number
  /** Told once of each line of the log of which not even the account can be read. */
  readonly onStray: (line: StrayLine) => void
}

/** Rows of the log that one batch removes at most, when nobody needs them any more. */
const trimmedAtOnce = 256

/** Snapshots without sessions that one batch removes at most, wherever they lie. */
const emptiedAtOnce = 64

export const openSessionStore = <A>(options: SessionStoreOptions<A>): SessionStore<A> => {
  const { stored, logBound, onStray } = options
  const { codecs, kept, rows, snapshots } = stored
  const log = new Log(rows)
  const compaction = new Compaction(log, logBound)
  const setAside = new SetAside(stored)
  /**
   * Accounts of which a snapshot says that nothing is left, and the rows it covers. As long as one of these is there, it
   * must not be taken for something that happened to an account of which nothing was known.
   */
  const emptied = new Map<AccountId, number>()

  const prepare = (changes: ReadonlyArray<SessionChange<A>>): Prepared => {
    const { lines, snapped, keep, size } = batchText(codecs, changes.filter(isAllowed))
    const texts = lines.map(({ text }) => text)
    const batch = compaction.begin([...snapped.values()].reduce((sum, text) => sum + (text?.length ?? 0), 0))
    const isMoving = setAside.isDue()
    let first = 0
    let over: ReadonlyArray<AccountId> = []
    let moved = (): ReadonlyArray<AccountId> => []

    const store = (seq: number): void => {
      for (const act of keep) act(kept)
      // Lines of the account that are in the same row happened after the snapshot.
      for (const [account, state] of snapped) snapshots.putSync(account, codecs.snapshotUpTo(seq - 1, state))
      log.put(seq, texts)
      if (isMoving) moved = setAside.move(seq)
      else first = log.trim(seq, trimmedAtOnce)
      over = overBefore(first)
      for (const account of over) if (!snapped.has(account)) snapshots.removeSync(account)
    }
    const conclude = (seq: number): void => {
      log.trimmed(first)
      for (const account of over) emptied.delete(account)
      log.note(seq, log.sizeOf(texts))
      for (const [account, state] of snapped) {
        log.release(account)
        emptied.delete(account)
        if (state === undefined) emptied.set(account, seq - 1)
      }
      for (const { account } of lines) log.need(account, seq)
      compaction.ended(batch)
      for (const account of moved()) {
        log.release(account)
        emptied.delete(account)
      }
    }
    // What is set aside is written once more.
    const moving = isMoving ? size + setAside.size() : 0
    const removing = Math.min(emptied.size, emptiedAtOnce) * bytesOfPage
    return { size: size + moving + removing, store, conclude }
  }

  /** What is set aside stays as it is. Whoever goes on with such an account knows nothing of it. */
  const isAllowed = ({ _tag, account }: SessionChange<A>): boolean => {
    if (!setAside.isHeld(account)) return true
    return !setAside.isMoved(account) && _tag !== 'PutSnapshot' && _tag !== 'Baseline'
  }

  /** The emptied accounts of which the log has nothing any more that came before. */
  const overBefore = (first: number): ReadonlyArray<AccountId> => {
    const over: Array<AccountId> = []
    for (const [account, upTo] of emptied) {
      if (upTo >= first || over.length >= emptiedAtOnce) break
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
          else yield { ...found, _tag: 'Baseline', state: found.state }
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
        case 'Stray':
          if (setAside.addStray(found)) onStray(found)
          break
      }
    }
    reading.finish()
    for (const [account, upTo] of empty.sort(([, one], [, other]) => one - other)) emptied.set(account, upTo)
    for (const [account, reason] of bad) setAside.add(account, reason)
    for (const [account, reason] of bad) yield { _tag: 'Undecodable', account, reason }
  }

  const readKept: SessionJournal<A>['kept'] = (account, resource, from, count) => {
    const found = kept.read(account, resource, from, count)
    if (!isLeft(found)) return found.right
    setAside.add(account, found.left)
    throw new Error(found.left)
  }

  return {
    prepare,
    nextSeq: () => log.next(),
    isStored: seq => log.has(seq),
    isThere: seq => log.isThere(seq),
    recover,
    kept: readKept,
    countKept: kept.count,
    wanted: limit => compaction.wanted(limit, account => setAside.isHeld(account)),
  }
}
