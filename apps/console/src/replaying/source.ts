/** The bytes of a recording, a piece at a time, and its lines with their places. */

export interface Source {
  readonly size: number
  readonly read: (from: number, until: number) => Uint8Array
}

/** In a worker, files can be read without waiting. */
export const sourceOf = (file: Blob): Source => {
  const reader = new FileReaderSync()
  return {
    size: file.size,
    read: (from, until) => new Uint8Array(reader.readAsArrayBuffer(file.slice(from, until))),
  }
}

export interface Line {
  readonly text: string
  /** Where the next line begins, in bytes. */
  readonly end: number
}

const pieceSize = 1 << 20

const lineFeed = 0x0a

/** The lines between two places, without their ends. */
export function* linesOf({ size, read }: Source, from = 0, until = size): Generator<Line, void, undefined> {
  const decoder = new TextDecoder()
  let rest = new Uint8Array()
  /** Where `rest` begins. */
  let begun = from
  for (let at = from; at < until; ) {
    const next = Math.min(at + pieceSize, until)
    const piece = joined(rest, read(at, next))
    at = next
    let taken = 0
    for (;;) {
      const end = piece.indexOf(lineFeed, taken)
      if (end < 0) break
      yield { text: decoder.decode(piece.subarray(taken, end)), end: begun + end + 1 }
      taken = end + 1
    }
    rest = piece.subarray(taken)
    begun += taken
  }
  if (rest.length > 0) yield { text: decoder.decode(rest), end: until }
}

const joined = (one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> => {
  const both = new Uint8Array(one.length + other.length)
  both.set(one)
  both.set(other, one.length)
  return both
}
