import { defaultConfig } from '@smacks/core'
import { type Recording as Recorded, readRecording, replay, verify } from '@smacks/replay'
import { after } from '@smacks/runtime'
import { defaultServerConfig } from '@smacks/server'
import { createVirtualHost } from '@smacks/testkit'
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import {
  createRecording,
  type Recording,
  type RecordingOptions,
} from '../../../packages/recording-files/src/recording.js'
import { retryMilliseconds } from '../../../packages/recording-files/src/restarting-recorder.js'
import { selectionOf } from '../../../packages/recording-files/src/selection.js'
import { createDisk, type Disk } from './disk.js'
import { createLoop, juliet, type Loop, romeo } from './steps.js'

interface Stage {
  readonly disk: Disk
  readonly recording: Recording
  readonly loop: Loop
  /** What the operator was told: level, text and fields. */
  readonly told: ReadonlyArray<readonly [level: string, message: string, facts: object]>
  /** Lets time pass. */
  readonly pass: (milliseconds: number) => Promise<void>
  /** The files, read. */
  readonly recorded: () => ReadonlyArray<Recorded>
}

const openStage = (options: Partial<RecordingOptions['settings']> = {}, maxWaitingBytes?: number): Stage => {
  const disk = createDisk()
  const host = createVirtualHost(Date.UTC(2026, 0, 31, 12))
  const told: Array<readonly [string, string, object]> = []
  const tell =
    (level: string) =>
    (facts: object, message: string): void =>
      void told.push([level, message, facts])
  let laters = 0
  const recording = createRecording({
    settings: { ...defaultServerConfig.record, ...options },
    directory: '/recordings',
    files: () => disk,
    config: defaultConfig,
    by: 'smacks 1.2.3',
    clock: host.clock,
    later: (milliseconds, callback) => {
      laters += 1
      host.timers.arm(`later ${laters}`, after(host.clock, milliseconds), callback)
    },
    log: { error: tell('error'), info: tell('info'), warn: tell('warn') },
    ...(maxWaitingBytes === undefined ? {} : { maxWaitingBytes }),
  })
  return {
    disk,
    recording,
    loop: createLoop(recording.observe),
    told,
    pass: async milliseconds => {
      await settled()
      host.advance(milliseconds)
      await settled()
    },
    recorded: () =>
      [...disk.files].map(([name, text]) => {
        const read = readRecording(text.split('\n').slice(0, -1))
        if (Either.isLeft(read)) throw new Error(`${name}: ${read.left.problem}`)
        return read.right
      }),
  }
}

const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

const all = selectionOf(['*'])

/** What a file shows of accounts and of the steps of sessions that began before it. */
const outline = ({ entries }: Recorded): ReadonlyArray<string> =>
  entries.map(entry => `${entry._tag === 'Event' ? entry.event._tag : 'state'} ${entry.account}`)

