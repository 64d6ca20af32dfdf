/**
 * What is journalled of sessions: the log of what happened, snapshots that stand for its beginning, and kept stanzas.
 * Databases `journal-snapshots`, `journal-kept` and `journal-quarantine` beside the log.
 */
import type { Reading, SessionChange, SessionJournal } from '@smacks/runtime'
import { isLeft } from '#fp-ts/Either'
import type { BatchText } from './batch-text.js'
import type { SessionParts } from './session-parts.js'
import { recoverSessions } from './session-recovery.js'
import type { SetAside } from './set-aside.js'
import type { OrphanLine } from './stored.js'

export interface SessionStoreOptions<A> {
  readonly parts: SessionParts<A>
  /** What is durable is in LMDB when this returns. */
  readonly bringUpToDate: () => void
  readonly reading: Reading
  /** Told once of each line of the log of which not even the account can be read. */
  readonly onOrphan: (line: OrphanLine) => void
}

export const sessionJournal = <A>({
  parts,
  bringUpToDate,
  reading,
  onOrphan,
}: SessionStoreOptions<A>): SessionJournal<A> => {
  const { compaction, setAside, stored } = parts
  return {
    recover: function* () {
      bringUpToDate()
      yield* recoverSessions(parts, onOrphan)
    },
    kept: (account, resource, from, count) => {
      const found = reading(account, () => stored.kept.read(account, resource, from, count))
      if (!isLeft(found)) return found.right
      setAside.add(account, found.left)
      throw new Error(found.left)
    },
    peek: (account, resource, from, count) =>
      reading(account, () => {
        const there = stored.kept.count(account, resource, from, count)
        const found = stored.kept.read(account, resource, from, there)
        return isLeft(found) ? [] : found.right
      }),
    countKept: (account, ...asked) => reading(account, () => stored.kept.count(account, ...asked)),
    wanted: limit => compaction.wanted(limit, account => setAside.isHeld(account)),
  }
}

/** What a row takes besides its characters. Rows without entries add up too. */
export const rowOverhead = 24

/** What is set aside stays as it is. Whoever goes on with such an account knows nothing of it. */
export const isAllowed = <A>(setAside: SetAside<A>, { _tag, account }: SessionChange<A>): boolean => {
  if (!setAside.isHeld(account)) return true
  return !setAside.isMoved(account) && _tag !== 'PutSnapshot' && _tag !== 'Baseline'
}

/** The batch is in the log, in this row. `begun` is its number in the compaction. */
export const conclude = <A>(
  { needed, compaction, emptied }: SessionParts<A>,
  { acts, content, needy }: BatchText<A>,
  seq: number,
  begun: number,
): void => {
  let size = content.length + rowOverhead
  for (const act of acts) {
    if (act._tag !== 'Snapshot') continue
    // It takes the place of what was before it, so it must not be a reason for others.
    size -= act.state?.length ?? 0
    needed.release(act.account)
    emptied.delete(act.account)
    if (act.state === undefined) emptied.add(act.account, seq - 1)
  }
  for (const account of needy) needed.need(account, seq)
  needed.note(seq, size)
  compaction.ended(begun)
}

/** Characters of a batch's snapshots. */
export const snapshotCharacters = ({ acts }: BatchText<unknown>): number =>
  acts.reduce((sum, act) => sum + (act._tag === 'Snapshot' ? (act.state?.length ?? 0) : 0), 0)
