/** What a command loads of the server: one that only looks into accounts is over before all of it would be read. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const bin = fileURLToPath(new URL('../../../../apps/server/bin/smacks.mjs', import.meta.url))

/** Says on standard error what is loaded. */
const load =
  "import { writeSync } from 'node:fs'; export const load = (url, context, next) => { writeSync(2, url + '\\n'); return next(url, context) }"
const dataUrl = (source: string): string => `data:text/javascript,${encodeURIComponent(source)}`
const hook = dataUrl(`import { register } from 'node:module'; register(${JSON.stringify(dataUrl(load))})`)

/** The packages of ours and of others that this command line loads. */
const loadedBy = (...args: ReadonlyArray<string>): ReadonlySet<string> => {
  const { status, stderr } = spawnSync(process.execPath, ['--import', hook, bin, ...args], { encoding: 'utf8' })
  expect(status, stderr).toBe(0)
  const names = Array.from(
    stderr.matchAll(/\/(?:packages|node_modules)\/((?:@[^/\n]+\/)?[^/@.][^/\n]*)\/(?!node_modules)/g),
  )
  return new Set(names.flatMap(([, name]) => name ?? []))
}

test('a command loads what it needs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'smacks-loading-'))
  try {
    const config = join(folder, 'smacks.toml')
    writeFileSync(config, `data = '${join(folder, 'data')}'`)
    expect(loadedBy('--help')).not.toContain('journal-lmdb')
    const listing = loadedBy('user', 'list', '--config', config)
    expect(listing).toContain('journal-lmdb')
    for (const name of ['im', 'replay', 'stream-s2s', 'stream-c2s', 'transport-tcp', 'pkijs', 'pino'])
      expect(listing).not.toContain(name)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
