/** What `smacks backup` says and refuses; backups under load are in `integration/backup.test.ts`. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runCommand } from '../../../../apps/server/src/command/program.js'
import { temporaryFolder } from '../../../support/places.js'
import { fakeTerminal } from './terminal.js'

let folder: ReturnType<typeof temporaryFolder>
beforeEach(() => {
  folder = temporaryFolder('backup')
  writeFileSync(at('smacks.toml'), 'data = "data"\n')
  writeFileSync(at('copy.toml'), 'data = "copy"\n')
})
afterEach(() => folder.remove())

const at = (name: string): string => join(folder.path, name)

const command = async (args: ReadonlyArray<string>, config = 'smacks.toml', input?: string) => {
  const terminal = fakeTerminal(input === undefined ? {} : { input })
  const code = await runCommand([...args, '--config', at(config)], {
    terminal,
    signals: { on: () => {}, off: () => {}, exit: () => {} },
    loadParts: () => Promise.reject(new Error('no server here')),
  })
  return { code, said: terminal.said(), complained: terminal.complained() }
}

const addRomeo = () => command(['user', 'add', 'romeo@localhost', 'montague'])

describe('a backup', () => {
  test('is a data folder: it has the accounts, and the files that others know the server by', async () => {
    await addRomeo()
    writeFileSync(at('data/self-signed.pem'), 'a certificate', { mode: 0o600 })
    writeFileSync(at('data/dialback-secret'), 'a secret', { mode: 0o600 })
    mkdirSync(at('data/recordings'))
    mkdirSync(at('copy'))
    const { code, said } = await command(['backup', at('copy')])
    expect([code, said.split(', ')[0]]).toEqual([0, `${at('copy')} has all of ${at('data')}: 1 accounts`])
    expect(readdirSync(at('copy')).sort()).toEqual(['accounts', 'dialback-secret', 'self-signed.pem'])
    expect(readFileSync(at('copy/self-signed.pem'), 'utf8')).toBe('a certificate')
    expect([at('copy'), at('copy/accounts')].map(path => statSync(path).mode & 0o777)).toEqual([0o700, 0o700])
    expect(statSync(at('copy/dialback-secret')).mode & 0o777).toBe(0o600)
    expect(await command(['user', 'list'], 'copy.toml')).toMatchObject({ code: 0, said: 'romeo@localhost\n' })
  })

  test('is refused where something is, in the data folder, and where there is none', async () => {
    await addRomeo()
    writeFileSync(at('file'), '')
    mkdirSync(at('full'))
    writeFileSync(at('full/file'), '')
    for (const [dir, reason] of [
      ['file', 'is there already'],
      ['full', 'is there already'],
      ['data/backups/monday', 'would go with it'],
      ['data', 'is there already'],
    ])
      expect(await command(['backup', at(dir ?? '')])).toMatchObject({
        code: 2,
        said: '',
        complained: expect.stringContaining(reason ?? ''),
      })
    expect(await command(['backup', at('other')], 'copy.toml')).toMatchObject({
      code: 1,
      complained: expect.stringContaining(`${at('copy')} is no data folder`),
    })
    expect(existsSync(at('copy'))).toBe(false)
  })

  test('that fails leaves nothing', async () => {
    await addRomeo()
    writeFileSync(at('data/accounts/data.mdb'), 'no database')
    const { code, complained } = await command(['backup', at('backup')])
    expect([code, complained]).toEqual([1, expect.stringContaining('There is no backup: ')])
    expect(readdirSync(folder.path).filter(name => name.startsWith('backup'))).toEqual([])
  })
})
