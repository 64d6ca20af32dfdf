/** The examples of all READMEs run as they are printed, and print what they say; so does the configuration shown. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { decodeServerConfig, defaultServerConfig } from '@smacks/server'
import { isRight } from 'fp-ts/lib/Either.js'
import { generate } from 'selfsigned'
import { parse } from 'smol-toml'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** Inside the tests' room, so that the examples' imports are found as a reader's would be. */
const generated = fileURLToPath(new URL('./.generated', import.meta.url))
/** Where the examples run: with a certificate, since that is what a reader would have at hand. */
const workplace = mkdtempSync(join(tmpdir(), 'smacks-readme-'))

const readmes = ['README.md', ...readdirSync(join(root, 'packages')).map(room => `packages/${room}/README.md`)]

interface Example {
  readonly name: string
  readonly code: string
  /** What it says it prints, in the block that follows it. */
  readonly promised: string | undefined
}

const examplesOf = (readme: string): ReadonlyArray<Example> =>
  [...readFileSync(join(root, readme), 'utf8').matchAll(/```ts\n([\s\S]*?)```\n(?:\n```text\n([\s\S]*?)```)?/g)].map(
    ([, code = '', promised], index) => ({ name: `${readme.replace(/\W/g, '-')}-${index + 1}`, code, promised }),
  )

/** Runs an example and gives what it printed. */
const run = async ({ name, code }: Example): Promise<string> => {
  const printed: Array<string> = []
  const log = vi.spyOn(console, 'log').mockImplementation((...words) => void printed.push(`${words.join(' ')}\n`))
  try {
    writeFileSync(join(generated, `${name}.ts`), code)
    await import(join(generated, `${name}.ts`))
  } finally {
    log.mockRestore()
  }
  return printed.join('')
}

const home = process.cwd()

beforeAll(async () => {
  mkdirSync(generated, { recursive: true })
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }])
  writeFileSync(join(workplace, 'cert.pem'), cert)
  writeFileSync(join(workplace, 'key.pem'), key)
  process.chdir(workplace)
})

afterAll(() => {
  process.chdir(home)
  for (const folder of [generated, workplace]) rmSync(folder, { recursive: true, force: true })
})

for (const readme of readmes)
  describe(readme, () => {
    // An example that declares tests is for a test runner of the reader's; it cannot run inside a test.
    for (const example of examplesOf(readme).filter(({ code }) => !code.includes("from 'vitest'")))
      it(`${example.name} runs, and prints what it says`, async () => {
        const printed = await run(example)
        if (example.promised !== undefined) expect(printed).toBe(example.promised)
      })
  })

describe('the configuration in README.md', () => {
  it('is the whole file with its defaults', () => {
    const [, toml = ''] = /```toml\n([\s\S]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? []
    const decoded = decodeServerConfig(parse(toml))
    expect(isRight(decoded) ? decoded.right : decoded.left).toEqual(defaultServerConfig)
    // It is what `smacks init` writes.
    expect(readFileSync(join(root, 'apps/server/smacks.example.toml'), 'utf8')).toBe(toml)
  })
})
