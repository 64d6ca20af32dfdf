import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openEnvironment } from '@smacks/journal-lmdb'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runCommand } from '../../../../apps/server/src/command/program.js'
import { ownData } from '../../../../apps/server/src/control/ownership.js'
import { temporaryFolder } from '../../../support/places.js'
import { fakeTerminal } from './terminal.js'

let folder: ReturnType<typeof temporaryFolder>
let file: string
beforeEach(() => {
  folder = temporaryFolder('journal')
  file = join(folder.path, 'smacks.toml')
  writeFileSync(file, 'data = "data"\n')
})
afterEach(() => folder.remove())

const data = (): string => join(folder.path, 'data')

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

describe('repair', () => {
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
