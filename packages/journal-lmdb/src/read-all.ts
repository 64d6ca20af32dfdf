/**
 * A program: reads all keys of an environment, or all values, and ends with 0. Where LMDB says that it cannot be, it says
 * why and ends with `cannotRead`, or LMDB crashes it.
 */
import { type Key, open } from 'lmdb'
import { cannotRead } from './read-outcome.js'

const [path = '', what] = process.argv.slice(2)

try {
  const env = open<Buffer, Key>({ path, noSubdir: false, encoding: 'binary', readOnly: true, maxDbs: 64 })
  const names = [...env.getKeys({})].filter(name => typeof name === 'string')
  for (const name of names) {
    const database = env.openDB<Buffer, Key>({ name, encoding: 'binary' })
    if (what === 'values') for (const { value } of database.getRange({})) void value.length
    else for (const key of database.getKeys({})) void key
  }
  await env.close()
} catch (error) {
  process.stderr.write(error instanceof Error ? error.message : String(error))
  process.exitCode = cannotRead
}
