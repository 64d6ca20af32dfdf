/**
 * One line between two ends, as TCP is one: bytes come in order and without gaps, or not at all; and a line that is
 * gone is noticed by both ends, by one, or by none.
 */
import type { ConnectionId, Instant } from '@smacks/core'
import { createInFlight, type InFlight, type Taken } from './in-flight.js'

/** Who dials, and who is dialled. */
export type Side = 'client' | 'server'

export const sides: ReadonlyArray<Side> = ['client', 'server']

export const otherSide = (side: Side): Side => (side === 'client' ? 'server' : 'client')

/** What an end of a line hears. After `lost` nothing more comes. */
export interface LineListener {
  readonly received: (bytes: Uint8Array) => void
  /** The other end will write nothing more (FIN). */
  readonly ended: () => void
  /** The line is gone (RST): what is written goes nowhere. */
  readonly lost: () => void
}

/** A line as one of its ends has it. */
export interface LineEnd {
  readonly id: ConnectionId
  readonly write: (bytes: Uint8Array) => void
  /** Calls once all that was written has arrived; never, if the line breaks before. It may be at once. Replaces what was asked before. */
  readonly whenArrived: (arrived: () => void) => void
  /** Nothing more will be written (FIN). Without effect after the first time. */
  readonly end: () => void
  /** From now on this listener hears the line. */
  readonly listen: (listener: LineListener) => void
}

/** A line as a test has it. */
export interface Line {
  readonly id: ConnectionId
  /** Bytes on their way to this side. */
  readonly inFlight: (to: Side) => number
  /** Nothing is on its way to this side, neither bytes nor the end of the line. */
  readonly isQuiet: (to: Side) => boolean
  /** Lets bytes arrive, at most so many, all of them unless told; also when they are held. Returns how many there were. */
  readonly carry: (to: Side, bytes?: number) => number
  /** Nothing arrives by itself at this side until it is released. */
  readonly hold: (to: Side) => void
  readonly release: (to: Side) => void
  /**
   * The line breaks and all that is in flight is lost; to truncate at a certain byte, carry so many first. Whoever
   * does not notice has a half-open line.
   */
  readonly cut: (noticedBy: Side | 'both' | 'none') => void
  /** This side notices that the line was cut. Nothing happens if it knows, has ended the line, or it was not cut. */
  readonly notice: (by: Side) => void
  readonly isCut: () => boolean
  /** It was cut and this side does not know. */
  readonly isHalfOpen: (at: Side) => boolean
}

/** What a line needs of the link it belongs to. */
export interface LineSurroundings {
  readonly now: () => Instant
  /** When something that leaves now arrives at this side; `undefined`: when it is carried. */
  readonly due: (to: Side) => Instant | undefined
  /** Calls `arrive` at the time; replaces what was asked before for this side. */
  readonly wakeAt: (to: Side, due: Instant, arrive: () => void) => void
  /** Both ends are done with the line. */
  readonly over: () => void
}

/** One side of a line. */
interface End {
  listener: LineListener | undefined
  readonly coming: InFlight
  held: boolean
  /** It wrote its last byte. */
  ended: boolean
  /** It was told that the line is gone. */
  lost: boolean
  /** Nothing arrives before what left earlier. */
  lastDue: Instant
  /** Who is told when all that is coming has come. */
  arrived: (() => void) | undefined
}

const newEnd = (): End => ({
  listener: undefined,
  coming: createInFlight(),
  held: false,
  ended: false,
  lost: false,
  lastDue: 0,
  arrived: undefined,
})

export interface NewLine {
  readonly line: Line
  readonly ends: Readonly<Record<Side, LineEnd>>
}

export const createLine = (id: ConnectionId, surroundings: LineSurroundings): NewLine => {
  const both = new TwoEnds(id, surroundings)
  return { line: both.line(), ends: { client: both.end('client'), server: both.end('server') } }
}

class TwoEnds {
  private readonly ends: Readonly<Record<Side, End>> = { client: newEnd(), server: newEnd() }
  private isCut = false
  private isOver = false

