import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { openEnvironment } from '@smacks/journal-lmdb'
import { expect, test } from 'vitest'
import { openAccounts } from '../../../../apps/server/src/accounts/lmdb-accounts.js'

/** Copies a record to another name, in a process of its own. */
const copyElsewhere = (folder: string, from: string, to: string): void => {
  const lmdb = pathToFileURL(createRequire(import.meta.url).resolve('lmdb')).href
  const script = `
    import lmdb from ${JSON.stringify(lmdb)}
    const env = lmdb.open({ path: ${JSON.stringify(folder)}, noSubdir: false })
    const records = env.openDB({ name: 'accounts', encoding: 'json' })
    await records.put(${JSON.stringify(to)}, records.get(${JSON.stringify(from)}))
    await env.close()`
  execFileSync(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'ignore', 'inherit'] })
}

test('an account that another process adds is there', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'smacks-accounts-'))
  const env = openEnvironment({ path: folder, durability: 'process' })
  const accounts = openAccounts({ env, iterations: 4096 })
  await accounts.add('romeo@example.org', 'pencil')
  expect(accounts.exists('juliet@example.org')).toBe(false)
  copyElsewhere(folder, 'example.org romeo', 'example.org juliet')
  await expect.poll(() => accounts.exists('juliet@example.org')).toBe(true)
  expect(accounts.keys('juliet@example.org', 'SHA-1')).toEqual(accounts.keys('romeo@example.org', 'SHA-1'))
  await env.close()
  rmSync(folder, { recursive: true, force: true })
})
