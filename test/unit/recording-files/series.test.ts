import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSeries, type Series, type SeriesOptions } from '../../../packages/recording-files/src/series.js'
import { createDisk, type Disk } from './disk.js'

const start = Date.UTC(2026, 0, 31, 12)
const first = '20260131T120000.000Z-000001.ndjson'
const second = '20260131T120000.000Z-000002.ndjson'

interface Stage {
  readonly disk: Disk
  readonly series: Series
  readonly failures: ReadonlyArray<string>
}

const openStage = (options: Partial<SeriesOptions> = {}, disk = createDisk()): Stage => {
  const failures: Array<string> = []
  const series = createSeries({
    files: disk,
    start,
    maxFiles: 100,
    maxWaitingBytes: 1000,
    onFailure: reason => failures.push(reason),
    ...options,
  })
  return { disk, series, failures }
}

/** Lets all that needs no further input happen. */
const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

describe('a series', () => {
  test('puts lines into a file that is named by its start, and says how long they are', async () => {
    const { disk, series } = openStage()
    expect(series.write('one')).toBe(4)
    expect(series.write('zw\u00f6lf')).toBe(7)
    await series.end()
    expect(disk.files.get(first)).toBe('one\nzw\u00f6lf\n')
    expect(disk.opened()).toBe(0)
  })

  test('makes no file as long as there is no line', async () => {
    const { disk, series } = openStage()
    await series.end()
    expect(disk.files.size).toBe(0)
  })

  test('writes what comes in one turn at once, and what comes during a write with the next', async () => {
    const { disk, series } = openStage()
    series.write('a')
    series.write('b')
    await settled()
    expect(disk.writes).toEqual([4])
    disk.hang()
    series.write('c')
    await settled()
    series.write('d')
    series.write('e')
    await settled()
    disk.proceed()
    await series.end()
    expect(disk.writes).toEqual([4, 2, 4])
    expect(disk.files.get(first)).toBe('a\nb\nc\nd\ne\n')
  })

  test('goes on in the next file after a cut, also if the first is not written yet', async () => {
    const { disk, series } = openStage()
    disk.hang()
    series.write('a')
    series.cut()
    expect(series.file()).toBe(second)
    series.write('b')
    disk.proceed()
    await settled()
    series.cut()
    await settled()
    series.write('c')
    await series.end()
    expect([...disk.files.values()]).toEqual(['a\n', 'b\n', 'c\n'])
    expect(disk.opened()).toBe(0)
  })

  test('takes nothing once it was ended', async () => {
    const { disk, series } = openStage()
    series.write('a')
    const ended = series.end()
    series.write('b')
    await ended
    expect(disk.files.get(first)).toBe('a\n')
  })

  test('tells when something is on disk, once', async () => {
    const told: Array<number> = []
    const { disk, series } = openStage({ onFirstWrite: () => told.push(disk.writes.length) })
    await settled()
    expect(told).toEqual([])
    series.write('a')
    await settled()
    series.write('b')
    await series.end()
    expect(told).toEqual([1])
  })

  test('loses, doubles and reorders nothing, whatever the disk does in between', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('line', 'cut', 'hang', 'proceed', 'turn'), { maxLength: 60 }),
        async acts => {
          const { disk, series, failures } = openStage({ maxWaitingBytes: 1_000_000 })
          let lines = 0
          for (const act of acts) {
            if (act === 'line') {
              lines += 1
              series.write(`line ${lines}`)
            }
            if (act === 'cut') series.cut()
            if (act === 'hang') disk.hang()
            if (act === 'proceed') disk.proceed()
            if (act === 'turn') await settled()
          }
          disk.proceed()
          await series.end()
          expect([...disk.files.values()].join('')).toBe(
            Array.from({ length: lines }, (_, index) => `line ${index + 1}\n`).join(''),
          )
          expect(disk.writesAtOnce()).toBeLessThanOrEqual(1)
          expect(disk.opened()).toBe(0)
          expect(failures).toEqual([])
        },
      ),
    ))
})

describe('the number of files', () => {
  test('is bound: the oldest recordings go, and nothing that is none', async () => {
    const disk = createDisk()
    const older = ['20250101T000000.000Z-000001.ndjson', '20250101T000000.000Z-000002.ndjson']
    for (const name of [...older, 'notes.txt', '2026.ndjson']) await (await disk.create(name)).close()
    const { series } = openStage({ maxFiles: 2 }, disk)
    series.write('a')
    await settled()
    expect([...disk.files.keys()].sort()).toEqual([older[1], '2026.ndjson', first, 'notes.txt'])
    series.cut()
    series.write('b')
    await series.end()
    expect([...disk.files.keys()].sort()).toEqual(['2026.ndjson', first, second, 'notes.txt'])
  })

  test('may be one', async () => {
    const { disk, series } = openStage({ maxFiles: 1 })
    series.write('a')
    series.cut()
    series.write('b')
    await series.end()
    expect([...disk.files]).toEqual([[second, 'b\n']])
  })
})

describe('a disk that fails', () => {
  test('is told once, and what is on it ends with a whole line', async () => {
    const { disk, series, failures } = openStage()
    series.write('whole')
    await settled()
    disk.room(3)
    series.write('half')
    await settled()
    series.write('after')
    await series.end()
    expect(disk.files.get(first)).toBe('whole\n')
    expect(failures).toEqual(['ENOSPC: no space left on device, write'])
    expect(disk.opened()).toBe(0)
  })

  test('keeps no file of which nothing was written', async () => {
    const { disk, series, failures } = openStage()
    disk.room(0)
    series.write('a')
    await series.end()
    expect([...disk.files]).toEqual([])
    expect(failures).toHaveLength(1)
  })

  test('is told when it fails at the end, too', async () => {
    const { disk, series, failures } = openStage()
    disk.room(0)
    series.write('a')
    await series.end()
    expect(failures).toEqual(['ENOSPC: no space left on device, write'])
  })

  test('is told when no file can be made', async () => {
    const { disk, series, failures } = openStage()
    disk.refuse('EACCES: permission denied')
    series.write('a')
    await series.end()
    expect(failures).toEqual(['EACCES: permission denied'])
  })
})

describe('a disk that is too slow', () => {
  test('ends the series, which is whole up to there', async () => {
    const { disk, series, failures } = openStage({ maxWaitingBytes: 10 })
    disk.hang()
    for (let line = 1; line <= 4; line += 1) series.write('1234')
    expect(failures).toEqual([])
    series.write('1234')
    series.write('1')
    expect(failures).toEqual(['the disk does not keep up: 20 bytes wait for it'])
    disk.proceed()
    await series.end()
    expect(disk.files.get(first)).toBe('1234\n'.repeat(4))
  })

  test('still takes a line that is longer than all that may wait, and what belongs to it', async () => {
    const { disk, series, failures } = openStage({ maxWaitingBytes: 10 })
    disk.hang()
    for (const line of ['header', 'x'.repeat(100), 'event']) series.write(line)
    disk.proceed()
    await series.end()
    expect(failures).toEqual([])
    expect(disk.files.get(first)).toBe(`header\n${'x'.repeat(100)}\nevent\n`)
  })
})
