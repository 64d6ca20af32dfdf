import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BadRecord, type Environment, journalLmdb, openEnvironment } from '@smacks/journal-lmdb'
import { offlineLmdb } from '@smacks/offline-lmdb'
import type { Change } from '@smacks/runtime'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { bundled, start } from './child.js'
import { textPayload } from './text-payload.js'

const romeo = 'romeo@example.net'
const payload = { encode: (text: string) => text, decode: (text: string) => text }

let path = ''
let opened: Array<Environment> = []
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'smacks-'))
})
afterEach(async () => {
  for (const env of opened) await env.close()
  opened = []
  rmSync(path, { recursive: true })
})

const openStores = (durability: 'disk' | 'process' = 'process') => {
  const env = openEnvironment({ path, durability })
  opened.push(env)
  const bad: Array<BadRecord> = []
  const onBadRecord = (record: BadRecord) => void bad.push(record)
  const offline = offlineLmdb({ env, payload, onBadRecord })
  return {
    env,
    offline,
    bad,
    journal: journalLmdb({ env, durability, offline, payload: textPayload, absent: '', onBadRecord }),
  }
}

const put = (text: string): Change<string> => ({
  _tag: 'PutOffline',
  account: romeo,
  stanza: text,
  facts: { name: 'message', type: 'chat' },
  at: 1000,
})

const remember = (smId: string): Change<string> => ({
  _tag: 'PutOldSession',
  account: romeo,
  session: { smId, h: 7, at: 1000 },
})

