/**
 * What is journalled of sessions: the log of what happened, snapshots that stand for its beginning, and kept stanzas.
 * Databases `journal-log`, `journal-snapshots`, `journal-kept` and `journal-quarantine`.
 */
import type { SessionChange, SessionJournal } from '@smacks/runtime'
import { isLeft } from '#fp-ts/Either'
import { Compaction } from './compaction.js'
import { EmptiedAccounts } from './emptied-accounts.js'
import { Log } from './log.js'
import { type Prepared, prepareBatch, type SessionParts } from './session-batch.js'
import { recoverSessions } from './session-recovery.js'
import { SetAside } from './set-aside.js'
import type { OrphanLine, Stored } from './stored.js'

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

export interface SessionStoreOptions<A> {
  readonly stored: Stored<A>
  /** Characters of the log above which snapshots are wanted. */
  readonly logBound: number
  /** Told once of each line of the log of which not even the account can be read. */
  readonly onOrphan: (line: OrphanLine) => void
}

export const openSessionStore = <A>({ stored, logBound, onOrphan }: SessionStoreOptions<A>): SessionStore<A> => {
  const { kept } = stored
  const log = new Log(stored.rows)
  const compaction = new Compaction(log, logBound)
  const setAside = new SetAside(stored)
  const parts: SessionParts<A> = { stored, log, compaction, setAside, emptied: new EmptiedAccounts() }
  return {
    prepare: changes => prepareBatch(parts, changes),
    nextSeq: () => log.next(),
    isStored: seq => log.has(seq),
    isThere: seq => log.isThere(seq),
    recover: () => recoverSessions(parts, onOrphan),
    kept: (account, resource, from, count) => {
      const found = kept.read(account, resource, from, count)
      if (!isLeft(found)) return found.right
      setAside.add(account, found.left)
      throw new Error(found.left)
    },
    countKept: kept.count,
    wanted: limit => compaction.wanted(limit, account => setAside.isHeld(account)),
  }
}
