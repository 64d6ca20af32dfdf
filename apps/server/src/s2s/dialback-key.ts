/** Keys of Server Dialback (XEP-0185): made and verified from a secret, so that nothing has to be remembered. */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeDirectory } from '@smacks/journal-lmdb'
import { type Either, left, right } from 'fp-ts/lib/Either.js'

/** What a key is for: a stream from one domain to another. */
export interface DialbackKeyScope {
  /** The domain that the stream is to; it made the stream's id. */
  readonly receiving: string
  /** The domain that the stream is from; it makes the key, and says whether it did. */
  readonly originating: string
  readonly streamId: string
}

/** The key of a stream: 64 hexadecimal digits. */
export const dialbackKey = (secret: string, { receiving, originating, streamId }: DialbackKeyScope): string =>
  createHmac('sha256', createHash('sha256').update(secret).digest('hex'))
    .update(`${receiving} ${originating} ${streamId}`)
    .digest('hex')

/** True for the key that we made for this stream. Takes the same time for all others. */
export const isDialbackKey = (secret: string, scope: DialbackKeyScope, key: string): boolean => {
  const expected = Buffer.from(dialbackKey(secret, scope))
  const given = Buffer.from(key)
  return given.length === expected.length && timingSafeEqual(given, expected)
}

/** Keys under one secret. */
export interface DialbackKeys {
  readonly make: (scope: DialbackKeyScope) => string
  /** True for the key that was made for this stream. */
  readonly isOurs: (scope: DialbackKeyScope, key: string) => boolean
}

export const dialbackKeys = (secret: string): DialbackKeys => ({
  make: scope => dialbackKey(secret, scope),
  isOurs: (scope, key) => isDialbackKey(secret, scope, key),
})

/**
 * The secret of a server: made at random once, and kept in the data folder for the server's user only, so that keys of
 * before a restart hold after it. What is no secret of ours there is replaced, which only fails dialbacks that are under
 * way. `Left` says in one sentence why there can be none.
 */
export const loadDialbackSecret = async (dataFolder: string): Promise<Either<string, string>> => {
  const file = join(dataFolder, 'dialback-secret')
  try {
    const kept = await readIfThere(file)
    if (kept !== undefined && wellFormed.test(kept)) return right(kept.trimEnd())
    const made = randomBytes(32).toString('hex')
    makeDirectory(dataFolder)
    // Written beside and moved, so that a crash leaves a whole one or none.
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
