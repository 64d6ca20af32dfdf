/**
 * Stories of the core, told in text files. With SMACKS_REWRITE=1 the files are rewritten to what the core does
 * now; commit such a change only if you know why it is right.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { rewriteTranscript, runTranscript } from '@smacks/testkit'
import { describe, expect, it } from 'vitest'

const folder = new URL('.', import.meta.url)
const files = readdirSync(folder).filter(name => name.endsWith('.txt'))

for (const file of files) {
  const path = fileURLToPath(new URL(file, folder))
  if (process.env.SMACKS_REWRITE === '1') writeFileSync(path, rewriteTranscript(readFileSync(path, 'utf8')))

  describe(file, () => {
    for (const { title, commands, expected, actual } of runTranscript(readFileSync(path, 'utf8')))
      it(title, () => {
        expect([...commands, '----', ...actual].join('\n')).toBe([...commands, '----', ...expected].join('\n'))
      })
  })
}
