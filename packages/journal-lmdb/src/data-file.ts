/**
 * LMDB believes what is in its file: one that is cut off, damaged or none of its own crashes the process, without a word. So
 * the file is looked at before. LMDB keeps what it must know in two meta pages at the start of the file, and the one of the
 * later transaction counts.
 */

import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'

export const dataFile = (directory: string): string => join(directory, 'data.mdb')

/** What a data file says of itself. */
export interface DataFileState {
  /** In bytes. */
  readonly size: number
  /** So far its pages go. The file may be shorter only where the last of them are free. */
  readonly extent: number
}

/** Where a page has its flags, and where its own header ends. */
const [flagsOffset, headerSize] = [18, 24]
const metaFlag = 0x08
const magic = 0xbeefc0de
const dataVersion = 2
/** Where a meta page has what, behind the header. */
const place = {
  magic: 0,
  version: 4,
  pageSize: 24,
  freeRoot: 64,
  mainRoot: 112,
  lastPage: 120,
  transaction: 128,
} as const
const metaSize = headerSize + 144
/** The root of an empty tree. */
const noPage = 2n ** 64n - 1n

/**
 * The state of the directory's data file; nothing if there is none. Throws an `Error` that says what is wrong with it, and
 * what to do.
 */
export const readDataFile = (directory: string): DataFileState | undefined => {
  const path = dataFile(directory)
  if (!existsSync(path)) return undefined
  const file = openSync(path, 'r')
  try {
    const { size } = fstatSync(file)
    if (size === 0) throw damaged(size, 'it is empty, which a data file never is')
    const first = metaAt(file, size, 0)
    const second = metaAt(file, size, first.pageSize)
    if (second.pageSize !== first.pageSize) throw damaged(size, 'its two meta pages differ in the size of pages')
    const { pageSize, lastPage, roots } = second.transaction > first.transaction ? second : first
    if (roots.some(root => root !== noPage && root > lastPage))
      throw damaged(size, 'a tree begins beyond its last page')
    return { size, extent: (Number(lastPage) + 1) * pageSize }
  } finally {
    closeSync(file)
  }
}

/** The error for a damaged file. */
export const damaged = (size: number, what: string): Error =>
  new Error(`data.mdb (${size} bytes) is damaged or not of LMDB: ${what}; restore it from a backup or move it away`)

interface Meta {
  readonly pageSize: number
  readonly transaction: bigint
  readonly lastPage: bigint
  readonly roots: ReadonlyArray<bigint>
}

const metaAt = (file: number, size: number, at: number): Meta => {
  const which = at === 0 ? 'its first meta page' : 'its second meta page'
  const bytes = Buffer.alloc(metaSize)
  if (readSync(file, bytes, 0, metaSize, at) < metaSize) throw damaged(size, `it is cut off in ${which}`)
  const isLittle = bytes.readUInt32LE(headerSize + place.magic) === magic
  if (!isLittle && bytes.readUInt32BE(headerSize + place.magic) !== magic)
    throw damaged(size, `${which} has no magic number`)
  const view = new DataView(bytes.buffer, bytes.byteOffset + headerSize)
  const wide = (where: number): bigint => view.getBigUint64(where, isLittle)
  const flags = isLittle ? bytes.readUInt16LE(flagsOffset) : bytes.readUInt16BE(flagsOffset)
  if ((flags & metaFlag) === 0) throw damaged(size, `${which} is not marked as one`)
  const version = view.getUint32(place.version, isLittle) & 0xffff
  if (version !== dataVersion) throw damaged(size, `${which} has version ${version}; only ${dataVersion} can be read`)
  const pageSize = view.getUint32(place.pageSize, isLittle)
  if (pageSize < 256 || pageSize > 65_536 || (pageSize & (pageSize - 1)) !== 0)
    throw damaged(size, `${which} says that pages have ${pageSize} bytes`)
  return {
    pageSize,
    transaction: wide(place.transaction),
    lastPage: wide(place.lastPage),
    roots: [wide(place.freeRoot), wide(place.mainRoot)],
  }
}
