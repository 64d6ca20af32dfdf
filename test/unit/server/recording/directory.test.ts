import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { defaultServerConfig } from '@smacks/server'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDirectory, recordingDirectory } from '../../../../apps/server/src/recording/directory.js'
import { temporaryFolder } from '../../../support/places.js'

let folder: ReturnType<typeof temporaryFolder>
beforeEach(() => {
  folder = temporaryFolder('directory')
})
afterEach(() => folder.remove())

const bytes = (text: string): Uint8Array => Buffer.from(text)

describe('a directory of recordings', () => {
  test('is made, for the server alone, with all folders above it', () => {
    const path = join(folder.path, 'a', 'b')
    openDirectory(path)
    expect(statSync(path).mode & 0o777).toBe(0o700)
  })

  test('has files that nobody else may read', async () => {
    const file = await openDirectory(folder.path).create('one')
    await file.write(bytes('a\n'))
    await file.write(bytes('bc\n'))
    await file.truncate(4)
    await file.close()
    expect(statSync(join(folder.path, 'one')).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(folder.path, 'one'), 'utf8')).toBe('a\nbc')
  })

  test('never writes over a file', async () => {
    writeFileSync(join(folder.path, 'one'), 'mine')
    await expect(openDirectory(folder.path).create('one')).rejects.toMatchObject({ code: 'EEXIST' })
    expect(readFileSync(join(folder.path, 'one'), 'utf8')).toBe('mine')
  })

  test('lists and removes, also what is gone', async () => {
    const directory = openDirectory(folder.path)
    for (const name of ['one', 'two']) await (await directory.create(name)).close()
    await directory.remove('one')
    await directory.remove('one')
    expect(await directory.list()).toEqual(['two'])
    expect(readdirSync(folder.path)).toEqual(['two'])
  })

  test('that cannot be made is named, with the reason', () => {
    writeFileSync(join(folder.path, 'file'), '')
    const below = join(folder.path, 'file', 'below')
    expect(() => openDirectory(below)).toThrow(
      `recordings cannot be put into ${below}: cannot make the directory ${below}: ENOTDIR`,
    )
  })

  test('is the one that is configured, or recordings in the data folder', () => {
    const { record } = defaultServerConfig
    expect(recordingDirectory({ data: '/data', record })).toBe('/data/recordings')
    expect(recordingDirectory({ data: '/data', record: { ...record, directory: '/elsewhere' } })).toBe('/elsewhere')
  })
})
