import { offlineMemory } from '@smacks/offline-memory'
import { describe, expect, it } from 'vitest'

describe('offline messages in memory', () => {
  it('are the very stanzas that were stored, not copies', () => {
    const offline = offlineMemory<{ readonly body: string }>()
    const stanza = { body: 'wherefore' }
    offline.apply({
      _tag: 'PutOffline',
      account: 'romeo@example.net',
      stanza,
      facts: { name: 'message', type: 'chat' },
      at: 1000,
    })
    expect(offline.read('romeo@example.net')[0]?.stanza).toBe(stanza)
  })

  it('that were read stay as they were read, whatever is dropped later', () => {
    const offline = offlineMemory<string>()
    offline.apply({
      _tag: 'PutOffline',
      account: 'romeo@example.net',
      stanza: 'one',
      facts: { name: 'message', type: 'chat' },
      at: 1000,
    })
    const read = offline.read('romeo@example.net')
    offline.apply({ _tag: 'DropOffline', account: 'romeo@example.net', keys: read.map(({ key }) => key) })
    expect(read.map(({ stanza }) => stanza)).toEqual(['one'])
    expect(offline.count('romeo@example.net')).toBe(0)
  })
})
