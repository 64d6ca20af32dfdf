/** LMDB crashes the process when it opens a file that is none of its own, so we look at it before. */
import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'

/** Where the first page has the number that marks LMDB's files, after the page's own header. */
const magicOffset = 24
const magic = 0xbeefc0de
/** LMDB keeps two copies of what it must know, each in a page of at least so many bytes. */
const leastSize = 2 * 4096

/** Throws an `Error` if the directory holds a data file that is cut off at its start or no data file of LMDB. */
export const checkDataFile = (directory: string): void => {
  const path = join(directory, 'data.mdb')
  if (!existsSync(path)) return
  const file = openSync(path, 'r')
  try {
    const { size } = fstatSync(file)
    if (size === 0) return
    const start = Buffer.alloc(magicOffset + 4)
    readSync(file, start, 0, start.length, 0)
    const isMarked = start.readUInt32LE(magicOffset) === magic || start.readUInt32BE(magicOffset) === magic
    if (size < leastSize || !isMarked)
      throw new Error(`data.mdb (${size} bytes) is damaged or not of LMDB; restore it from a backup or move it away`)
  } finally {
    closeSync(file)
  }
}
