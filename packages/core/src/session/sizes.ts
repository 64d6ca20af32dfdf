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

/** All chunks, oldest first. */
export const chunksOf = ({ closed, open }: Sizes): ReadonlyArray<Chunk> => [...closed, open]

/** The sizes with a stanza more. As long as none is told there is nothing to sum up. */
export const withSize = ({ sizes, unacked }: Sized, size = 0): Sizes | undefined => {
  if (sizes === undefined)
    return size === 0 ? undefined : { total: size, closed: noChunks, open: { count: unacked.length + 1, size } }
  const { closed, open } = sizes
  const total = sizes.total + size
  return open.count < chunkLimit.count && open.size + size <= chunkLimit.size
    ? { total, closed, open: { count: open.count + 1, size: open.size + size } }
    : { total, closed: [...closed, open], open: { count: 1, size } }
}

const noChunks: ReadonlyArray<Chunk> = []

/** The sizes without those of the `count` oldest stanzas. */
export const withoutOldest = (sizes: Sizes | undefined, count: number): Sizes | undefined => {
  if (sizes === undefined || count === 0) return sizes
  const { closed, open } = sizes
  let { total } = sizes
  let left = count
  let gone = 0
  for (const chunk of closed) {
    if (chunk.count > left) break
    left -= chunk.count
    total -= chunk.size
    gone += 1
  }
  const oldest = closed[gone]
  if (oldest === undefined) {
    if (open.count <= left) return undefined
    return total === 0 ? undefined : { total, closed: noChunks, open: shortened(open, left) }
  }
  const others = closed.slice(gone + 1)
  return total === 0 ? undefined : { total, closed: [shortened(oldest, left), ...others], open }
}

const shortened = ({ count, size }: Chunk, by: number): Chunk => ({ count: count - by, size })

/** The sizes without that of the stanza at an index. */
export const withoutOne = (sizes: Sizes | undefined, index: number, size = 0): Sizes | undefined => {
  if (sizes === undefined) return undefined
  let before = 0
  let removed = 0
  const chunks: Array<Chunk> = []
  for (const chunk of chunksOf(sizes)) {
    const isIn = index >= before && index < before + chunk.count
    before += chunk.count
    // The last of a chunk takes along what was counted for those that are gone.
    if (isIn) removed = chunk.count === 1 ? chunk.size : size
    if (!isIn) chunks.push(chunk)
    else if (chunk.count > 1) chunks.push({ count: chunk.count - 1, size: chunk.size - size })
  }
  const total = sizes.total - removed
  const open = chunks.pop()
  return total === 0 || open === undefined ? undefined : { total, closed: chunks, open }
}

/** Bytes of the newest stanzas, so many at least. */
export const bytesOfNewest = (sizes: Sizes, count: number): number => {
  let [bytes, left] = [0, count]
  for (const chunk of [...chunksOf(sizes)].reverse()) {
    if (left <= 0) break
    bytes += chunk.size
    left -= chunk.count
  }
  return bytes
}

/** How many of the newest stanzas have no more than so many bytes, in whole chunks. */
export const newestWithin = (sizes: Sizes, bytes: number): number => {
  let [count, left] = [0, bytes]
  for (const chunk of [...chunksOf(sizes)].reverse()) {
    if (chunk.size > left) break
    left -= chunk.size
    count += chunk.count
  }
  return count
}
