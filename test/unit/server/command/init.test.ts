import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isRight } from 'fp-ts/lib/Either.js'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type CommandHost, runCommand } from '../../../../apps/server/src/command/program.js'
import { loadConfig } from '../../../../apps/server/src/config/load-config.js'
import { defaultServerConfig } from '../../../../apps/server/src/config/server-config.js'
import { fakeTerminal } from './terminal.js'

const bin = fileURLToPath(new URL('../../../../apps/server/bin', import.meta.url))

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'smacks-init-'))
  file = join(folder, 'smacks.toml')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const command = async (...args: ReadonlyArray<string>) => {
  const terminal = fakeTerminal()
  const unused = () => {
    throw new Error('not asked for here')
  }
  const signals = { on: unused, off: unused, exit: unused }
  const host: CommandHost = { terminal, signals, loadParts: unused }
  return { code: await runCommand(args, host), said: terminal.said(), complained: terminal.complained() }
}

describe('init', () => {
  test('writes all options with their defaults, and the domains that are asked for', async () => {
    const { code, said } = await command('init', file, '--domain', 'example.org', 'bücher.example')
    expect(code).toBe(0)
    expect(said).toContain(`smacks user add you@example.org --config ${file}\n`)
    const loaded = loadConfig(file)
    const expected = { ...defaultServerConfig, domains: ['example.org', 'bücher.example'], data: join(folder, 'data') }
    expect(isRight(loaded) ? loaded.right : loaded.left).toEqual(expected)
    expect((await command('check-config', file)).code).toBe(0)
  })

  test('never writes over a file', async () => {
    writeFileSync(file, 'mine')
    const { code, complained } = await command('init', file)
    expect(code).toBe(1)
    expect(complained).toContain(`${file} is not written: it is there already, and stays as it is.`)
    expect(readFileSync(file, 'utf8')).toBe('mine')
    expect((await command('init', join(folder, 'nowhere', 'f'))).complained).toContain('ENOENT')
  })

  test('writes to standard output, too', async () => {
    const { said } = await command('init', '-')
    expect(said).toMatch(/^domains = \["localhost"\]\n/)
  })
})

describe('check-config', () => {
  test.each([
    ['a-file', 'is a file; a folder is needed'],
    ['a-file/data', 'which is a file; a folder is needed'],
    ['/proc/data', '/proc/data is to be made in /proc, which is no place for files'],
    ['/sys', '/sys is no place for files'],
  ])('refuses %s as data folder', async (data, problem) => {
    writeFileSync(join(folder, 'a-file'), '')
    writeFileSync(file, `data = "${data}"\n`)
    const { code, complained } = await command('check-config', file)
    expect(complained).toContain(problem)
    expect(code).toBe(78)
  })
})

describe('serve --port', () => {
  test.each([
    ['x', 'found "x", allowed: 0 to 65535'],
    ['65536', 'found "65536", allowed: 0 to 65535'],
    ['-1', 'found "-1", allowed: 0 to 65535'],
  ])('does not take %s', async (port, complaint) => {
    const { code, complained } = await command('serve', `--port=${port}`)
    expect(complained).toContain(complaint)
    expect(code).toBe(2)
  })

  test('needs an address whose port it is', async () => {
    writeFileSync(file, '[c2s]\nlisten = []\ndirect_tls = "127.0.0.1:5223"\n')
    const { code, complained } = await command('serve', '--config', file, '--port', '5322')
    expect(complained).toContain('--port goes with an address in c2s.listen; the configuration has none.')
    expect(code).toBe(2)
  })
})

describe('the help', () => {
  test('is there before anything is built, and is the same', async () => {
    expect(readFileSync(join(bin, 'help.txt'), 'utf8')).toBe((await command('--help')).said)
    cpSync(bin, join(folder, 'bin'), { recursive: true })
    const run = (...args: ReadonlyArray<string>) =>
      spawnSync(process.execPath, [join(folder, 'bin', 'smacks.mjs'), ...args], { encoding: 'utf8' })
    const help = run('--help')
    expect(help.stdout).toBe(readFileSync(join(bin, 'help.txt'), 'utf8'))
    expect(help.status).toBe(0)
    expect(run('serve')).toMatchObject({ status: 1, stdout: '', stderr: expect.stringContaining('npm run build') })
  })
})