describe('a journal whose process is killed', () => {
  let writer = ''
  beforeAll(async () => {
    writer = await bundled('./writer.ts')
  })

  for (const durability of ['process', 'disk'] as const)
    it(`has all that was committed, whole batches only, durability ${durability}`, async () => {
      const child = start(writer, [path, durability])
      let committed = 0
      for await (const line of child.lines) {
        committed = Number(line)
        if (committed === 50) child.process.kill('SIGKILL')
      }
      expect(await child.ended).toBe('SIGKILL')

      const { offline, journal, bad } = openStores()
      const messages = offline.read(romeo).map(({ stanza }) => Number.parseInt(stanza, 10))
      expect(messages.length).toBeGreaterThanOrEqual(committed)
      expect(messages).toEqual(messages.map((_, index) => index + 1))
      expect(journal.oldSessions(romeo).map(({ h }) => h)).toEqual([messages.length])
      const events = [...(journal.sessions?.recover() ?? [])]
      expect(events.map(entry => (entry._tag === 'EventLogged' ? entry.event.at : entry._tag))).toEqual(messages)
      expect(bad).toEqual([])
    })

  for (const durability of ['process', 'disk'] as const)
    it.skipIf(process.platform === 'win32')(
      `says what is wrong when the disk is full, and lives, durability ${durability}`,
      async () => {
        const child = start(writer, [path, durability, '400'], 400)
        const lines: Array<string> = []
        for await (const line of child.lines) lines.push(line)
        expect(await child.ended).toBe(0)
        expect(lines[lines.length - 1]).toBe('closed')

        const failures = lines.filter(line => line.startsWith('failed'))
        expect(failures.length).toBeGreaterThan(100)
        expect(failures.filter(line => !line.includes(path) || !line.includes('file too large'))).toEqual([])

        const committed = lines.map(Number).filter(Number.isInteger)
        expectCommitted(committed)
      },
    )

  const noLimits = spawnSync('prlimit', ['--version']).status === 0 ? undefined : 'prlimit is not installed'
  it.skipIf(noLimits !== undefined)('goes on with the same batch once there is space on the disk again', async () => {
    const child = start(writer, [path, 'process', '400', 'insist'], 400)
    const committed: Array<number> = []
    let failures = 0
    for await (const line of child.lines) {
      if (line.startsWith('failed')) failures += 1
      else if (line !== 'closed') committed.push(Number(line))
      if (failures === 5) spawnSync('prlimit', [`--pid=${child.process.pid}`, '--fsize=unlimited:'])
    }
    expect(await child.ended).toBe(0)
    expect(failures).toBeGreaterThanOrEqual(5)
    expect(committed).toEqual(Array.from({ length: 400 }, (_, index) => index + 1))
    expectCommitted(committed)
  })

  /** Just these batches are there, and all of each. */
  const expectCommitted = (committed: ReadonlyArray<number>): void => {
    const { offline, journal } = openStores()
    const last = committed[committed.length - 1]
    const messages = offline.read(romeo).map(({ stanza }) => Number.parseInt(stanza, 10))
    expect(messages).toEqual(committed)
    expect(journal.oldSessions(romeo).map(({ h }) => h)).toEqual([last])
    expect([...journal.records('tests')].map(({ text }) => Number.parseInt(text, 10))).toEqual([last])
    const events = [...(journal.sessions?.recover() ?? [])]
    expect(events.map(entry => (entry._tag === 'EventLogged' ? entry.event.at : entry._tag))).toEqual(committed)
  }

  it('shares its environment with another process, which must not journal', async () => {
    const { env, journal, offline } = openStores()
    await journal.commit([put('0 ours')])
    const other = spawnSync(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { open } from 'lmdb'
        const env = open({ path: ${JSON.stringify(path)}, noSubdir: false, encoding: 'string', maxDbs: 64 })
        await env.openDB({ name: 'others', encoding: 'string' }).put('key', 'value')
        await env.close()`,
      ],
      { encoding: 'utf8', cwd: fileURLToPath(new URL('../..', import.meta.url)) },
    )
    expect([other.status, other.stderr]).toEqual([0, ''])
    await journal.commit([put('1 ours as well')])
    expect(offline.read(romeo).map(({ stanza }) => stanza)).toEqual(['0 ours', '1 ours as well'])
    expect(env.openDB({ name: 'others', encoding: 'string' }).get('key')).toBe('value')
  })
})

describe('an environment', () => {
  it('can be opened with another durability than before', async () => {
    for (const durability of ['disk', 'process', 'disk'] as const) {
      const { env, journal, offline } = openStores(durability)
      await journal.commit([put(durability)])
      expect(offline.count(romeo)).toBe(opened.length)
      await journal.close()
      await env.close()
    }
    opened = []
  })

  it('is for its owner only', () => {
    const inside = join(path, 'data', 'store')
    opened.push(openEnvironment({ path: inside, durability: 'process' }))
    expect(statSync(inside).mode & 0o077).toBe(0)
  })

  it('is a directory whatever its name looks like', () => {
    const named = join(path, 'data.d')
    opened.push(openEnvironment({ path: named, durability: 'process' }))
    expect(statSync(named).isDirectory()).toBe(true)
  })

  it('says which path it could not open', () => {
    const file = join(path, 'file')
    writeFileSync(file, 'not a directory')
    expect(() => openEnvironment({ path: file, durability: 'process' })).toThrow(
      `cannot make the directory ${file}: ${file} is there, and is no directory`,
    )
  })

  const damaged: ReadonlyArray<readonly [what: string, content: string]> = [
    ['something else', 'this is no LMDB file'.repeat(1000)],
    ['all zeros', '\0'.repeat(20_000)],
    ['cut off at its start', 'x'],
    ['empty', ''],
  ]
  for (const [what, content] of damaged)
    it(`says so when its file is damaged: ${what}`, () => {
      writeFileSync(join(path, 'data.mdb'), content)
      expect(() => openEnvironment({ path, durability: 'process' })).toThrow(
        `cannot open the LMDB environment at ${path}: Error: data.mdb (${content.length} bytes) is damaged`,
      )
    })
})

describe('a batch that cannot be committed', () => {
  it('rejects when the environment was closed, and names it', async () => {
    const { env, journal } = openStores()
    await env.close()
    opened = []
    await expect(journal.commit([put('late')])).rejects.toThrow(
      `journal at ${path}: Error: Can not renew a transaction from a closed database`,
    )
  })

  it('leaves the environment open when the journal is closed', async () => {
    const { env, journal } = openStores()
    await journal.close()
    await env.openDB({ name: 'others', encoding: 'string' }).put('key', 'value')
    expect(env.openDB({ name: 'others', encoding: 'string' }).get('key')).toBe('value')
  })

  it('is whole in the log, so a store that fails all the same loses its change alone, and that is told', async () => {
    const { env } = openStores()
    const bad: Array<BadRecord> = []
    const failing = journalLmdb<string>({
      env,
      durability: 'process',
      payload: textPayload,
      absent: '',
      onBadRecord: record => void bad.push(record),
      offline: {
        apply: () => {
          throw new Error('the store is on strike')
        },
        read: () => [],
        count: () => 0,
        usage: () => ({ count: 0, size: 0 }),
      },
    })
    await failing.commit([remember('sm-1'), put('one')])
    expect(failing.oldSessions(romeo)).toHaveLength(1)
    expect(bad).toMatchObject([
      { database: 'journal', account: romeo, key: 1, reason: expect.stringContaining('the store is on strike') },
    ])
  })
})

describe('an account whose name LMDB cannot take', () => {
  it('is refused, and has no old sessions', async () => {
    const { journal } = openStores()
    for (const account of ['a'.repeat(1901), 'a\0b']) {
      const session = { smId: 'sm-1', h: 1, at: 1 }
      await expect(journal.commit([{ _tag: 'PutOldSession', account, session }])).rejects.toThrow('1900 bytes')
      await journal.commit([{ _tag: 'DropOldSession', account, smId: 'sm-1' }])
      expect(journal.oldSessions(account)).toEqual([])
    }
  })
})

describe('old sessions that do not decode', () => {
  const records: ReadonlyArray<readonly [what: string, text: string, reason: RegExp]> = [
    ['no JSON', '{', /JSON/],
    ['another version', '{"v":2,"smId":"sm-1","h":1,"at":1}', /^v: found 2, allowed: 1$/],
    [
      'h above 2^32-1',
      '{"v":1,"smId":"sm-1","h":4294967296,"at":1}',
      /^h: found 4294967296, allowed: unsigned 32-bit integer$/,
    ],
    ['h that is text', '{"v":1,"smId":"sm-1","h":"1","at":1}', /^h: .*unsigned 32-bit integer$/],
    ['no SM-ID', '{"v":1,"h":1,"at":1}', /^smId: missing, allowed: string$/],
  ]

  for (const [what, text, reason] of records)
    it(`are reported and left where they are: ${what}`, async () => {
      const { env, journal, bad } = openStores()
      await journal.commit([remember('sm-1'), remember('sm-2')])
      expect(journal.oldSessions(romeo)).toHaveLength(2)
      const raw = env.openDB<string, [string, number]>({ name: 'old-sessions', encoding: 'string' })
      await raw.put([romeo, 1], text)

      expect(journal.oldSessions(romeo).map(({ smId }) => smId)).toEqual(['sm-2'])
      expect(bad).toEqual([{ database: 'old-sessions', account: romeo, key: 1, reason: expect.stringMatching(reason) }])
      await journal.commit([{ _tag: 'DropOldSession', account: romeo, smId: 'sm-2' }])
      expect(raw.get([romeo, 1])).toBe(text)
    })
})