  constructor(
    private readonly id: ConnectionId,
    private readonly surroundings: LineSurroundings,
  ) {}

  line(): Line {
    const { ends, id } = this
    return {
      id,
      inFlight: to => ends[to].coming.length(),
      isQuiet: to => ends[to].coming.isQuiet(),
      carry: (to, bytes = Number.POSITIVE_INFINITY) => {
        const before = ends[to].coming.length()
        this.hand(to, ends[to].coming.take(bytes))
        return Math.min(before, bytes)
      },
      hold: to => {
        ends[to].held = true
      },
      release: to => this.release(to),
      cut: noticedBy => this.cut(noticedBy),
      notice: by => this.notice(by),
      isCut: () => this.isCut,
      isHalfOpen: at => this.isCut && !ends[at].lost && !ends[at].ended,
    }
  }

  end(side: Side): LineEnd {
    const own = this.ends[side]
    const to = otherSide(side)
    const other = this.ends[to]
    const whileOpen = (act: () => void): void => {
      if (this.isCut || own.lost || own.ended) return
      act()
      this.wake(to)
    }
    return {
      id: this.id,
      write: bytes => whileOpen(() => other.coming.put(bytes, this.dueAt(to))),
      whenArrived: arrived => {
        other.arrived = arrived
        this.tellArrived(other)
      },
      end: () => {
        whileOpen(() => other.coming.end(this.dueAt(to)))
        own.ended = true
        this.judge()
      },
      listen: listener => {
        own.listener = listener
      },
    }
  }

  // Arriving

  private dueAt(to: Side): Instant | undefined {
    const asked = this.surroundings.due(to)
    if (asked === undefined) return undefined
    const end = this.ends[to]
    end.lastDue = Math.max(end.lastDue, asked)
    return end.lastDue
  }

  /** Things arrive by themselves when they are due. */
  private wake(to: Side): void {
    const { coming, held } = this.ends[to]
    const next = coming.nextDue()
    if (next !== undefined && !held) this.surroundings.wakeAt(to, next, () => this.arriveDue(to))
  }

  private arriveDue(to: Side): void {
    const { coming, held } = this.ends[to]
    if (!held) this.hand(to, coming.takeDue(this.surroundings.now()))
    this.wake(to)
  }

  private release(to: Side): void {
    const end = this.ends[to]
    if (!end.held) return
    end.held = false
    const next = end.coming.nextDue()
    const { now, wakeAt } = this.surroundings
    // What was due while it was held comes now, but not inside this call.
    if (next !== undefined) wakeAt(to, Math.max(next, now()), () => this.arriveDue(to))
  }

  private hand(to: Side, { pieces, ended }: Taken): void {
    const end = this.ends[to]
    for (const bytes of pieces) if (!end.lost) end.listener?.received(bytes)
    if (ended && !end.lost) end.listener?.ended()
    if (ended) this.judge()
    this.tellArrived(end)
  }

  private tellArrived(end: End): void {
    const { arrived, coming } = end
    if (arrived === undefined || coming.length() > 0 || this.isCut) return
    end.arrived = undefined
    arrived()
  }

  // The end

  private cut(noticedBy: Side | 'both' | 'none'): void {
    this.isCut = true
    for (const side of sides) this.ends[side].coming.drop()
    for (const side of sides) if (noticedBy === 'both' || noticedBy === side) this.notice(side)
    this.judge()
  }

  private notice(side: Side): void {
    const end = this.ends[side]
    if (!this.isCut || end.lost) return
    end.lost = true
    if (!end.ended) end.listener?.lost()
    this.judge()
  }

  private judge(): void {
    if (this.isOver || !this.isDone('client') || !this.isDone('server')) return
    this.isOver = true
    this.surroundings.over()
  }

  private isDone(side: Side): boolean {
    const { lost, ended } = this.ends[side]
    return lost || (ended && (this.isCut || this.ends[otherSide(side)].coming.isOver()))
  }
}
