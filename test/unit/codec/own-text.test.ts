import { ownText } from '@smacks/codec'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runWithLittleMemory } from '../../support/little-memory.js'

describe('a text of its own', () => {
  it('is the same text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), text => ownText(text) === text))
  })

  it('does not keep what it came in, and neither does a remembered address or the version of a session', async () => {
    expect(await runWithLittleMemory('../unit/codec/kept-texts.ts')).toBe('4500 kept\n')
  })
})