describe('a recording', () => {
  test('holds nothing, and makes no file, before it is started', async () => {
    const { disk, recording, loop } = openStage()
    loop.enter(romeo)
    await recording.close()
    expect(disk.files.size).toBe(0)
    expect(recording.status()).toEqual({ accounts: [], redacted: false, directory: '/recordings' })
  })

  test('of all accounts replays to the same', async () => {
    const { recording, loop, recorded } = openStage()
    recording.start(all, false)
    for (const account of [romeo, juliet]) loop.enter(account)
    loop.message(romeo, 'm1')
    loop.ack(romeo)
    await recording.close()
    const [whole] = recorded()
    expect(recorded()).toHaveLength(1)
    expect(whole?.header).toMatchObject({ by: 'smacks 1.2.3', redacted: false, config: defaultConfig })
    expect(whole === undefined ? undefined : verify(replay(whole))).toEqual({ steps: 6, compared: 6, differing: 0 })
  })

  test('of one account holds only that one, from the state it is in', async () => {
    const { recording, loop, recorded } = openStage()
    for (const account of [romeo, juliet]) loop.enter(account)
    loop.message(juliet, 'm1')
    recording.start(selectionOf([juliet]), false)
    loop.message(romeo, 'm2')
    loop.ack(juliet)
    await recording.close()
    expect(recorded().map(outline)).toEqual([[`state ${juliet}`, `AckReceived ${juliet}`]])
    expect(recorded().map(one => verify(replay(one)).differing)).toEqual([0])
  })

  test('takes more accounts while it runs, in the same file', async () => {
    const { recording, loop, recorded } = openStage()
    for (const account of [romeo, juliet]) loop.enter(account)
    recording.start(selectionOf([romeo]), false)
    loop.message(romeo, 'm1')
    expect(recording.start(selectionOf([juliet]), false)).toMatchObject({ right: { accounts: [juliet, romeo] } })
    loop.message(juliet, 'm2')
    await recording.close()
    expect(recorded().map(outline)).toEqual([
      [`state ${romeo}`, `StanzaSubmitted ${romeo}`, `state ${juliet}`, `StanzaSubmitted ${juliet}`],
    ])
  })

  test('begins anew when an account is left out, so that one that comes back contradicts nothing', async () => {
    const { recording, loop, recorded } = openStage()
    for (const account of [romeo, juliet]) loop.enter(account)
    recording.start(selectionOf([romeo, juliet]), false)
    loop.message(romeo, 'm1')
    expect(await recording.stop(selectionOf([romeo]))).toMatchObject({ right: { accounts: [juliet] } })
    loop.ack(romeo)
    loop.message(juliet, 'm2')
    recording.start(selectionOf([romeo]), false)
    loop.message(romeo, 'm3')
    await recording.close()
    expect(recorded().map(one => outline(one).length)).toEqual([2, 4])
    expect(recorded().map(one => verify(replay(one)).differing)).toEqual([0, 0])
  })

  test('is whole on disk when it has been stopped', async () => {
    const { disk, recording, loop, recorded } = openStage()
    recording.start(all, false)
    disk.hang()
    loop.enter(romeo)
    let isOver = false
    const stopped = recording.stop(all).then(answer => {
      isOver = true
      return answer
    })
    loop.message(romeo, 'm1')
    await settled()
    expect(isOver).toBe(false)
    disk.proceed()
    expect(await stopped).toEqual(Either.right({ accounts: [], redacted: false, directory: '/recordings' }))
    expect(recorded().map(outline)).toEqual([[`SessionBound ${romeo}`, `EnableReceived ${romeo}`]])
  })

  test.each([
    [['*'], [romeo], 'all accounts are recorded, so none can be left out; stop all, then start some'],
    [[romeo], [romeo, juliet], `not recorded: ${juliet}`],
    [[], [romeo], `not recorded: ${romeo}`],
  ])('of %j cannot leave out %j', async (started, stopped, why) => {
    const { recording } = openStage()
    if (started.length > 0) recording.start(selectionOf(started), false)
    expect(await recording.stop(selectionOf(stopped))).toEqual(Either.left(why))
  })

  test('says at its start what its files hold', () => {
    const { recording, told } = openStage()
    recording.start(all, false)
    expect(told).toEqual([
      [
        'warn',
        'recording is on; the files hold all that these accounts send and receive, in the clear',
        { accounts: ['*'], directory: '/recordings', redacted: false, outcome: 'full' },
      ],
    ])
  })
})

describe('redaction', () => {
  test('leaves no text of a body, and replays to the same', async () => {
    const { disk, recording, loop, recorded } = openStage()
    recording.start(all, true)
    loop.enter(romeo)
    loop.message(romeo, 'wherefore')
    await recording.close()
    const [text = ''] = disk.files.values()
    expect(text).toContain('<body>xxxxxxxxx</body>')
    expect(text).not.toContain('<body>wherefore')
    expect(recorded().map(one => [one.header.redacted, verify(replay(one)).differing])).toEqual([[true, 0]])
  })

  test('holds for a whole recording', () => {
    const { recording } = openStage()
    recording.start(selectionOf([romeo]), false)
    expect(recording.start(selectionOf([juliet]), true)).toEqual(
      Either.left('recording is on without redaction, and a recording has it throughout or not at all; stop it first'),
    )
    expect(recording.status()).toMatchObject({ accounts: [romeo], redacted: false })
  })

  test('is always on where the configuration says so', () => {
    const { recording } = openStage({ redact: true })
    expect(recording.start(all, false)).toMatchObject({ right: { redacted: true } })
  })
})

