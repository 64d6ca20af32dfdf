import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { defaultServerConfig } from '@smacks/server'
import * as Either from 'fp-ts/lib/Either.js'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { describeConfigError, loadConfig } from '../../../../apps/server/src/config/load-config.js'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'smacks-config-'))
  file = join(folder, 'smacks.toml')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const load = (text: string | Uint8Array) => {
  writeFileSync(file, text)
  return loadConfig(file)
}
const problemsOf = (text: string | Uint8Array): ReadonlyArray<string> => {
  const loaded = load(text)
  return Either.isLeft(loaded) ? loaded.left.problems : []
}

describe('a configuration', () => {
  test('without a file is the defaults, with its data below the working directory', () =>
    expect(loadConfig()).toEqual(Either.right({ ...defaultServerConfig, data: resolve('data') })))

  test('of an empty file is the defaults, with its data beside the file', () =>
    expect(load('')).toEqual(Either.right({ ...defaultServerConfig, data: join(folder, 'data') })))

  test('has paths that start where the file is', () =>
    expect(
      load(
        'data = "../d"\n[tls]\ncertificate = "cert.pem"\nkey = "/etc/key.pem"\n[record]\ndirectory = "r"\n[s2s]\nca = "roots.pem"',
      ),
    ).toMatchObject({
      right: {
        data: resolve(folder, '../d'),
        tls: { certificate: join(folder, 'cert.pem'), key: '/etc/key.pem' },
        record: { directory: join(folder, 'r') },
        s2s: { ca: join(folder, 'roots.pem') },
      },
    }))

  test('has what the file says, and defaults for the rest', () =>
    expect(load('domains = ["example.org"]\n[c2s]\nlisten = "127.0.0.1:15222"')).toMatchObject({
      right: {
        domains: ['example.org'],
        c2s: { listen: [{ host: '127.0.0.1', port: 15222 }], requireEncryption: true },
        limits: defaultServerConfig.limits,
      },
    }))
})

describe('what is wrong is told', () => {
  test('when there is no file', () =>
    expect(loadConfig(file)).toEqual(Either.left({ file, problems: ['There is no such file.'] })))

  test('when it is a folder', () => {
    mkdirSync(file)
    expect(loadConfig(file)).toMatchObject({ left: { problems: ['It is a folder; a file is needed.'] } })
  })

  test('with line and column, when it is no TOML', () => {
    const [problem = ''] = problemsOf('domains = ["localhost"]\ndata = = "x"\n')
    expect(problem).toMatch(/^Line 2, column 8 is no TOML: /)
    expect(problem).toContain('data = = "x"')
  })

  test('when it is no UTF-8', () => expect(problemsOf(Buffer.from([0x61, 0xff]))).toEqual(['It is no UTF-8 text.']))

  test('for a key that nobody knows, with the one that was meant', () => {
    const [problem = ''] = problemsOf('smacks_hibernation_tim = 600')
    expect(problem).toContain('smacks_hibernation_tim')
    expect(problem).toContain('smacks_hibernation_time')
  })

  test('for each thing at once, with key, value and what is allowed', () => {
    const problems = problemsOf('durability = "ram"\nsmacks_max_queue_size = -1\n[c2s]\nlisten = 5222')
    expect(problems).toHaveLength(3)
    expect(problems.join('\n')).toMatch(/durability.*ram[\s\S]*memory/)
    expect(problems.join('\n')).toMatch(/smacks_max_queue_size.*-1/)
    expect(problems.join('\n')).toMatch(/c2s\.listen.*5222/)
  })

  test('as a list under the name of the file', () =>
    expect(describeConfigError({ file: 'smacks.toml', problems: ['One.', 'Two\nlines.'] })).toBe(
      'smacks.toml cannot be used:\n  - One.\n  - Two\n    lines.',
    ))
})
