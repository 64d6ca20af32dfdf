/** Directories of our own, made where they are not there. */
import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes the directory, and those above it, for their owner only; one that is there stays as it is. Throws an `Error` that
 * names the path and the cause. (The `recursive` of `mkdir` never ends where a parent is there and takes no entries, as in
 * `/proc`.)
 */
export const makeDirectory = (path: string): void => {
  try {
    makeMissing(path)
  } catch (cause) {
    throw new Error(`cannot make the directory ${path}: ${cause instanceof Error ? cause.message : cause}`, { cause })
  }
}

const makeMissing = (path: string): void => {
  const parent = dirname(path)
  if (makeOne(path) === 'no parent') {
    if (parent === path) throw new Error(`${path} is not there`)
    makeMissing(parent)
    if (makeOne(path) === 'no parent') throw new Error(`nothing can be made in ${parent}`)
  }
}

const makeOne = (path: string): 'done' | 'no parent' => {
  try {
    mkdirSync(path, { mode: 0o700 })
    return 'done'
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    if (code === 'ENOENT') return 'no parent'
    // Some systems say EISDIR, EPERM or EROFS of what is there already.
    const there = statSync(path, { throwIfNoEntry: false })
    if (there?.isDirectory()) return 'done'
    if (there !== undefined) throw new Error(`${path} is there, and is no directory`)
    throw cause
  }
}
