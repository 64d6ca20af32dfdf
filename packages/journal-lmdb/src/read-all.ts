/**
 * A program: reads all keys of some environments, or all values, one after the other, and ends with 0. It writes a character
 * for each that it begins. Where LMDB says that one cannot be read, it says why and ends with `cannotRead`; or LMDB crashes it.
 */
import { writeSync } from 'node:fs'
import { type Key, open } from 'lmdb'
import { cannotRead } from './read-outcome.js'

const [what, ...paths] = process.argv.slice(2)

const read = async (path: string): Promise<void> => {
  const env = open<Buffer, Key>({ path, noSubdir: false, encoding: 'binary', readOnly: true, maxDbs: 64 })
  const names = [...env.getKeys({})].filter(name => typeof name === 'string')
  for (const name of names) {
    const database = env.openDB<Buffer, Key>({ name, encoding: 'binary' })
    if (what === 'values') for (const { value } of database.getRange({})) void value.length
    else for (const key of database.getKeys({})) void key
  }
  await env.close()
}

try {
  for (const path of paths) {
    writeSync(process.stdout.fd, '.')
    await read(path)
  }
} catch (error) {
  process.stderr.write(error instanceof Error ? error.message : String(error))
  process.exitCode = cannotRead
}
