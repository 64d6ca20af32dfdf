/** A data folder that cannot be: every command says which, and why, and ends. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../support/places.js'
import { launch } from '../support/server.js'
import { missing, target } from '../support/targets.js'

const skipped = missing ?? (target === 'smacks' ? undefined : 'of this server only')
const command = fileURLToPath(new URL('../../apps/server/bin/smacks.mjs', import.meta.url))
const folder = temporaryFolder('no-data')
afterAll(folder.remove)

const inFolder = (name: string): string => join(folder.path, name)
writeFileSync(inFolder('file'), 'no folder')
mkdirSync(inFolder('folder'))
symlinkSync(inFolder('nowhere'), inFolder('dangling'))

/** Runs a command on this configuration; it must end by itself. */
const run = async (name: string, lines: Readonly<Record<string, string>>, ...args: ReadonlyArray<string>) => {
  const file = inFolder(`${name}.toml`)
  const toml = Object.entries(lines).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`)
  writeFileSync(file, `${toml.join('')}[c2s]\nlisten = "127.0.0.1:0"\n`)
  const { exited, output } = launch(process.execPath, [command, ...args, '--config', file])
  const code = await exited
  return { code, output: output() }
}

/** `/proc` is there, and takes no entries; its like are on other systems. */
const impossible: ReadonlyArray<readonly [what: string, path: string, reason: string]> = [
  ['a folder where nothing can be made', '/proc/foo', 'nothing can be made in /proc'],
  ['one below it', '/proc/foo/bar', 'nothing can be made in /proc'],
  ['a file', inFolder('file'), 'is there, and is no directory'],
  ['something below a file', inFolder('file/data'), 'ENOTDIR'],
  ['a link that leads nowhere', inFolder('dangling'), 'EEXIST'],
]

describe.skipIf(skipped !== undefined || process.platform !== 'linux')('where the data folder is', () => {
  test.each(impossible)(
    '%s (%s), all commands that need it say so at once',
    async (what, path, reason) => {
      const name = what.replaceAll(' ', '-')
      for (const args of [['serve'], ['user', 'list'], ['user', 'add', 'romeo@localhost', 'secret']]) {
        const { code, output } = await run(name, { data: path }, ...args)
        expect([args[0], code]).toEqual([args[0], 1])
        expect(output).toContain(`cannot make the directory ${path}: `)
        expect(output).toContain(reason)
      }
    },
    90_000,
  )

  test('as it should be, and that of recordings cannot be made', async () => {
    const { code, output } = await run('recordings', { data: inFolder('folder') }, 'serve', '--record', '/proc/foo')
    expect(code).toBe(1)
    expect(output).toContain('recordings cannot be put into /proc/foo: ')
    expect(output).toContain('nothing can be made in /proc')
  }, 90_000)

  test('made with those above it, for its owner only', async () => {
    const data = inFolder('folder/one/two')
    const { code } = await run('nested', { data }, 'user', 'list')
    expect(code).toBe(0)
  }, 90_000)
})
