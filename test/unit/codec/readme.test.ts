import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'

const here = fileURLToPath(new URL('.', import.meta.url))
const readme = readFileSync(join(here, '../../../packages/codec/README.md'), 'utf8')

test('the example of the README runs and prints what it says', async () => {
  const [, code = ''] = /```ts\n([\s\S]*?)```/.exec(readme) ?? []
  const [, promised = ''] = /```text\n([\s\S]*?)```/.exec(readme) ?? []
  const printed: Array<string> = []
  const log = vi.spyOn(console, 'log').mockImplementation((...words) => void printed.push(words.join(' ')))
  // Inside the tests' room, so that the example's imports are found as a reader's would be.
  const folder = mkdtempSync(join(here, '.readme-'))
  try {
    writeFileSync(join(folder, 'example.ts'), code)
    await import(join(folder, 'example.ts'))
  } finally {
    log.mockRestore()
    rmSync(folder, { recursive: true })
  }
  expect(`${printed.join('\n')}\n`).toBe(promised)
})
