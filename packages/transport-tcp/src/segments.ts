/**
 * Where a piece of input has to end while the stream may be restarted.
 *
 * What follows an element that restarts the stream or starts TLS must not reach the reader of the old stream.
 * Every element ends with `>`, and in UTF-8 that byte is nothing else. So, read in segments that end at each `>` that
 * may be such an end, an element is always the last thing in its segment.
 */

const greaterThan = 0x3e
const lessThan = 0x3c
const slash = 0x2f
const questionMark = 0x3f

/**
 * The index behind the segment that begins at `start`. Behind the header of a stream (`isInside`) an element ends with
 * `/>`, or with a tag that begins with `</`; before it the header ends with any tag, but not with a declaration. Where it cannot be
 * told from what is in the chunk, the segment ends.
 */
export const segmentEnd = (chunk: Uint8Array, start: number, isInside: boolean): number => {
  for (let from = start; ; ) {
    const found = chunk.indexOf(greaterThan, from)
    if (found === -1) return chunk.length
    if (!goesOn(chunk, from, found, isInside)) return found + 1
    from = found + 1
  }
}

/** True if nothing that is told ends with this `>`. */
const goesOn = (chunk: Uint8Array, from: number, found: number, isInside: boolean): boolean => {
  if (!isInside) return found > from && chunk[found - 1] === questionMark
  if (chunk[found - 1] === slash) return false
  let tag = found - 1
  while (tag >= from && chunk[tag] !== lessThan) tag -= 1
  return tag >= from && chunk[tag + 1] !== slash
}

/** True if there is nothing but XML whitespace. */
export const isBlank = (bytes: Uint8Array): boolean =>
  bytes.every(byte => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09)
