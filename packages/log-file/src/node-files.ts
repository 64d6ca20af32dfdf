/** Files of the host. */
import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import type { LogFile, LogFolder } from './files.js'

/** The folder has to be there. Files are made for their owner only. */
export const nodeFolder = (path: string): LogFolder => ({
  path,
  names: () => readdirSync(path),
  create: name => nodeFile(openSync(join(path, name), 'wx+', 0o600)),
  open: (name, isWritten) => nodeFile(openSync(join(path, name), isWritten ? 'r+' : 'r')),
  remove: name => rmSync(join(path, name)),
  sync: () => {
    const folder = openSync(path, 'r')
    try {
      fsyncSync(folder)
    } finally {
      closeSync(folder)
    }
  },
})

const nodeFile = (file: number): LogFile => ({
  size: () => fstatSync(file).size,
  read: () => {
    const bytes = Buffer.allocUnsafe(fstatSync(file).size)
    let filled = 0
    while (filled < bytes.length) {
      const read = readSync(file, bytes, filled, bytes.length - filled, filled)
      if (read === 0) break
      filled += read
    }
    return bytes.subarray(0, filled)
  },
  write: (bytes, position) => {
    let written = 0
    while (written < bytes.length)
      written += writeSync(file, bytes, written, bytes.length - written, position + written)
  },
  truncate: size => ftruncateSync(file, size),
  sync: () => new Promise((resolve, reject) => fdatasync(file, error => (error === null ? resolve() : reject(error)))),
  syncNow: () => fdatasyncSync(file),
  close: () => closeSync(file),
})
