/**
 * Space in the data file, reserved ahead of what LMDB writes. When a disk is full LMDB's own write fails, and the error that lmdb
 * makes of it overruns a buffer. So the file is lengthened before, by bytes that LMDB does not look at; if that cannot be
 * done, the batch is refused before it begins. To append never overwrites what another process wrote meanwhile.
 */
import { closeSync, fstatSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Environment } from './environment.js'

/** The file grows by so many bytes at once, if they are to be had, when it has half as many left: few commits look at it. */
const stride = 8 * 1024 * 1024

/** What it grows by. */
const zeros = Buffer.alloc(256 * 1024)

/** What a transaction may write besides what it is told: the upper pages of trees, lists of free pages, other processes. */
const overhead = 64 * 1024

/** LMDB writes whole pages. */
export const bytesOfPage = 4096

/** Pages that one change dirties, wherever it lands: its own and, where that overflows, another. */
export const bytesOfChange = 2 * bytesOfPage

/** Of many that lie together each takes so many to remove: emptied pages are used again at once, and noted as free. */
export const bytesOfRemoval = 64

/**
 * Bytes that a text may take in the file. A character takes three at most; LMDB may leave half of a page empty, or all
 * but the beginning of the last one of a long text.
 */
export const bytesOfText = (characters: number): number =>
  Math.min(6 * characters + 256, 3 * characters + 2 * bytesOfPage)

export class DiskReservation {
  /** Bytes of the file that nobody has reserved. LMDB may have more, since it uses its pages again. */
  private left = 0
  /** What is reserved, and not written yet. */
  private reserved = 0

  constructor(private readonly env: Environment) {}

  /** Reserves so many bytes. Throws what the file system says if they are not to be had. */
  reserve(bytes: number): void {
    const needed = bytes + (this.reserved === 0 ? overhead : 0)
    if (this.left < needed) this.lengthenFile(needed)
    this.left -= needed
    this.reserved += needed
  }

  /** All that was reserved is written. */
  written(): void {
    this.reserved = 0
  }

  /** Something failed: look at the file before anything is reserved again. */
  forget(): void {
    this.left = 0
  }

  private lengthenFile(needed: number): void {
    const stats: object = this.env.getStats()
    const used = (numberIn(stats, 'lastPageNumber') + 1) * numberIn(stats, 'pageSize') + this.reserved
    const file = openSync(join(pathOf(this.env), 'data.mdb'), 'a')
    try {
      const missing = used + needed - fstatSync(file).size
      if (missing + stride / 2 > 0) append(file, missing)
      this.left = fstatSync(file).size - used
    } finally {
      closeSync(file)
    }
  }
}

/** Appends so many bytes, and a stride in advance as far as it is to be had. */
const append = (file: number, missing: number): void => {
  const wanted = Math.max(missing, 0) + stride
  let written = 0
  try {
    while (written < wanted) written += writeSync(file, zeros, 0, Math.min(zeros.length, wanted - written))
  } catch (cause) {
    if (written < missing) throw cause
  }
}

/** lmdb hands out its statistics without a type. */
const numberIn = (stats: object, name: string): number => {
  const found = Object.entries(stats).find(([key]) => key === name)
  const value: unknown = found?.[1]
  if (typeof value !== 'number') throw new Error(`lmdb tells no ${name}`)
  return value
}

/** The environment's directory. */
export const pathOf = (env: Environment): string => {
  if ('path' in env && typeof env.path === 'string') return env.path
  throw new Error('lmdb does not tell the path of its environment')
}
