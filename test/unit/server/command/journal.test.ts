import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Stanza } from '@smacks/codec'
import { ownData } from '@smacks/control'
import { type Config, defaultConfig, type Event, emptyAccount, type StanzaFacts } from '@smacks/core'
import { journalLmdb, openEnvironment } from '@smacks/journal-lmdb'
import { offlineLmdb } from '@smacks/offline-lmdb'
import type { Change } from '@smacks/runtime'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runCommand } from '../../../../apps/server/src/command/program.js'
import { replayFiles } from '../../../../apps/server/src/command/replay/replay.js'
import { anyStanza, journalledStanza, stanzaPayload } from '../../../../apps/server/src/stanza-payload.js'
import { damageLast } from '../../../support/damaged-journal.js'
import { temporaryFolder } from '../../../support/places.js'
import { fakeTerminal } from './terminal.js'

let folder: ReturnType<typeof temporaryFolder>
let file: string
beforeEach(() => {
  folder = temporaryFolder('journal')
  file = join(folder.path, 'smacks.toml')
  configure()
})
afterEach(() => folder.remove())

const data = (): string => join(folder.path, 'data')
const configure = (...lines: ReadonlyArray<string>): void =>
  writeFileSync(file, ['data = "data"', ...lines, ''].join('\n'))

const romeo = 'romeo@localhost'
const juliet = 'juliet@localhost'

/** What happened to the one session of an account: bound, enabled, and so many messages written to it. */
const happened = (messages: number, account = romeo): ReadonlyArray<Change<Stanza>> => {
  const here = { resource: 'desk', connection: 'c1' }
  const events: ReadonlyArray<Event<Stanza>> = [
    { _tag: 'SessionBound', at: 1_000, ...here },
    { _tag: 'EnableReceived', at: 2_000, ...here, version: 'urn:xmpp:sm:3', resume: true, freshId: `sm of ${account}` },
    ...Array.from({ length: messages }, (_, n): Event<Stanza> => {
      const stanza = Stanza.fromXml(`<message xmlns='jabber:client' type='chat' id='m${n + 1}' to='${account}/desk'/>`)
      const facts: StanzaFacts = { name: 'message', type: 'chat', id: `m${n + 1}`, to: `${account}/desk` }
      return { _tag: 'StanzaSubmitted', at: 3_000 + n, resource: 'desk', stanza, facts }
    }),
  ]
  return events.map(event => ({ _tag: 'EventLogged', account, event }))
}

/** What a server notes of an account before anything that happens to it. */
const began = (options: Partial<Config>, account = romeo): Change<Stanza> => ({
  _tag: 'Baseline',
  account,
  state: emptyAccount,
  config: { ...defaultConfig, queueStorage: true, ...options },
})

/** Journals it as a server would; each change is a row of the log. */
const journal = async (...changes: ReadonlyArray<Change<Stanza>>): Promise<void> => {
  const env = openEnvironment({ path: data(), durability: 'process' })
  const onBadRecord = (record: object): void => expect.fail(JSON.stringify(record))
  const offline = offlineLmdb({ env, payload: stanzaPayload, onBadRecord })
  const payload = journalledStanza
  const made = journalLmdb({ env, durability: 'process', offline, payload, absent: anyStanza, onBadRecord })
  for (const change of changes) await made.commit([change])
  await made.close()
  await env.close()
}

const damage = (account: string): Promise<void> => damageLast(data(), account)

const command = async (...args: ReadonlyArray<string>) => {
  const terminal = fakeTerminal()
  const code = await runCommand(['journal', ...args, '--config', file], {
    terminal,
    signals: { on: () => {}, off: () => {}, exit: () => {} },
    loadParts: () => Promise.reject(new Error('no server here')),
  })
  return { code, said: terminal.said(), complained: terminal.complained() }
}

describe('where there is no journal', () => {
  test.each([['inspect'], ['export'], ['repair', 'romeo@localhost', '--forget']])('%s says so', async (...args) => {
    expect(await command(...args)).toEqual({
      code: 1,
      said: '',
      complained: `There is no journal in ${data()}. Give the --config that the server has.\n`,
    })
  })
})

