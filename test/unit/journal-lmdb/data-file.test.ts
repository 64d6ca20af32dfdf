/** A data file that LMDB would crash on is named before LMDB sees it; one that is mostly free becomes smaller. */
import { copyFileSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { closedInOrder, openEnvironment, shrinkDataFile, spaceOf, verifyDataFiles } from '@smacks/journal-lmdb'
import { describe, expect, it } from 'vitest'
import { ground } from './ground.js'

const { path } = ground()
const file = () => join(path(), 'data.mdb')

/** A file with pages of all kinds; `keep` is how many of 40 parts stay. */
const fill = async (keep = 40, valueSize = 300): Promise<void> => {
  const env = openEnvironment({ path: path(), durability: 'process' })
  const database = env.openDB<string, [string, number, number]>({ name: 'tests', encoding: 'string' })
  for (let part = 0; part < 40; part += 1)
    env.transactionSync(() => {
      for (let n = 0; n < 100; n += 1)
        database.putSync(['account', part, n], 'v'.repeat(n % 25 === 0 ? 20_000 : valueSize))
    })
  for (let part = keep; part < 40; part += 1)
    env.transactionSync(() => {
      for (let n = 0; n < 100; n += 1) database.removeSync(['account', part, n])
    })
  await env.close()
}

const cutTo = (bytes: number): void => {
  copyFileSync(file(), join(path(), 'whole'))
  truncateSync(file(), bytes)
}

describe('a data file', () => {
  it.each([
    ['at nothing', () => 0, 'it is empty, which a data file never is'],
    ['in its first meta page', () => 100, 'it is cut off in its first meta page'],
    ['in its second meta page', () => 4_096, 'it is cut off in its second meta page'],
    ['behind its meta pages', () => 8_192, /reading it ends in a crash of LMDB \(SIG/],
    ['in the middle', (size: number) => Math.floor(size / 2), /reading it ends in a crash of LMDB \(SIG/],
  ])('that is cut off %s is refused with what to do, and left as it is', async (_, cut, reason) => {
    await fill()
    const { size } = statSync(file())
    cutTo(cut(size))
    for (const open of [
      (at: string) => verifyDataFiles([at]),
      (at: string) => openEnvironment({ path: at, durability: 'process' }),
    ]) {
      expect(() => void open(path())).toThrow(reason)
      expect(() => void open(path())).toThrow('restore it from a backup or move it away')
    }
    expect(statSync(file()).size).toBe(cut(size))
    copyFileSync(join(path(), 'whole'), file())
    verifyDataFiles([path()])
  })

  it.each([
    [24, 'its first meta page has no magic number'],
    [18, 'its first meta page is not marked as one'],
    [28, 'its first meta page has version'],
    [48, 'its first meta page says that pages have'],
    [4_096 + 24, 'its second meta page has no magic number'],
  ])('whose byte %d is another is refused', async (place, reason) => {
    await fill()
    const bytes = readFileSync(file())
    bytes[place] = (bytes[place] ?? 0) ^ 0x4d
    writeFileSync(file(), bytes)
    expect(() => verifyDataFiles([path()])).toThrow(reason)
  })

  it('is read unless it is as it was closed in good order', async () => {
    await fill()
    verifyDataFiles([path()])
    closedInOrder(path())
    verifyDataFiles([path()])
    closedInOrder(path())
    // As a power loss may leave it: as long as it was, and the second half never came to the disk.
    const { size } = statSync(file())
    truncateSync(file(), size / 2)
    truncateSync(file(), size)
    expect(() => verifyDataFiles([path()])).toThrow('is damaged')
  })

  it('that is not there is none to complain of', () => {
    verifyDataFiles([path()])
    expect(readdirSync(path())).toEqual([])
  })
})

describe('a data file that is mostly free', () => {
  it('is written anew, with all that is in it', async () => {
    await fill(4, 8_000)
    const before = statSync(file()).size
    const shrunk = await shrinkDataFile(path(), 1_000_000)
    expect(shrunk).toEqual({ before, after: statSync(file()).size })
    expect(statSync(file()).size).toBeLessThan(before / 4)
    expect(readdirSync(path()).sort()).toEqual(['data.mdb', 'lock.mdb'])
    verifyDataFiles([path()])
    const env = openEnvironment({ path: path(), durability: 'process' })
    const database = env.openDB<string, [string, number, number]>({ name: 'tests', encoding: 'string' })
    expect(database.getKeysCount({})).toBe(400)
    expect(database.get(['account', 3, 99])).toHaveLength(8_000)
    expect(spaceOf(env, path()).free).toBeLessThan(100_000)
    await env.close()
  })

  it('stays as it is where less is free than is worth it', async () => {
    await fill(4, 8_000)
    const before = statSync(file()).size
    expect(await shrinkDataFile(path(), 1_000_000_000)).toBeUndefined()
    expect(statSync(file()).size).toBe(before)
  })
})
