/** What becomes of a batch, in the parts that both kinds of durability put together in their own way. */
import type { SegmentedLog } from '@smacks/log-file'
import type { BatchStores, Change } from '@smacks/runtime'
import type { Applying } from './applying.js'
import { type BatchText, batchText } from './batch-text.js'
import { DiskReservation } from './disk-reservation.js'
import type { Environment } from './environment.js'
import type { SessionParts } from './session-parts.js'
import { conclude, isAllowed, snapshotCharacters } from './session-store.js'

export interface LogBatchesOptions<A> {
  readonly env: Environment
  readonly parts: SessionParts<A>
  readonly log: SegmentedLog
  readonly applying: Applying<A>
  readonly others: Pick<BatchStores<A>, 'sizeOf'>
}

/** A batch that is written down, and where room is reserved for what it says of LMDB. */
export interface Prepared<A> {
  readonly text: BatchText<A>
  /** Its number in the compaction. */
  readonly begun: number
}

export class LogBatches<A> {
  private readonly reservation: DiskReservation
  /** The first row that is needed, as LMDB has it. Earlier ones may be gone. */
  private first: number

  constructor(private readonly options: LogBatchesOptions<A>) {
    this.reservation = new DiskReservation(options.env)
    this.first = options.log.first
  }

  /** Throws a `ChangeRefused` if something cannot be written, and what the file system says if there is no room. */
  prepare(batch: ReadonlyArray<Change<A>>): Prepared<A> {
    const { others, parts } = this.options
    const { compaction, emptied, setAside, stored } = parts
    const text = batchText({ codecs: stored.codecs, others, isAllowed: one => isAllowed(setAside, one) }, batch)
    // What is set aside is written once more.
    const moving = setAside.isDue() ? setAside.size() : 0
    if (text.acts.length > 0 || moving > 0) this.reservation.reserve(text.size + moving + emptied.removalSize())
    return { text, begun: compaction.begin(snapshotCharacters(text)) }
  }

  /** Writes it to the log. Throws what the file system says; then nothing of it is there. */
  append({ text }: Prepared<A>): number {
    return this.options.log.append(text.content, 'latin1')
  }

  /** It is as durable as it is to be. */
  conclude({ text, begun }: Prepared<A>, seq: number): void {
    conclude(this.options.parts, text, seq, begun)
    if (text.acts.length > 0) this.options.applying.add({ seq, acts: text.acts })
  }

  /** True if something is to be done in LMDB. */
  isApplyingDue(): boolean {
    const { applying, parts } = this.options
    return applying.isPending(undefined) || parts.setAside.isDue()
  }

  /** True if there are files of the log that nobody needs. */
  isTrimmable(): boolean {
    const { log } = this.options
    return log.firstAfterTrim(this.firstNeeded()) > log.first
  }

  /** Does in LMDB what is to be done, in the transaction that this is called in. What comes back is to be called after it. */
  apply(): () => void {
    const { applying, log } = this.options
    this.first = Math.max(this.first, log.firstAfterTrim(this.firstNeeded()))
    const done = applying.write(this.first)
    return () => {
      done()
      this.reservation.written()
    }
  }

  /** Removes the files that were not needed at the last `apply`, which is synced. */
  trim(): void {
    this.options.log.trim(this.first)
  }

  /** Something failed: nothing is known of the room that there is. */
  failed(): void {
    this.reservation.forget()
  }

  private firstNeeded(): number {
    const { log, parts } = this.options
    return parts.needed.first(log.last)
  }
}
