/** Something that nobody can read becomes of the last line of a journal's log that tells of an account. */
import { openEnvironment } from '@smacks/journal-lmdb'
import { rawLogIn } from '../unit/journal-lmdb/raw-log.js'

/** `data` is the data folder, which no server may have open. Throws an `Error` if nothing is journalled of the account. */
export const damageLast = async (data: string, account: string): Promise<void> => {
  const env = openEnvironment({ path: data, durability: 'process' })
  const log = rawLogIn(env)
  const told = `["${account}","event"`
  const last = [...log.rows()].reverse().find(([, text]) => text.includes(told))
  if (last === undefined) throw new Error(`nothing is journalled of ${account}`)
  const [seq, text] = last
  const at = text.lastIndexOf(told)
  log.putSync(seq, `${text.slice(0, at)}["${account}","evnt"${text.slice(at + told.length)}`)
  await env.close()
}
