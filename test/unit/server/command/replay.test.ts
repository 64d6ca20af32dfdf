import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type Stanza, stanzaXml } from '@smacks/codec'
import { defaultConfig } from '@smacks/core'
import { createRecorder, type RecorderOptions } from '@smacks/replay'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { runCommand } from '../../../../apps/server/src/command/program.js'
import { createProgress } from '../../../../apps/server/src/command/replay/progress.js'
import { temporaryFolder } from '../../../support/places.js'
import { createLoop, juliet, type Loop, romeo } from '../../recording-files/steps.js'
import { type FakeTerminalOptions, fakeTerminal } from './terminal.js'

const folder = temporaryFolder('replay')
afterAll(() => {
  vi.unstubAllEnvs()
  folder.remove()
})

const at = (name: string): string => join(folder.path, name)

const whole = at('whole.ndjson')
const [part1, part2, part3] = [1, 2, 3].map(n => at(`20260131T120000.000Z-00000${n}.ndjson`)) as [
  string,
  string,
  string,
]

/** The lines of recordings, one list for each. */
const record = (
  play: (loop: Loop, restart: () => void) => void,
  options: Partial<RecorderOptions<Stanza>> = {},
): ReadonlyArray<ReadonlyArray<string>> => {
  const recordings: Array<Array<string>> = []
  const recorder = createRecorder<Stanza>({
    payload: stanzaXml,
    config: defaultConfig,
    by: 'a test',
    redacted: false,
    outcome: 'full',
    now: () => Date.UTC(2026, 0, 31, 12),
    write: line => {
      if (line.startsWith('{"recording"')) recordings.push([])
      recordings.at(-1)?.push(line)
    },
    ...options,
  })
  play(createLoop(recorder.observe), recorder.restart)
  return recordings
}

const textOf = (lines: ReadonlyArray<string> = []): string => lines.map(line => `${line}\n`).join('')

const scene = (loop: Loop, pause: () => void = () => {}): void => {
  for (const account of [romeo, juliet]) loop.enter(account)
  loop.message(romeo, 'm1')
  pause()
  loop.ack(romeo)
  loop.message(juliet, 'm2')
  pause()
  loop.leave(romeo)
}

beforeAll(() => {
  writeFileSync(whole, textOf(record(loop => scene(loop))[0]))
  const parts = record(scene)
  for (const [index, file] of [part1, part2, part3].entries()) writeFileSync(file, textOf(parts[index]))
})

const replayOn = async (options: FakeTerminalOptions, ...args: ReadonlyArray<string>) => {
  const terminal = fakeTerminal(options)
  const code = await runCommand(['replay', ...args], {
    terminal,
    signals: { on: () => {}, off: () => {}, exit: () => {} },
    loadParts: () => Promise.reject(new Error('no server here')),
  })
  return {
    code,
    said: terminal.said(),
    lines: terminal.said().trimEnd().split('\n'),
    complained: terminal.complained(),
  }
}

const replay = (...args: ReadonlyArray<string>) => replayOn({}, ...args)

