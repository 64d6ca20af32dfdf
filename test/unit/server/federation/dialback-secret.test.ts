import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { left, right } from 'fp-ts/lib/Either.js'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadDialbackSecret } from '../../../../apps/server/src/federation/dialback-secret.js'

describe('the secret of a server', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'smacks-dialback-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const file = () => join(folder, 'data', 'dialback-secret')
  const load = () => loadDialbackSecret(join(folder, 'data'))

  test('is made once, at random, for its owner only', async () => {
    const first = await load()
    expect(first).toEqual(right(expect.stringMatching(/^[0-9a-f]{64}$/)))
    expect(await load()).toEqual(first)
    expect(statSync(file()).mode & 0o777).toBe(0o600)
    expect(readdirSync(join(folder, 'data'))).toEqual(['dialback-secret'])
    expect(await loadDialbackSecret(join(folder, 'other'))).not.toEqual(first)
  })

  test.each(['', 'x', 'a'.repeat(63), `${'a'.repeat(64)}b`])('is made anew where the file holds %j', async damaged => {
    mkdirSync(join(folder, 'data'))
    writeFileSync(file(), damaged)
    const made = await load()
    expect(made).toEqual(right(readFileSync(file(), 'utf8').trimEnd()))
    expect(await load()).toEqual(made)
  })

  test('that cannot be kept is told', async () => {
    mkdirSync(file(), { recursive: true })
    expect(await load()).toEqual(left(expect.stringContaining(`The secret of dialback cannot be kept in ${file()}: `)))
  })
})