describe('a file that is full', () => {
  test('is followed by one that is a recording by itself, and all are one recording together', async () => {
    const { recording, loop, recorded } = openStage({ maxFileBytes: 2000, maxFiles: 100 })
    recording.start(all, false)
    loop.enter(romeo)
    for (let n = 1; n <= 50; n += 1) {
      loop.message(romeo, `m${n}`)
      if (n % 3 === 0) loop.ack(romeo)
    }
    await recording.close()
    expect(recorded().length).toBeGreaterThan(5)
    expect(recorded().map(one => verify(replay(one)).differing)).toEqual(recorded().map(() => 0))
    const [first, ...others] = recorded()
    expect(others.map(({ entries: [entry] }) => entry?._tag)).toEqual(others.map(() => 'State'))
    expect(first).toBeDefined()
    if (first === undefined) return
    const entries = recorded().flatMap(one => one.entries)
    expect(verify(replay({ header: first.header, entries }))).toEqual({ steps: 68, compared: 68, differing: 0 })
  })

  test('has as many bytes of steps as of states, however long a queue is', async () => {
    const { disk, recording, loop } = openStage({ maxFileBytes: 1000, maxFiles: 100 })
    loop.enter(romeo)
    for (let n = 1; n <= 100; n += 1) loop.message(romeo, `long ${n}`)
    recording.start(all, false)
    for (let n = 1; n <= 100; n += 1) loop.message(romeo, `m${n}`)
    await recording.close()
    for (const text of [...disk.files.values()].slice(0, -1)) {
      const states = text
        .split('\n')
        .filter(line => line.includes('"state":'))
        .join('').length
      expect(states).toBeGreaterThan(1000)
      expect(text.length).toBeGreaterThanOrEqual(2 * states)
      expect(text.length).toBeLessThan(2 * states + 4000)
    }
  })
})

describe('a disk that is full', () => {
  test('ends the recording, loudly, and another begins when there is room', async () => {
    const { disk, recording, loop, told, pass, recorded } = openStage()
    recording.start(selectionOf([romeo]), false)
    loop.enter(romeo)
    await settled()
    disk.room(10)
    loop.message(romeo, 'm1')
    await pass(0)
    expect(told.at(-1)).toEqual([
      'error',
      'recording stopped: it cannot be written; the server goes on',
      {
        directory: '/recordings',
        file: '20260131T120000.000Z-000001.ndjson',
        reason: 'ENOSPC: no space left on device, write',
      },
    ])
    expect(recording.status()).toMatchObject({ accounts: [romeo], trouble: 'ENOSPC: no space left on device, write' })

    loop.message(romeo, 'm2')
    const before = told.length
    await pass(retryMilliseconds)
    loop.message(romeo, 'm3')
    await pass(0)
    expect(told).toHaveLength(before)
    expect([...disk.files.keys()]).toHaveLength(1)

    disk.room(Number.POSITIVE_INFINITY)
    await pass(retryMilliseconds)
    loop.ack(romeo)
    await pass(0)
    expect(told.at(-1)).toEqual([
      'warn',
      'recording goes on in a new file; what happened meanwhile is in none',
      {
        directory: '/recordings',
        file: '20260131T120020.000Z-000001.ndjson',
        missingSince: '2026-01-31T12:00:00.000Z',
      },
    ])
    expect(recording.status()).not.toHaveProperty('trouble')
    await recording.close()
    expect(recorded().map(outline)).toEqual([
      [`SessionBound ${romeo}`, `EnableReceived ${romeo}`],
      [`state ${romeo}`, `AckReceived ${romeo}`],
    ])
    expect(recorded().map(one => verify(replay(one)).differing)).toEqual([0, 0])
  })

  test('is not tried again once the recording was stopped', async () => {
    const { disk, recording, loop, pass } = openStage()
    recording.start(all, false)
    disk.room(0)
    loop.enter(romeo)
    await pass(0)
    await recording.stop(all)
    disk.room(1e6)
    await pass(retryMilliseconds)
    loop.message(romeo, 'm1')
    await pass(0)
    expect(disk.files.size).toBe(0)
  })

  test('is told also when it shows only at the end', async () => {
    const { disk, recording, loop, told } = openStage()
    recording.start(all, false)
    loop.enter(romeo)
    disk.room(0)
    await recording.close()
    expect(told.map(([level]) => level)).toEqual(['warn', 'error'])
  })
})

describe('a disk that is too slow', () => {
  test('ends the recording; what was taken is written, and another begins', async () => {
    const { disk, recording, loop, told, pass, recorded } = openStage({}, 2000)
    recording.start(all, false)
    disk.hang()
    loop.enter(romeo)
    await settled()
    for (let n = 1; n <= 20; n += 1) loop.message(romeo, `m${n}`)
    expect(told.at(-1)?.[2]).toMatchObject({ reason: expect.stringMatching(/^the disk does not keep up: \d+ bytes/) })
    await pass(retryMilliseconds)
    expect(recording.status()).not.toHaveProperty('file')
    disk.proceed()
    await pass(0)
    await pass(retryMilliseconds)
    loop.ack(romeo)
    await recording.close()
    expect(recorded().map(outline).at(-1)).toEqual([`state ${romeo}`, `AckReceived ${romeo}`])
    expect(recorded().map(one => verify(replay(one)).differing)).toEqual([0, 0])
  })
})
