/**
 * A recording that was replayed once, and of which any part can be replayed again. What is kept of it does not grow with its
 * length beyond its stanzas: checkpoints, fewer the longer it is, from which the steps behind them are made again.
 */
import { createLifelines, type Mark } from '@smacks/diagram'
import { imReducer } from '@smacks/im'
import {
  type AnyReplayed,
  createReader,
  createReplayer,
  createStanzaList,
  describeFault,
  type Entry,
  isCompared,
  isOfCore,
  marksOf,
  type RecordingHeader,
  type Replayer,
  type StanzaRow,
} from '@smacks/replay'
import { type Line, linesOf, type Source } from './source.js'

/** From here on steps are made again. */
interface Checkpoint {
  /** Where the next line begins. */
  readonly offset: number
  /** The number of the next step, from 0. */
  readonly index: number
  /** The number of the next mark. */
  readonly mark: number
  /** The last entry before. */
  readonly seq: number
  readonly at: number
  readonly replayer: Replayer
}

export interface Totals {
  readonly steps: number
  readonly marks: number
  readonly accounts: number
  readonly compared: number
  readonly differing: number
  readonly firstDifference?: { readonly index: number; readonly seq: number }
  readonly truncated: boolean
}

/** Steps that follow each other, made again. */
export interface Segment {
  readonly index: number
  readonly mark: number
  readonly steps: ReadonlyArray<AnyReplayed>
  /** Those of each step. */
  readonly marks: ReadonlyArray<ReadonlyArray<Mark>>
}

/** At most so many checkpoints are kept; with twice the distance when there are more. */
const mostCheckpoints = 512
const leastStride = 512
const segmentsRemembered = 4

export class ReplayedRecording {
  readonly header: RecordingHeader
  readonly totals: Totals
  readonly stanzas: ReadonlyArray<StanzaRow>
  readonly lifelines: ReadonlyArray<string>
  private readonly checkpoints: ReadonlyArray<Checkpoint>
  private readonly remembered = new Map<number, Segment>()

  /** Replays all of it. Throws an `Error` that names line and problem where it cannot be read. */
  constructor(
    private readonly source: Source,
    onProgress: (bytes: number, steps: number) => void = () => {},
  ) {
    const pass = new FirstPass(source, onProgress)
    const { header } = pass
    if (header === undefined) throw new Error('nothing was recorded: the end, where a header is needed')
    this.header = header
    this.totals = pass.totals()
    this.stanzas = pass.stanzas.rows()
    this.lifelines = pass.lifelines.names()
    this.checkpoints = pass.checkpoints
  }

  /** The segment with the step of this number. */
  segmentOf(index: number): Segment {
    return this.segment(lastWhere(this.checkpoints, checkpoint => checkpoint.index <= index))
  }

  /** The segment with the mark of this number. */
  segmentOfMark(mark: number): Segment {
    return this.segment(lastWhere(this.checkpoints, checkpoint => checkpoint.mark <= mark))
  }

  /** The first segment that has, or is before, what the test says of an entry's number and time. */
  segmentBefore(isBefore: (place: { readonly seq: number; readonly at: number }) => boolean): Segment {
    return this.segment(lastWhere(this.checkpoints, isBefore))
  }

  /** The entries from before the first of these numbers, to the last, and a replayer that has taken what is before them. */
  entriesBetween(first: number, last: number): { readonly entries: Iterable<Entry>; readonly replayer: Replayer } {
    const checkpoint = this.checkpoints[lastWhere(this.checkpoints, ({ seq }) => seq < first)]
    if (checkpoint === undefined) throw new Error('there is always a first checkpoint')
    const read = (): Generator<Entry> => this.entriesFrom(checkpoint, last)
    return { entries: { [Symbol.iterator]: read }, replayer: checkpoint.replayer }
  }

  private *entriesFrom({ offset, seq }: Checkpoint, last: number): Generator<Entry, void, undefined> {
    const reader = createReader({ header: this.header, seq })
    for (const { text } of linesOf(this.source, offset)) {
      const read = reader.push(text)
      if (read._tag === 'Left') return
      if (read.right === undefined) continue
      if (read.right.seq > last) return
      yield read.right
    }
  }

