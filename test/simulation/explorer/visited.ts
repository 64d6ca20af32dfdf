/**
 * A set of keys that keeps 64 bits of each, so that millions fit. Of n keys, two have the same 64 bits, and a state is
 * taken for visited that is not, with a probability of n^2 / 2^65: of ten million, 1 in 370,000.
 */
export interface Visited {
  /** True if the key was not there. */
  readonly add: (key: string) => boolean
  readonly has: (key: string) => boolean
  readonly size: () => number
}

export const createVisited = (): Visited => {
  let capacity = 1 << 14
  let slots = new Int32Array(capacity * 2)
  let size = 0
  let low = 0
  let high = 0

  /** Two different hashes of 32 bits; never both 0, which is an empty slot. */
  const hash = (key: string): void => {
    let one = 0x811c9dc5
    let other = 0x9747b28c
    for (let index = 0; index < key.length; index += 1) {
      const code = key.charCodeAt(index)
      one = Math.imul(one ^ code, 0x01000193)
      other = Math.imul(((other << 13) | (other >>> 19)) ^ code, 0x85ebca6b)
    }
    low = finish(one)
    high = finish(other ^ key.length) | 0
    if (low === 0 && high === 0) high = 1
  }

  /** The slot of the hash, or the empty one where it belongs. */
  const find = (): number => {
    let slot = (low ^ Math.imul(high, 0x9e3779b1)) & (capacity - 1)
    while (
      (slots[slot * 2] !== 0 || slots[slot * 2 + 1] !== 0) &&
      (slots[slot * 2] !== low || slots[slot * 2 + 1] !== high)
    )
      slot = (slot + 1) & (capacity - 1)
    return slot
  }

  const isEmpty = (slot: number): boolean => slots[slot * 2] === 0 && slots[slot * 2 + 1] === 0

  const grow = (): void => {
    const old = slots
    capacity *= 2
    slots = new Int32Array(capacity * 2)
    for (let index = 0; index < old.length; index += 2) {
      low = old[index] ?? 0
      high = old[index + 1] ?? 0
      if (low === 0 && high === 0) continue
      const slot = find()
      slots[slot * 2] = low
      slots[slot * 2 + 1] = high
    }
  }

  return {
    add: key => {
      hash(key)
      const slot = find()
      if (!isEmpty(slot)) return false
      slots[slot * 2] = low
      slots[slot * 2 + 1] = high
      size += 1
      if (size * 2 > capacity) grow()
      return true
    },
    has: key => {
      hash(key)
      return !isEmpty(find())
    },
    size: () => size,
  }
}

const finish = (hash: number): number => {
  let mixed = hash ^ (hash >>> 16)
  mixed = Math.imul(mixed, 0x85ebca6b)
  mixed ^= mixed >>> 13
  mixed = Math.imul(mixed, 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}
