/**
 * How many bytes the unacked stanzas have. Those that lie in storage are only counted, so an ack of them does not say how
 * large they were. So they are summed up in chunks, oldest first: of at most 64 stanzas, and of at most 64 KiB unless that
 * is one stanza alone. A chunk counts wholly until the last stanza of it is acked, so the sum is never too small, and too
 * large by less than a chunk.
 */
import type { Chunk, Outbound, Sizes } from '../state.js'

const chunkLimit: Chunk = { count: 64, size: 64 * 1024 }

type Sized = Pick<Outbound<unknown>, 'sizes' | 'unacked'>

/** Bytes of all that is unacked, as far as they were told. */
export const unackedBytes = ({ sizes }: Pick<Sized, 'sizes'>): number => sizes?.total ?? 0

/** The sizes with a stanza more. As long as none is told there is nothing to sum up. */
export const withSize = ({ sizes, unacked }: Sized, size = 0): Sizes | undefined => {
  if (sizes === undefined)
    return size === 0 ? undefined : { total: size, chunks: [{ count: unacked.length + 1, size }] }
  const { chunks } = sizes
  const total = sizes.total + size
  const last = chunks.at(-1)
  return last !== undefined && last.count < chunkLimit.count && last.size + size <= chunkLimit.size
    ? { total, chunks: [...chunks.slice(0, -1), { count: last.count + 1, size: last.size + size }] }
    : { total, chunks: [...chunks, { count: 1, size }] }
}

/** The sizes without those of the `count` oldest stanzas. */
export const withoutOldest = (sizes: Sizes | undefined, count: number): Sizes | undefined => {
  if (sizes === undefined || count === 0) return sizes
  let { total } = sizes
  let left = count
  let gone = 0
  for (const chunk of sizes.chunks) {
    if (chunk.count > left) break
    left -= chunk.count
    total -= chunk.size
    gone += 1
  }
  if (total === 0) return undefined
  const chunks = sizes.chunks.slice(gone)
  return {
    total,
    chunks: left === 0 ? chunks : chunks.map((one, at) => (at === 0 ? { ...one, count: one.count - left } : one)),
  }
}

/** The sizes without that of the stanza at an index. */
export const withoutOne = (sizes: Sizes | undefined, index: number, size = 0): Sizes | undefined => {
  if (sizes === undefined) return undefined
  let before = 0
  let removed = 0
  const chunks: Array<Chunk> = []
  for (const chunk of sizes.chunks) {
    const isIn = index >= before && index < before + chunk.count
    before += chunk.count
    // The last of a chunk takes along what was counted for those that are gone.
    if (isIn) removed = chunk.count === 1 ? chunk.size : size
    if (!isIn) chunks.push(chunk)
    else if (chunk.count > 1) chunks.push({ count: chunk.count - 1, size: chunk.size - size })
  }
  const total = sizes.total - removed
  return total === 0 ? undefined : { total, chunks }
}

/** Bytes of the newest stanzas, so many at least. */
export const bytesOfNewest = ({ chunks }: Sizes, count: number): number => {
  let [bytes, left] = [0, count]
  for (const chunk of [...chunks].reverse()) {
    if (left <= 0) break
    bytes += chunk.size
    left -= chunk.count
  }
  return bytes
}

/** How many of the newest stanzas have no more than so many bytes, in whole chunks. */
export const newestWithin = ({ chunks }: Sizes, bytes: number): number => {
  let [count, left] = [0, bytes]
  for (const chunk of [...chunks].reverse()) {
    if (chunk.size > left) break
    left -= chunk.size
    count += chunk.count
  }
  return count
}
