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
})
