/** What is under way on a line in one direction: bytes that left one end and have not come to the other. */
import type { Instant } from '@smacks/core'

interface Piece {
  readonly bytes: Uint8Array
  /** When it arrives by itself; never, if it has to be carried. */
  readonly due: Instant | undefined
}

export interface InFlight {
  /** Bytes under way. */
  readonly length: () => number
  /** Nothing is under way, neither bytes nor the end. */
  readonly isQuiet: () => boolean
  /** Everything came to the other end, the end of the line included. */
  readonly isOver: () => boolean
  /** When the next piece arrives by itself. */
  readonly nextDue: () => Instant | undefined
  readonly put: (bytes: Uint8Array, due: Instant | undefined) => void
  /** Nothing more is put; whoever takes the last byte takes the end as well. */
  readonly end: (due: Instant | undefined) => void
  /** Takes at most so many bytes, in the pieces that they were put in, and the end if nothing is before it. */
  readonly take: (bytes: number) => Taken
  /** Takes what is due. */
  readonly takeDue: (now: Instant) => Taken
  /** All that is under way is lost. */
  readonly drop: () => void
}

export interface Taken {
  readonly pieces: ReadonlyArray<Uint8Array>
  /** The end of the line came as well. */
  readonly ended: boolean
}

export const createInFlight = (): InFlight => {
  let pieces: Array<Piece> = []
  let length = 0
  let end: 'coming' | 'none' | 'taken' = 'none'
  let endDue: Instant | undefined

  const reached = (): boolean => {
    if (end !== 'coming' || pieces.length > 0) return false
    end = 'taken'
    return true
  }

  const take = (bytes: number, endToo = true): Taken => {
    const taken: Array<Uint8Array> = []
    let left = bytes
    for (let first = pieces[0]; first !== undefined && left > 0; first = pieces[0]) {
      const { bytes: whole, due } = first
      if (whole.length > left) {
        pieces[0] = { bytes: whole.subarray(left), due }
        taken.push(whole.subarray(0, left))
        length -= left
        break
      }
      pieces.shift()
      taken.push(whole)
      length -= whole.length
      left -= whole.length
    }
    return { pieces: taken, ended: endToo && reached() }
  }

  return {
    length: () => length,
    isQuiet: () => length === 0 && end !== 'coming',
    isOver: () => end === 'taken',
    nextDue: () => {
      if (pieces[0] !== undefined) return pieces[0].due
      return end === 'coming' ? endDue : undefined
    },
    put: (bytes, due) => {
      if (bytes.length === 0) return
      pieces.push({ bytes, due })
      length += bytes.length
    },
    end: due => {
      if (end !== 'none') return
      end = 'coming'
      endDue = due
    },
    take,
    takeDue: now => {
      let bytes = 0
      for (const piece of pieces) {
        if (piece.due === undefined || piece.due > now) break
        bytes += piece.bytes.length
      }
      return take(bytes, endDue !== undefined && endDue <= now)
    },
    drop: () => {
      pieces = []
      length = 0
      if (end === 'coming') end = 'none'
    },
  }
}
