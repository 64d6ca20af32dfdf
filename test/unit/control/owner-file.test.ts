import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { foreignOwner, ownData } from '@smacks/control'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { livingOwner, removeOwner, writeOwner } from '../../../packages/control/src/owner-file.js'
import { temporaryFolder } from '../../support/places.js'
import { end, launch } from '../../support/server.js'

let folder: ReturnType<typeof temporaryFolder>
beforeEach(() => {
  folder = temporaryFolder('owner')
})
afterEach(() => folder.remove())

const file = (): string => join(folder.path, 'server.pid')
const log = { error: () => {}, warn: () => {} }

/** Writes that another process, which lives, owns the folder. */
const ownedByAnother = async () => {
  const other = launch(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  const { pid } = other.process
  writeOwner(folder.path)
  const started = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19]
  const own: object = JSON.parse(readFileSync(file(), 'utf8'))
  writeFileSync(file(), JSON.stringify({ ...own, pid, started }))
  return { pid, other }
}

describe.skipIf(process.platform !== 'linux')('the owner of a data folder', () => {
  test('is nobody else if it is this process, or if nobody wrote anything', () => {
    expect(livingOwner(folder.path)).toBeUndefined()
    writeOwner(folder.path)
    expect(livingOwner(folder.path)).toBeUndefined()
    removeOwner(folder.path)
    expect(() => readFileSync(file())).toThrow('ENOENT')
  })

  test('is known while it lives, also without a socket, and nobody takes its place', async () => {
    const { pid, other } = await ownedByAnother()
    expect(livingOwner(folder.path)).toBe(pid)
    const text = `a server (process ${pid}) runs on the data in ${folder.path}, and nothing answers at its control socket`
    expect(await foreignOwner({ data: folder.path })).toContain(text)
    await expect(ownData({ config: { data: folder.path }, handlers: () => [], log })).rejects.toThrow(text)
    removeOwner(folder.path)
    expect(livingOwner(folder.path)).toBe(pid)
    await end(other)
    expect(livingOwner(folder.path)).toBeUndefined()
    const owned = await ownData({ config: { data: folder.path }, handlers: () => [], log })
    await owned.close()
  })

  test('is not whoever has its process id now', async () => {
    const { other } = await ownedByAnother()
    const written: object = JSON.parse(readFileSync(file(), 'utf8'))
    for (const change of [{ started: '1' }, { boot: 'another' }]) {
      writeFileSync(file(), JSON.stringify({ ...written, ...change }))
      expect(livingOwner(folder.path)).toBeUndefined()
    }
    await end(other)
  })

  test.each(['', 'nonsense', '{"pid":"1"}'])('cannot be read from %j', text => {
    writeFileSync(file(), text)
    expect(livingOwner(folder.path)).toBeUndefined()
  })
})