describe('inspect', () => {
  test('tells the sessions of each account, their counts and sizes, and the sum', async () => {
    await journal(...happened(3), ...happened(0, juliet))
    const { code, said, complained } = await command('inspect')
    expect([code, complained]).toEqual([0, ''])
    expect(said.replace(/\d+ characters/g, 'N characters').split('\n')).toEqual([
      'juliet@localhost: log 2 entries (N characters), kept 0 stanzas (N characters)',
      '  desk: Active, SM-ID sm of juliet@localhost, h 0, acked 0, 0 unacked, 0 of them in storage',
      'romeo@localhost: log 5 entries (N characters), kept 0 stanzas (N characters)',
      '  desk: Active, SM-ID sm of romeo@localhost, h 0, acked 0, 3 unacked, 0 of them in storage',
      '2 accounts, 2 sessions, 0 in quarantine; log: 7 entries, N characters; kept: 0 stanzas, N characters.',
      '',
    ])
  })

  test('tells of one account, however its JID is written', async () => {
    await journal(...happened(1), ...happened(0, juliet))
    const { code, said } = await command('inspect', 'Romeo@LOCALHOST', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(said)).toMatchObject({ accounts: [{ account: romeo, sessions: [{ unacked: 1 }] }] })
    expect(JSON.parse(said).accounts).toHaveLength(1)
  })

  test('folds the log by the options that it was made under, whatever they are today', async () => {
    await journal(began({ maxQueueSize: 4 }), ...happened(10))
    expect((await command('inspect')).said).toContain('10 unacked, 6 of them in storage')
    configure('smacks_max_queue_size = 100')
    expect((await command('inspect')).said).toContain('10 unacked, 6 of them in storage')
    configure('durability = "memory"')
    expect((await command('inspect')).said).toContain('10 unacked, 6 of them in storage')
  })

  test('takes what lies in storage for in storage, where a log does not say what it was made under', async () => {
    await journal(...happened(10))
    configure('smacks_max_queue_size = 4')
    expect((await command('inspect')).said).toContain('10 unacked, 0 of them in storage')
  })
})

describe.each([['inspect'], ['export', '--account'], ['repair', '--forget']])('%s', (verb, ...options) => {
  test('of an account that is not there names it and says where to look', async () => {
    await journal(...happened(1))
    expect(await command(verb, ...options, juliet)).toEqual({
      code: 1,
      said: '',
      complained: `Nothing is journalled of ${juliet} in ${data()}. To see who is there: smacks journal inspect\n`,
    })
  })

  test('of what is no account is wrong usage', async () => {
    const { code, complained } = await command(verb, ...options, 'romeo@localhost/desk')
    expect([code, complained]).toEqual([2, expect.stringContaining('"romeo@localhost/desk"')])
  })

  test('of data that is no database says so, and which it is', async () => {
    mkdirSync(data())
    writeFileSync(join(data(), 'data.mdb'), 'x'.repeat(20_000))
    const { code, complained } = await command(verb, ...options, romeo)
    expect([code, complained]).toEqual([1, expect.stringMatching(/^The journal in [^\n]*\n$/)])
    expect(complained).toContain(data())
  })
})

