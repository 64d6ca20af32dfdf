import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runWithLittleMemory } from '../../support/little-memory.js'

describe('the memory of a hibernating session', () => {
  let path = ''
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'smacks-waiting-'))
  })
  afterEach(() => rmSync(path, { recursive: true }))

  it.each(['process', 'disk'])(
    'holds none of 96 MB that wait for it, before or after a restart, where there are 64 MB (%s)',
    async durability => {
      expect(await runWithLittleMemory('../unit/runtime/waiting.ts', [path, durability])).toBe(
        '1500 wait, 1500 of them in storage\n'.repeat(2),
      )
    },
  )

  it.each([
    ['process', 'at once'],
    ['process', 'after a restart'],
    ['disk', 'at once'],
    ['disk', 'after a restart'],
  ])(
    'is not needed for its end, where 96 MB are stored for later (%s, %s)',
    async (durability, how) => {
      expect(await runWithLittleMemory('../unit/runtime/ending.ts', [path, durability, how])).toBe(
        'orchard ended: expired\n1500 stored, in order; 0 sessions, nothing to settle\n',
      )
    },
    60_000,
  )

  it.each(['process', 'disk'])(
    'is not needed where the process is killed while that is stored (%s)',
    async durability => {
      await expect(runWithLittleMemory('../unit/runtime/ending.ts', [path, durability, 'is killed'])).rejects.toThrow(
        'SIGKILL',
      )
      expect(await runWithLittleMemory('../unit/runtime/ending.ts', [path, durability, 'goes on'])).toBe(
        '1500 stored, in order; 0 sessions, nothing to settle\n',
      )
    },
    60_000,
  )
})
