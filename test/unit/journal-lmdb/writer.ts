/**
 * Commits message after message to the environment that its first argument names, with the durability of the
 * second, and prints the number of each that is committed. Prints why, if one cannot be committed, and goes on
 * until its third argument, so many batches.
 */
import { journalLmdb, openEnvironment } from '@smacks/journal-lmdb'
import { offlineLmdb } from '@smacks/offline-lmdb'
import { textPayload } from './text-payload.js'

const [path = '', durability, batches = '1000000'] = process.argv.slice(2)
const promised = durability === 'disk' ? 'disk' : 'process'
const env = openEnvironment({ path, durability: promised })
const onBadRecord = (record: unknown) => console.log(JSON.stringify(record))
const payload = { encode: (text: string) => text, decode: (text: string) => text }
const journal = journalLmdb({
  env,
  durability: promised,
  offline: offlineLmdb({ env, payload, onBadRecord }),
  payload: textPayload,
  absent: '',
  onBadRecord,
})

for (let number = 1; number <= Number(batches); number += 1) {
  try {
    await journal.commit([
      {
        _tag: 'PutOffline',
        account: 'romeo@example.net',
        stanza: `${number} ${'x'.repeat(1000)}`,
        facts: { name: 'message', type: 'chat' },
        at: number,
      },
      { _tag: 'PutOldSession', account: 'romeo@example.net', session: { smId: `sm-${number}`, h: number, at: number } },
      { _tag: 'DropOldSession', account: 'romeo@example.net', smId: `sm-${number - 1}` },
    ])
    console.log(number)
  } catch (error) {
    console.log(`failed: ${String(error)}`)
  }
}
await journal.close()
await env.close()
console.log('closed')
