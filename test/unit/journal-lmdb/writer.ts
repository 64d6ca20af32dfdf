/**
 * Commits message after message to the environment that its first argument names, with the durability of the
 * second, and prints the number of each that is committed. Prints why, if one cannot be committed, and goes on
 * until its third argument, so many batches; with `insist` as the fourth, it tries the same batch again before.
 */
import { setTimeout } from 'node:timers/promises'
import { journalLmdb, openEnvironment } from '@smacks/journal-lmdb'
import { offlineLmdb } from '@smacks/offline-lmdb'
import type { Change } from '@smacks/runtime'
import { textPayload } from './text-payload.js'

const [path = '', durability, batches = '1000000', insists] = process.argv.slice(2)
const survives = durability === 'disk' ? 'disk' : 'process'
const env = openEnvironment({ path, durability: survives })
const onBadRecord = (record: unknown) => console.log(JSON.stringify(record))
const payload = { encode: (text: string) => text, decode: (text: string) => text }
const journal = journalLmdb({
  env,
  durability: survives,
  offline: offlineLmdb({ env, payload, onBadRecord }),
  payload: textPayload,
  absent: '',
  onBadRecord,
})

const account = 'romeo@example.net'

const batchOf = (number: number): ReadonlyArray<Change<string>> => [
  {
    _tag: 'PutOffline',
    account,
    stanza: `${number} ${'x'.repeat(1000)}`,
    facts: { name: 'message', type: 'chat' },
    at: number,
  },
  { _tag: 'PutOldSession', account, session: { smId: `sm-${number}`, h: number, at: number } },
  { _tag: 'DropOldSession', account, smId: `sm-${number - 1}` },
  { _tag: 'EventLogged', account, event: { _tag: 'SessionBound', at: number, resource: 'phone', connection: 'c1' } },
  { _tag: 'PutRecord', kind: 'tests', account, name: 'last', text: `${number} ${'x'.repeat(number)}` },
]

const commit = async (number: number, batch: ReadonlyArray<Change<string>>): Promise<void> => {
  try {
    await journal.commit(batch)
    console.log(number)
  } catch (error) {
    console.log(`failed: ${String(error)}`)
    if (insists === undefined) return
    await setTimeout(10)
    await commit(number, batch)
  }
}

for (let number = 1; number <= Number(batches); number += 1) await commit(number, batchOf(number))
await journal.close()
await env.close()
console.log('closed')