describe('export', () => {
  const replayed = async (recording: string) => {
    const terminal = fakeTerminal({ input: recording })
    const code = await replayFiles(terminal, ['-'], {})
    return { code, said: terminal.said(), complained: terminal.complained() }
  }

  test('is a recording that replays to what inspect tells, by the same configuration', async () => {
    await journal(...happened(10), ...happened(2, juliet))
    configure('smacks_max_queue_size = 4')
    const { code, said, complained } = await command('export', '--account', romeo)
    expect([code, complained]).toEqual([0, ''])
    const told = await replayed(said)
    expect([told.code, told.complained]).toEqual([0, ''])
    expect(told.said).toContain('replayed: 12 steps of 1 account')
    expect(told.said.match(/keep/gi)).not.toBeNull()
    expect((await replayed((await command('export')).said)).said).toContain('replayed: 16 steps of 2 accounts')
  })

  test('goes on from what is known of an account', async () => {
    const known: Change<Stanza> = {
      _tag: 'Baseline',
      account: romeo,
      state: { sessions: [], oldSessions: [{ smId: 'sm-0', h: 7, at: 500 }] },
      config: defaultConfig,
    }
    await journal(known, ...happened(1))
    const told = await replayed((await command('export')).said)
    expect([told.code, told.complained]).toEqual([0, ''])
    expect(told.said).toContain('replayed: 3 steps of 1 account')
  })

  test('of an empty journal is a recording of nothing', async () => {
    await journal()
    const told = await replayed((await command('export')).said)
    expect([told.code, told.complained]).toEqual([0, ''])
  })

  test('leaves out who cannot be read, and says so', async () => {
    await journal(...happened(1), ...happened(2, juliet))
    await damage(romeo)
    const all = await command('export')
    expect(all.code).toBe(0)
    expect(all.complained).toMatch(
      /^romeo@localhost cannot be read \(journal-log, row 3: .*\)\. .* It is left out\.\n$/,
    )
    expect((await replayed(all.said)).said).toContain('replayed: 4 steps of 1 account')
    const one = await command('export', '--account', romeo)
    expect([one.code, one.said]).toEqual([1, ''])
    expect(one.complained).toContain('To mend it: smacks journal repair romeo@localhost --keep-readable (or --forget).')
  })
})

describe('repair', () => {
  test('--keep-readable keeps what was before the first fault', async () => {
    await journal(...happened(3), ...happened(2, juliet))
    await damage(romeo)
    expect((await command('inspect', romeo)).said).toMatch(/\n {2}in quarantine: journal-log, row 5: .*evnt/)
    const { code, said } = await command('repair', 'Romeo@localhost', '--keep-readable')
    expect([code, said]).toEqual([
      0,
      'romeo@localhost: 1 sessions are kept, of 4 entries; 1 entries and 0 stanzas are given up.\n',
    ])
    const after = await command('inspect')
    expect(after.said).toContain('desk: Active, SM-ID sm of romeo@localhost, h 0, acked 0, 2 unacked')
    expect(after.said).toContain('2 accounts, 2 sessions, 0 in quarantine')
  })

  test('--forget leaves nothing of that account, and all of the others', async () => {
    await journal(...happened(3), ...happened(2, juliet))
    await damage(romeo)
    const { code, said } = await command('repair', romeo, '--forget')
    expect([code, said]).toEqual([
      0,
      'romeo@localhost: 0 sessions are kept, of 0 entries; 5 entries and 0 stanzas are given up.\n',
    ])
    expect((await command('inspect')).said).toMatch(
      /^juliet@localhost: .*\n.*desk: Active.*\n1 accounts, 1 sessions, 0 in/,
    )
  })

  test('mends a log by the options that it was made under', async () => {
    await journal(began({ maxQueueSize: 4 }), ...happened(10))
    await damage(romeo)
    // By them six of the nine are in storage, where none is: such a session cannot be kept.
    expect((await command('repair', romeo, '--keep-readable')).said).toContain('0 sessions are kept, of 12 entries')
  })

  test.each([[[]], [['--forget', '--keep-readable']]])('with %j is wrong usage', async options => {
    const { code, complained } = await command('repair', 'romeo@localhost', ...options)
    expect([code, complained]).toEqual([2, 'Say what is to be done: --forget or --keep-readable.\n'])
  })

  test('is refused while a server owns the data', async () => {
    await openEnvironment({ path: data(), durability: 'process' }).close()
    const owned = await ownData({
      config: { data: data() },
      handlers: () => [],
      log: { error: () => {}, warn: () => {} },
    })
    const { code, complained } = await command('repair', 'romeo@localhost', '--forget')
    expect([code, complained]).toEqual([
      1,
      expect.stringContaining(`The journal cannot be repaired: another server runs on the data in ${data()}`),
    ])
    await owned.close()
  })
})
