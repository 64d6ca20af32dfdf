/** What a batch costs, counted. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Environment, journalLmdb, openEnvironment } from '@smacks/journal-lmdb'
import { type LogFolder, nodeFolder } from '@smacks/log-file'
import { offlineLmdb } from '@smacks/offline-lmdb'
import type { Change } from '@smacks/runtime'
import { expect, it } from 'vitest'
import { accountOf, ground, hibernating, juliet, romeo, snapshot } from './ground.js'
import { textPayload } from './text-payload.js'

const { open, path } = ground()

const facts = { name: 'message', type: 'chat', id: 'a1b2', from: `${juliet}/balcony`, to: romeo } as const
const xml = `<message from='${juliet}/balcony' to='${romeo}' type='chat' id='a1b2'><body>${'x'.repeat(100)}</body></message>`

/** What a message of 100 bytes to somebody who is connected comes to. */
const relayed = (at: number): ReadonlyArray<Change<string>> => [
  {
    _tag: 'EventLogged',
    account: juliet,
    event: { _tag: 'StanzaReceived', at, resource: 'balcony', connection: 'c2s-12', stanza: '' },
  },
  {
    _tag: 'EventLogged',
    account: romeo,
    event: { _tag: 'StanzaSubmitted', at, resource: 'orchard', stanza: xml, facts, size: xml.length },
  },
]

/** Counts what it passes on. */
const counting = (env: Environment) => {
  const counts = { writes: 0, bytes: 0, syncs: 0, transactions: 0 }
  const inner = nodeFolder(join(path(), 'journal'))
  const folder: LogFolder = {
    ...inner,
    open: (name, isWritten) => {
      const file = inner.open(name, isWritten)
      return {
        ...file,
        write: (bytes, position) => {
          counts.writes += 1
          counts.bytes += bytes.length
          file.write(bytes, position)
        },
        sync: () => {
          counts.syncs += 1
          return file.sync()
        },
      }
    },
  }
  for (const name of ['transactionSync', 'childTransaction'] as const) {
    const act = env[name].bind(env) as (write: () => unknown) => never
    env[name] = (write: () => unknown) => {
      counts.transactions += 1
      return act(write)
    }
  }
  return { counts, folder }
}

it.each(['process', 'disk'] as const)('is one write a turn and no transaction, durability %s', async durability => {
  const { journal: first } = await open({ durability })
  await first.close()
  const env = openEnvironment({ path: path(), durability })
  const { counts, folder } = counting(env)
  const unexpected = (record: object): never => {
    throw new Error(JSON.stringify(record))
  }
  const journal = journalLmdb<string>({
    env,
    durability,
    folder,
    offline: offlineLmdb({ env, payload: { encode: String, decode: String }, onBadRecord: unexpected }),
    payload: textPayload,
    absent: '',
    onBadRecord: unexpected,
  })
  counts.syncs = 0
  for (let at = 0; at < 100; at += 1) await journal.commit(relayed(1_700_000_000_000 + at))
  expect(counts).toMatchObject({ writes: 100, transactions: 0, syncs: durability === 'disk' ? 100 : 0 })
  const bytes = counts.bytes / 100
  expect(bytes).toBeGreaterThan(xml.length)
  expect(bytes).toBeLessThan(650)
  await journal.close()
  await env.close()
})

it('has a stanza once that comes and is kept in the same batch, and gives it back also after a crash', async () => {
  const { journal } = await open()
  await journal.commit([snapshot(romeo, accountOf(hibernating('orchard', 0)))])
  const unacked = [{ stanza: xml, facts, at: 1 }]
  const others = [{ stanza: 'another', facts, at: 1 }]
  await journal.commit([
    ...relayed(1),
    { _tag: 'KeepUnacked', account: romeo, resource: 'orchard', from: 5, unacked },
    {
      _tag: 'EventLogged',
      account: romeo,
      event: { _tag: 'MessageSubmitted', at: 1, recipients: [{ resource: 'orchard', stanza: 'another', facts }] },
    },
    { _tag: 'KeepUnacked', account: romeo, resource: 'orchard', from: 6, unacked: others },
  ])
  const folder = join(path(), 'journal')
  const written = readdirSync(folder)
    .map(name => readFileSync(join(folder, name), 'utf8'))
    .join('')
  expect(written.split('x'.repeat(100))).toHaveLength(2)
  expect(written.split('another')).toHaveLength(2)
  // Its process was killed before any of it was in LMDB.
  const again = await open()
  expect(again.sessions.kept(romeo, 'orchard', 5, 2)).toEqual([...unacked, ...others])
  expect(again.bad).toEqual([])
})
