/** The secret from which keys of Server Dialback are made, in the data folder. */
import { randomBytes } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeDirectory } from '@smacks/journal-lmdb'
import { type Either, left, right } from 'fp-ts/lib/Either.js'

/**
 * The secret of a server: made at random once, and kept in the data folder for the server's user only, so that keys of
 * before a restart hold after it. A file that holds no secret is replaced, which only fails dialbacks that are under way. `Left` says in one sentence why there can be none.
 */
export const loadDialbackSecret = async (dataFolder: string): Promise<Either<string, string>> => {
  const file = join(dataFolder, 'dialback-secret')
  try {
    const stored = await readIfThere(file)
    if (stored !== undefined && wellFormed.test(stored)) return right(stored.trimEnd())
    const made = randomBytes(32).toString('hex')
    makeDirectory(dataFolder)
    // Written to another file and renamed, so that a crash leaves a whole one or none.
    const beside = `${file}.${process.pid}`
    await writeFile(beside, `${made}\n`, { mode: 0o600 })
    await rename(beside, file)
    return right(made)
  } catch (cause) {
    return left(`The secret of dialback cannot be kept in ${file}: ${cause instanceof Error ? cause.message : cause}`)
  }
}

const wellFormed = /^[0-9a-f]{64}\n?$/

const readIfThere = async (file: string): Promise<string | undefined> => {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw cause
  }
}
