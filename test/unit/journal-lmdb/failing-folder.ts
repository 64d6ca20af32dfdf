/** The files of a log on a medium that fails when it is told to. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type LogFile, type LogFolder, nodeFolder } from '@smacks/log-file'

export interface FailingFolder {
  readonly folder: LogFolder
  /** The next record is written in part, or, if it is to be synced, not synced; then that is told. */
  readonly failNext: () => void
}

/** Where the journal in this directory has its log. */
export const failingFolder = (path: string, durability: 'disk' | 'process'): FailingFolder => {
  mkdirSync(join(path, 'journal'), { recursive: true, mode: 0o700 })
  const inner = nodeFolder(join(path, 'journal'))
  let isDue = false
  const fails = (): boolean => {
    const now = isDue
    isDue = false
    return now
  }
  const failing = (file: LogFile): LogFile => ({
    ...file,
    write: (bytes, position) => {
      if (durability === 'disk' || !fails()) return file.write(bytes, position)
      file.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), position)
      throw failure()
    },
    sync: async () => {
      if (fails()) throw failure()
      await file.sync()
    },
  })
  return {
    folder: {
      ...inner,
      create: name => failing(inner.create(name)),
      open: (name, isWritten) => failing(inner.open(name, isWritten)),
    },
    failNext: () => {
      isDue = true
    },
  }
}

const failure = (): Error => Object.assign(new Error('the medium failed'), { code: 'EIO' })