/** The numbers of the steps that were shown. */
const steps = (said: string): ReadonlyArray<number> => [...said.matchAll(/^#(\d+) /gm)].map(([, seq]) => Number(seq))

describe('replay', () => {
  test('tells all steps in order, and that they come to the same', async () => {
    const { code, said, lines, complained } = await replay(whole)
    expect(code).toBe(0)
    expect(steps(said)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(lines[0]).toBe(`#1 2026-01-31T12:00:00.000Z ${romeo} desk on c1: the resource was bound`)
    expect(lines.at(-1)).toBe('verified: 8 steps of 2 accounts')
    expect(complained).toBe('')
  })

  test.each([
    [
      ['--from', '#7'],
      [7, 8],
    ],
    [
      ['--until', '#2'],
      [1, 2],
    ],
    [
      ['--from', '#3', '--until', '#5'],
      [3, 4, 5],
    ],
    [['--from', '+1s'], []],
    [
      ['--until', '2026-01-31T12:00:00Z'],
      [1, 2, 3, 4, 5, 6, 7, 8],
    ],
    [
      ['--account', 'Juliet@localhost'],
      [3, 4, 7],
    ],
    [['--session', 'balcony'], []],
    [
      ['--session', 'desk', '--account', romeo],
      [1, 2, 5, 6, 8],
    ],
  ])('%j shows a part, and verifies all', async (args, expected) => {
    const { code, said } = await replay(whole, ...args)
    expect([code, steps(said)]).toEqual([0, expected])
    expect(said).toContain('verified: 8 steps of 2 accounts')
  })

  test('reads standard input', async () => {
    const { code, lines } = await replayOn({ input: readFileSync(whole, 'utf8') }, '-')
    expect([code, lines.at(-1)]).toEqual([0, 'verified: 8 steps of 2 accounts'])
  })

  test('--json writes one object a step, and nothing else', async () => {
    const { code, lines, complained } = await replay(whole, '--json')
    expect(code).toBe(0)
    expect(lines.map(line => JSON.parse(line).seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(Object.keys(JSON.parse(lines[0] ?? ''))).toEqual(['seq', 'at', 'account', 'event', 'effects', 'state'])
    expect(complained).toBe('verified: 8 steps of 2 accounts\n')
  })

  test('has colours on a terminal, and none elsewhere', async () => {
    vi.stubEnv('NO_COLOR', '')
    const [onTerminal, elsewhere] = [await replayOn({ isTTY: true }, whole), await replay(whole)]
    expect(onTerminal.said).toContain('\u001b[')
    expect(elsewhere.said).not.toContain('\u001b')
    const plain = onTerminal.said
      .split('\u001b')
      .map(part => part.replace(/^\[[\d;]*[mK]/, ''))
      .join('')
    expect(plain).toBe(elsewhere.said)
  })
})

describe('several files', () => {
  test('of one recording are one: what was known still holds, and is checked', async () => {
    const { code, said, lines } = await replay(part1, part2, part3)
    expect(code).toBe(0)
    expect(lines.at(-1)).toBe('verified: 8 steps of 2 accounts')
    expect(said.split('\n').filter(line => line.startsWith('== '))).toEqual(
      [part1, part2, part3].map(file => `== ${file}`),
    )
  })

  test('of one recording must not contradict each other', async () => {
    const forged = readFileSync(part2, 'utf8').replace('"handled":0', '"handled":7')
    const folder2 = temporaryFolder('forged')
    const [one, two] = [part1, part2].map(file => join(folder2.path, basename(file))) as [string, string]
    writeFileSync(one, readFileSync(part1, 'utf8'))
    writeFileSync(two, forged)
    const { code, said } = await replay(one, two)
    expect(code).toBe(1)
    expect(said).toContain(`diverged at step 2 of ${two}`)
    expect(said).toMatch(/before\.sessions.*handled: recorded 7, replayed 0/)
    folder2.remove()
  })

  test('of different recordings are each replayed from its own beginning', async () => {
    const { code, lines } = await replay(part2, whole)
    expect([code, lines.at(-1)]).toEqual([0, 'verified: 10 steps of 2 accounts'])
  })

  test.each([
    [() => [part2, part1], 'name them in the order of their numbers'],
    [() => [whole, whole], 'is named twice'],
  ])('in a wrong order are wrong usage', async (files, complaint) => {
    const { code, complained } = await replay(...files())
    expect([code, complained]).toEqual([2, expect.stringContaining(complaint)])
  })
})

describe('a recording that was edited', () => {
  const edited = at('edited.ndjson')

  test.each([
    ['what a step came to', 6, (line: string) => line.replace('"acked":1', '"acked":5')],
    ['what happened', 5, (line: string) => line.replace('"at":1769860800000', '"at":1769860801000')],
  ])('in %s diverges at that step', async (_, seq, edit) => {
    const lines = readFileSync(whole, 'utf8').split('\n')
    const line = lines[seq] ?? ''
    lines[seq] = edit(line)
    expect(lines[seq]).not.toBe(line)
    writeFileSync(edited, lines.join('\n'))
    const { code, said } = await replay(edited, '--until', '#1')
    expect(code).toBe(1)
    expect(said).toContain(`diverged at step ${seq} of ${edited}; `)
    expect(said).toMatch(/recorded +replayed/)
  })
})

describe('a recording that cannot be used', () => {
  const bad = at('bad.ndjson')

  test.each([
    ['hello\nyou\n', ', line 1: found "hello", allowed: one JSON value'],
    ['{"recording":"tape"}\n', ', line 1: '],
  ])('%j is told with its line', async (text, complaint) => {
    writeFileSync(bad, text)
    const { code, complained } = await replay(bad)
    expect([code, complained]).toEqual([1, expect.stringContaining(`${bad}${complaint}`)])
  })

  test('says which entry is missing', async () => {
    const lines = readFileSync(whole, 'utf8').split('\n')
    writeFileSync(bad, lines.filter((_, index) => index !== 4).join('\n'))
    const { code, complained } = await replay(bad)
    expect([code, complained]).toEqual([1, expect.stringContaining(`${bad}, line 5: seq: found 5, allowed: 4`)])
  })

  test.each([
    [at('nowhere'), 'cannot be read: there is no such file'],
    [folder.path, 'cannot be read: it is a folder; name the files in it'],
  ])('%s is named', async (file, complaint) => {
    const { code, complained } = await replay(file)
    expect([code, complained]).toEqual([1, `${file} ${complaint}.\n`])
  })

  test('but whose last line only broke off is replayed, and that is told', async () => {
    writeFileSync(bad, readFileSync(whole, 'utf8').slice(0, -20))
    const { code, lines, complained } = await replay(bad)
    expect([code, lines.at(-1)]).toEqual([0, 'verified: 7 steps of 2 accounts'])
    expect(complained).toBe(`${bad}: the last line broke off; all before it is whole.\n`)
  })
})

describe('the recording of a server that was killed before its first line was whole', () => {
  const header = (): string => readFileSync(whole, 'utf8').split('\n')[0] ?? ''
  const empty = at('empty.ndjson')

  test.each([
    ['is empty', () => ''],
    ['has an empty line', () => '\n'],
    ['ends at once', () => header().slice(0, 5)],
    ['ends within the header', () => header().slice(0, -1)],
    ['ends with the header', () => `${header()}\n`],
  ])('%s: that is no fault, and it is told that nothing was recorded', async (_, text) => {
    writeFileSync(empty, text())
    const { code, lines, complained } = await replay(empty)
    expect([code, lines.at(-1)]).toEqual([0, 'nothing was recorded'])
    expect(complained).toBe(text().endsWith('}\n') ? '' : `${empty}: nothing was recorded.\n`)
  })

  test('does no harm to those after it', async () => {
    writeFileSync(empty, header().slice(0, 5))
    const { code, lines, complained } = await replay(empty, whole)
    expect([code, lines.at(-1)]).toEqual([0, 'verified: 8 steps of 2 accounts'])
    expect(complained).toBe(`${empty}: nothing was recorded.\n`)
  })

  test('has no story to tell', async () => {
    writeFileSync(empty, '')
    const { code, complained } = await replay(empty, '--explain', 'm1')
    expect([code, complained]).toEqual([1, `${empty}: nothing was recorded.\nthe recording is empty.\n`])
  })
})

describe('a recording without outcomes', () => {
  test('is replayed, and not called verified', async () => {
    const file = at('none.ndjson')
    writeFileSync(file, textOf(record(loop => scene(loop), { outcome: 'none' })[0]))
    const { code, lines } = await replay(file)
    expect([code, lines.at(-1)]).toEqual([
      0,
      'replayed: 8 steps of 2 accounts; the recording does not say what they came to',
    ])
  })

  test('but with their digests is verified', async () => {
    const file = at('digest.ndjson')
    writeFileSync(file, textOf(record(loop => scene(loop), { outcome: 'digest' })[0]))
    expect((await replay(file)).lines.at(-1)).toBe('verified: 8 steps of 2 accounts')
  })
})

describe('a recording by other rules', () => {
  test('says so', async () => {
    const file = at('other.ndjson')
    writeFileSync(file, readFileSync(whole, 'utf8').replace(/"reducer":\d+/, '"reducer":99'))
    const { complained } = await replay(file)
    expect(complained).toContain(`${file} was recorded with version 99 of the rules.`)
  })
})

describe('--explain', () => {
  test('tells the story of one stanza, also over several files', async () => {
    const { code, said, lines } = await replay(part1, part2, part3, '--explain', 'm1')
    expect(code).toBe(0)
    expect(said).toMatch(/^message m1 .*was submitted.*acked.*=> acked by/s)
    expect(lines.at(-1)).toBe('verified: 8 steps of 2 accounts')
  })

  test('takes the number of an entry', async () =>
    expect((await replay(whole, '--explain', '#5')).said).toMatch(/^message m1 /))

  test('--json writes stories as data', async () => {
    const { lines } = await replay(whole, '--json', '--explain', 'm2')
    expect(lines.map(line => JSON.parse(line))).toMatchObject([{ stanza: { name: 'message', id: 'm2' } }])
  })

  test('says what there is instead', async () => {
    const { code, said, complained } = await replay(whole, '--explain', 'm3')
    expect([code, said]).toEqual([1, ''])
    expect(complained).toMatch(/no stanza in this recording has the id "m3"; near it are "m1", "m2"/)
  })
})

test.each([
  [['--from', 'noon'], '--from: found "noon", allowed: a time as'],
  [['--until', '#0'], '--until: found "#0", allowed: '],
  [['--account', 'romeo@localhost/desk'], '--account: found "romeo@localhost/desk", allowed: a bare JID'],
  [['--explain', 'm1', '--from', '#1'], '--explain tells all there is of one stanza'],
])('%j is wrong usage', async (args, complaint) => {
  const { code, said, complained } = await replay(whole, ...args)
  expect([code, said, complained]).toEqual([2, '', expect.stringContaining(complaint)])
})

describe('the progress', () => {
  const written = (isTTY: boolean, play: (progress: ReturnType<typeof createProgress>, tick: () => void) => void) => {
    let text = ''
    let now = 0
    const progress = createProgress({ isTTY, write: more => (text += more) }, 4_000_000, () => now)
    play(progress, () => {
      now += 100
    })
    return text
  }

  test('is one line on a terminal, at most ten times a second, and goes away', () =>
    expect(
      written(true, (progress, tick) => {
        progress.add(1_000_000)
        tick()
        progress.add(1_000_000)
        progress.add(1_000_000)
        progress.clear()
        progress.clear()
      }),
    ).toBe('\r\u001b[Kreplaying: 2.0 MB of 4.0 MB\r\u001b[K'))

  test('is nothing elsewhere', () =>
    expect(
      written(false, (progress, tick) => {
        tick()
        progress.add(1_000_000)
        progress.clear()
      }),
    ).toBe(''))
})
