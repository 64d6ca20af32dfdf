/** Long recoveries are told while they last, and by what they came to. */
import type { Stanza } from '@smacks/codec'
import type { Event } from '@smacks/core'
import { journalLmdb, openEnvironment } from '@smacks/journal-lmdb'
import { offlineLmdb } from '@smacks/offline-lmdb'
import { decodeServerConfig, startServer } from '@smacks/server'
import { isLeft } from 'fp-ts/lib/Either.js'
import { afterEach, describe, expect, test } from 'vitest'
import { tellProgress, tellRecovery } from '../../../apps/server/src/assembly/recovery-reports.js'
import { createLog } from '../../../apps/server/src/log.js'
import { anyStanza, journalledStanza, stanzaPayload } from '../../../apps/server/src/stanza-payload.js'
import { temporaryFolder } from '../../support/places.js'

const folder = temporaryFolder('recovery')
afterEach(() => folder.remove())

const listening = () => {
  const lines: Array<{ readonly level: number; readonly msg: string; readonly [key: string]: unknown }> = []
  const log = createLog({ level: 'info', out: { write: line => Boolean(lines.push(JSON.parse(String(line)))) } })
  return { log, lines }
}

describe('the progress of a recovery', () => {
  test('is told once a second at most, and not in the first one', () => {
    const { log, lines } = listening()
    let now = 5_000
    const tell = tellProgress(log, () => now)
    for (let entries = 10_000; entries <= 100_000; entries += 10_000) {
      now += 300
      tell(entries)
    }
    expect(lines.map(({ msg, entries }) => [msg, entries])).toEqual([
      ['reading the journal', 40_000],
      ['reading the journal', 80_000],
    ])
  })

  test('is told of a journal that is long, before anybody is let in', async () => {
    await journalMany(25_000)
    const config = decodeServerConfig({ data: folder.path, c2s: { listen: '127.0.0.1:0' } })
    if (isLeft(config)) throw new Error(config.left.join('\n'))
    const { log, lines } = listening()
    const told: Array<readonly [entries: number, lines: number]> = []
    const server = await startServer({
      config: config.right,
      log,
      onRecoveryProgress: entries => told.push([entries, lines.filter(({ msg }) => msg !== 'the data file').length]),
    })
    await server.stop()
    expect(told).toEqual([
      [10_000, 0],
      [20_000, 0],
    ])
  })
})

test('what came back is told in a line, and who did not with what to do', () => {
  const { log, lines } = listening()
  tellRecovery(log, {
    sessions: 2,
    events: 9,
    undecodable: new Map([['romeo@localhost', 'row 3: no JSON']]),
    reconfigured: 0,
  })
  expect(lines).toMatchObject([
    { level: 'info', sessions: 2, events: 9, msg: 'sessions are back and wait for their clients' },
    {
      level: 'error',
      account: 'romeo@localhost',
      reason: 'row 3: no JSON',
      msg: expect.stringContaining('smacks journal repair romeo@localhost --keep-readable (or --forget)'),
    },
  ])
})

/** So many entries, each of them what a session of an account that nobody has was told. */
const journalMany = async (count: number): Promise<void> => {
  const env = openEnvironment({ path: folder.path, durability: 'process' })
  const onBadRecord = (record: object): void => expect.fail(JSON.stringify(record))
  const offline = offlineLmdb<Stanza>({ env, payload: stanzaPayload, onBadRecord })
  const payload = journalledStanza
  const journal = journalLmdb<Stanza>({ env, durability: 'process', offline, payload, absent: anyStanza, onBadRecord })
  const event: Event<Stanza> = { _tag: 'SessionBound', at: 0, resource: 'desk', connection: 'c1' }
  const closed: Event<Stanza> = { _tag: 'StreamClosed', at: 0, resource: 'desk', connection: 'c1' }
  for (let made = 0; made < count; made += 1_000)
    await journal.commit(
      Array.from({ length: 1_000 }, (_, n) => ({
        _tag: 'EventLogged' as const,
        account: 'nobody@localhost',
        event: n % 2 === 0 ? event : closed,
      })),
    )
  await journal.close()
  await env.close()
}