  private segment(number: number): Segment {
    const known = this.remembered.get(number)
    this.remembered.delete(number)
    const segment = known ?? this.replayed(number)
    this.remembered.set(number, segment)
    for (const oldest of this.remembered.keys()) {
      if (this.remembered.size <= segmentsRemembered) break
      this.remembered.delete(oldest)
    }
    return segment
  }

  private replayed(number: number): Segment {
    const [checkpoint, next] = [this.checkpoints[number], this.checkpoints[number + 1]]
    if (checkpoint === undefined) throw new Error('there is always a first checkpoint')
    const replayer = checkpoint.replayer.fork()
    const steps: Array<AnyReplayed> = []
    for (const entry of this.entriesFrom(checkpoint, next?.seq ?? Number.POSITIVE_INFINITY)) {
      const step = replayer.take(entry)
      if (step !== undefined) steps.push(step)
    }
    const marks = steps.map(step => (isOfCore(step) ? marksOf(step) : []))
    return { index: checkpoint.index, mark: checkpoint.mark, steps, marks }
  }
}

/** All of it once, from the first line to the last. */
class FirstPass {
  header: RecordingHeader | undefined
  checkpoints: Array<Checkpoint> = []
  readonly stanzas = createStanzaList()
  readonly lifelines = createLifelines()
  private readonly accounts = new Set<string>()
  private replayer: Replayer | undefined
  private stride = leastStride
  private steps = 0
  private marks = 0
  private compared = 0
  private differing = 0
  private first: Totals['firstDifference']
  private truncated = false
  private offset = 0
  private last = { seq: 0, at: 0 }

  constructor(source: Source, onProgress: (bytes: number, steps: number) => void) {
    const reader = createReader()
    for (const line of linesOf(source)) {
      const read = reader.push(line.text)
      if (read._tag === 'Left') throw new Error(describeFault(read.left))
      if (read.right === undefined) this.takeHeader(reader.header(), line)
      else this.takeEntry(read.right, line)
      onProgress(line.end, this.steps)
    }
    const end = reader.end()
    if (end._tag === 'Left') throw new Error(describeFault(end.left))
    this.truncated = end.right.truncated
  }

  totals(): Totals {
    const { steps, marks, accounts, compared, differing, truncated, first } = this
    const totals = { steps, marks, accounts: accounts.size, compared, differing, truncated }
    return first === undefined ? totals : { ...totals, firstDifference: first }
  }

  private takeHeader(header: RecordingHeader | undefined, { end }: Line): void {
    this.offset = end
    if (header === undefined || this.header !== undefined) return
    this.header = header
    this.last = { seq: 0, at: header.at }
    this.replayer = createReplayer(header, [imReducer()])
    this.setCheckpoint(this.replayer)
  }

  private takeEntry(entry: Entry, { end }: Line): void {
    const step = this.replayer?.take(entry)
    this.stanzas.take(entry, step)
    this.accounts.add(entry.account)
    if (step !== undefined) this.takeStep(step)
    this.offset = end
    this.last = entry
    if (step !== undefined && this.steps % this.stride === 0 && this.replayer !== undefined)
      this.setCheckpoint(this.replayer)
  }

  private takeStep(step: AnyReplayed): void {
    if (isCompared(step)) this.compared += 1
    if (step.difference !== undefined) {
      this.differing += 1
      this.first ??= { index: this.steps, seq: step.entry.seq }
    }
    this.steps += 1
    if (!isOfCore(step)) return
    const marks = marksOf(step)
    this.marks += marks.length
    for (const mark of marks) this.lifelines.take(mark)
  }

  private setCheckpoint(replayer: Replayer): void {
    const { offset, steps: index, marks: mark, last } = this
    this.checkpoints.push({ offset, index, mark, seq: last.seq, at: last.at, replayer: replayer.fork() })
    if (this.checkpoints.length <= mostCheckpoints) return
    this.stride *= 2
    this.checkpoints = this.checkpoints.filter(({ index: at }) => at % this.stride === 0)
  }
}

/** The last that passes, of a list where those that pass come first; 0 if none does. */
const lastWhere = <T>(list: ReadonlyArray<T>, passes: (one: T) => boolean): number => {
  let [low, high] = [0, list.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    const one = list[middle]
    if (one !== undefined && passes(one)) low = middle + 1
    else high = middle
  }
  return Math.max(0, low - 1)
}
