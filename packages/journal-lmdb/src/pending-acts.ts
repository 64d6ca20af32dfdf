/** What the log says of LMDB and is not done there yet, as after the end of a process that was killed. */
import type { AccountId } from '@smacks/runtime'
import { isLeft } from '#fp-ts/Either'
import { decodeAct } from './act-lines.js'
import type { Act, RowActs } from './acts.js'
import { openRows, type Row } from './log-rows.js'
import { isOurVersion } from './record-version.js'
import type { SessionCodecs } from './session-codecs.js'
import type { Stored } from './stored.js'

export interface PendingActs<A> {
  readonly rows: ReadonlyArray<RowActs<A>>
  /** What cannot be read. */
  readonly faults: ReadonlyArray<ActFault>
}

export interface ActFault {
  readonly seq: number
  /** If that much can be read. */
  readonly account: AccountId | undefined
  readonly reason: string
}

/** Reads the whole log. */
export const pendingActs = <A>({ codecs, folder, rows }: Stored<A>): PendingActs<A> => {
  const log = openRows(folder, rows)
  try {
    const pending = new PendingReading(codecs, log.note?.applied ?? 0)
    for (const row of log.read()) if (row._tag === 'Row') pending.read(row)
    return pending
  } finally {
    log.close()
  }
}

export class PendingReading<A> implements PendingActs<A> {
  readonly rows: Array<RowActs<A>> = []
  readonly faults: Array<ActFault> = []

  /** What rows up to `applied` say is done. */
  constructor(
    private readonly codecs: SessionCodecs<A>,
    readonly applied: number,
  ) {}

  read({ seq, head, acts, lines }: Row): void {
    if (seq <= this.applied || !isOurVersion(head) || acts.length === 0) return
    const read: Array<Act<A>> = []
    for (const text of acts) {
      const act = decodeAct(this.codecs.payload, text, lines)
      if (isLeft(act)) this.faults.push({ seq, account: this.codecs.accountOf(text), reason: act.left })
      else read.push(act.right)
    }
    this.rows.push({ seq, acts: read })
  }
}
