import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { effectiveUser, type PermissionFinding, permissionFindings } from '../../../apps/server/src/permissions.js'
import { temporaryFolder } from '../../support/places.js'

let folder: ReturnType<typeof temporaryFolder>
beforeEach(() => {
  folder = temporaryFolder('permissions')
})
afterEach(() => folder.remove())

const at = (name: string): string => join(folder.path, name)

/** The folder, the key and the configuration with these modes. */
const judged = (
  { data = 0o700, key = 0o600, config = 0o600 }: Partial<Record<'config' | 'data' | 'key', number>>,
  user = effectiveUser(),
): ReadonlyArray<PermissionFinding> => {
  mkdirSync(at('data'))
  writeFileSync(at('key.pem'), '')
  writeFileSync(at('smacks.toml'), '')
  chmodSync(at('data'), data)
  chmodSync(at('key.pem'), key)
  chmodSync(at('smacks.toml'), config)
  return permissionFindings({ data: at('data'), key: at('key.pem'), configFile: at('smacks.toml') }, user)
}

describe.skipIf(process.platform === 'win32')('permissions', () => {
  test.each([{}, { key: 0o640 }, { key: 0o400 }, { config: 0o644 }, { config: 0o640 }])('%j are good', modes =>
    expect(judged(modes)).toEqual([]),
  )

  test.each([
    [{ data: 0o750 }, 'data', 'chmod 700'],
    [{ data: 0o711 }, 'data', 'chmod 700'],
    [{ data: 0o1777 }, 'data', 'chmod 700'],
    [{ key: 0o644 }, 'key.pem', 'chmod 640'],
    [{ key: 0o660 }, 'key.pem', 'chmod 640'],
    [{ config: 0o664 }, 'smacks.toml', 'chmod go-w'],
    [{ config: 0o666 }, 'smacks.toml', 'chmod go-w'],
  ])('%j are told with path, mode and what to do', (modes, name, advice) => {
    const found = judged(modes)
    expect(found).toHaveLength(1)
    const mode = (Object.values(modes)[0] ?? 0).toString(8).padStart(4, '0')
    expect(found[0]).toMatchObject({ path: at(name), mode, isUnsafe: false })
    for (const part of [at(name), `the mode ${mode}`, `${advice} ${at(name)}`])
      expect(found[0]?.problem).toContain(part)
  })

  test('a configuration that has a token is to be read by nobody else', () => {
    const of = (mode: number): ReadonlyArray<string> => {
      writeFileSync(at('smacks.toml'), '')
      chmodSync(at('smacks.toml'), mode)
      const found = permissionFindings({ data: at('nowhere'), configFile: at('smacks.toml'), hasSecret: true })
      return found.map(({ problem }) => problem)
    }
    expect(of(0o640)).toEqual([])
    expect(of(0o644)).toEqual([expect.stringContaining('has a token and can be read by every user')])
    expect(of(0o660)).toEqual([expect.stringContaining('can be written by others')])
  })

  test.each([{ data: 0o777 }, { data: 0o702 }, { key: 0o666 }])(
    '%j are unsafe: anybody could change what counts',
    modes => expect(judged(modes)).toMatchObject([{ isUnsafe: true }]),
  )

  test("of files that are somebody else's are told, unless they are those of root", () => {
    const owner = effectiveUser() ?? 0
    const found = judged({}, owner + 1)
    expect(found).toHaveLength(owner === 0 ? 0 : 3)
    if (owner !== 0) expect(found[0]?.problem).toContain(`belongs to the user ${owner}`)
  })

  test("of what is not there are nobody's trouble", () =>
    expect(permissionFindings({ data: at('nowhere'), key: at('nowhere/key'), configFile: at('nothing') })).toEqual([]))
})
