/**
 * Where a piece of input has to end while the stream may be restarted.
 *
 * What follows an element that restarts the stream or starts TLS must not reach the reader of the old stream.
 * Every element ends with `>`, and in UTF-8 that byte is nothing else. So, read in segments that end at each `>`,
 * an element is always the last thing in its segment.
 */

const greaterThan = 0x3e

/** The index behind the segment that begins at `start`. */
export const segmentEnd = (chunk: Uint8Array, start: number): number => {
  const found = chunk.indexOf(greaterThan, start)
  return found === -1 ? chunk.length : found + 1
}

/** True if there is nothing but XML whitespace. */
export const isBlank = (bytes: Uint8Array): boolean =>
  bytes.every(byte => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09)
