/** One batch, as far as it is about sessions: written down first, then stored, then concluded. */
import type { AccountId, SessionChange } from '@smacks/runtime'
import { type BatchText, batchText } from './batch-text.js'
import type { Compaction } from './compaction.js'
import type { EmptiedAccounts } from './emptied-accounts.js'
import type { Log } from './log.js'
import type { SetAside } from './set-aside.js'
import type { Stored } from './stored.js'

/** What is known of the stored sessions while the journal is open. */
export interface SessionParts<A> {
  readonly stored: Stored<A>
  readonly log: Log
  readonly compaction: Compaction
  readonly setAside: SetAside<A>
  readonly emptied: EmptiedAccounts
}

export interface Prepared {
  /** Bytes that it writes, at most, besides the upper pages of the trees. */
  readonly size: number
  /** Belongs into a transaction. */
  readonly store: (seq: number) => void
  /** To be called once that is committed, before the next transaction. */
  readonly conclude: (seq: number) => void
}

/** Rows of the log that one batch removes at most, when nobody needs them any more. */
const trimmedAtOnce = 256

/**
 * Writes down what a batch says of sessions. Throws an `Error` that names change and account if something cannot be
 * written.
 */
export const prepareBatch = <A>(parts: SessionParts<A>, changes: ReadonlyArray<SessionChange<A>>): Prepared => {
  const { stored, compaction, setAside, emptied } = parts
  const text = batchText(
    stored.codecs,
    changes.filter(change => isAllowed(setAside, change)),
  )
  // What is set aside is written once more.
  const moving = setAside.isDue() ? text.size + setAside.size() : 0
  const batch = new SessionBatch(parts, text, compaction.begin(lengthOf(text.snapped)))
  return {
    size: text.size + moving + emptied.removalSize(),
    store: seq => batch.store(seq),
    conclude: seq => batch.conclude(seq),
  }
}

/** What is set aside stays as it is. Whoever goes on with such an account knows nothing of it. */
const isAllowed = <A>(setAside: SetAside<A>, { _tag, account }: SessionChange<A>): boolean => {
  if (!setAside.isHeld(account)) return true
  return !setAside.isMoved(account) && _tag !== 'PutSnapshot' && _tag !== 'Baseline'
}

const lengthOf = (snapped: BatchText['snapped']): number =>
  [...snapped.values()].reduce((sum, text) => sum + (text?.length ?? 0), 0)

class SessionBatch<A> {
  private readonly texts: ReadonlyArray<string>
  private readonly isMoving: boolean
  /** What storing it came to, to be concluded once that is committed. */
  private first = 0
  private over: ReadonlyArray<AccountId> = []
  private moved = (): ReadonlyArray<AccountId> => []

  constructor(
    private readonly parts: SessionParts<A>,
    private readonly text: BatchText,
    private readonly compacting: ReturnType<Compaction['begin']>,
  ) {
    this.texts = text.lines.map(({ text }) => text)
    this.isMoving = parts.setAside.isDue()
  }

  store(seq: number): void {
    const { stored, log, setAside, emptied } = this.parts
    const { codecs, kept, snapshots } = stored
    const { keep, snapped } = this.text
    for (const act of keep) act(kept)
    // Lines of the account that are in the same row happened after the snapshot.
    for (const [account, state] of snapped) snapshots.putSync(account, codecs.snapshotUpTo(seq - 1, state))
    log.put(seq, this.texts)
    if (this.isMoving) this.moved = setAside.move(seq)
    else this.first = log.trim(seq, trimmedAtOnce)
    this.over = emptied.before(this.first)
    for (const account of this.over) if (!snapped.has(account)) snapshots.removeSync(account)
  }

  conclude(seq: number): void {
    const { log, compaction, emptied } = this.parts
    log.trimmed(this.first)
    for (const account of this.over) emptied.delete(account)
    log.note(seq, log.sizeOf(this.texts))
    for (const [account, state] of this.text.snapped) {
      log.release(account)
      emptied.delete(account)
      if (state === undefined) emptied.add(account, seq - 1)
    }
    for (const { account } of this.text.lines) log.need(account, seq)
    compaction.ended(this.compacting)
    for (const account of this.moved()) {
      log.release(account)
      emptied.delete(account)
    }
  }
}
