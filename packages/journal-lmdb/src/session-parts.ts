/** What is known of the stored sessions. */
import type { Compaction } from './compaction.js'
import type { EmptiedAccounts } from './emptied-accounts.js'
import type { NeededRows } from './needed-rows.js'
import type { SetAside } from './set-aside.js'
import type { Stored } from './stored.js'

/** What is known of the stored sessions while the journal is open. */
export interface SessionParts<A> {
  readonly stored: Stored<A>
  readonly needed: NeededRows
  readonly compaction: Compaction
  readonly setAside: SetAside<A>
  readonly emptied: EmptiedAccounts
  /** No new row may have this number or one below. */
  readonly beyond: (seq: number) => void
}
