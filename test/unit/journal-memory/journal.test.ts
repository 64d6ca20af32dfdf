import { journalMemory } from '@smacks/journal-memory'
import { offlineMemory } from '@smacks/offline-memory'
import type { Change, OfflineStore } from '@smacks/runtime'
import { describe, expect, it } from 'vitest'

const romeo = 'romeo@example.net'
const put: Change<string> = {
  _tag: 'PutOffline',
  account: romeo,
  stanza: 'one',
  facts: { name: 'message', type: 'chat' },
  at: 1000,
}
const remember: Change<string> = { _tag: 'PutOldSession', account: romeo, session: { smId: 'sm-1', h: 7, at: 1000 } }

describe('the journal in memory', () => {
  it('is done when commit returns, so that the turn goes on at once', () => {
    const offline = offlineMemory<string>()
    const journal = journalMemory({ offline })
    expect(journal.commit([put, remember])).toBeUndefined()
    expect(offline.count(romeo)).toBe(1)
    expect(journal.oldSessions(romeo)).toEqual([{ smId: 'sm-1', h: 7, at: 1000 }])
  })

  it('rejects, and keeps nothing of its own, when the offline store fails', async () => {
    const failing: OfflineStore<string> = {
      apply: () => {
        throw new Error('the store is on strike')
      },
      read: () => [],
      count: () => 0,
      usage: () => ({ count: 0, size: 0 }),
    }
    const journal = journalMemory({ offline: failing })
    await expect(journal.commit([remember, put])).rejects.toThrow(
      `PutOffline for ${romeo}: Error: the store is on strike`,
    )
    expect(journal.oldSessions(romeo)).toEqual([])
  })

  it('holds nothing for accounts whose sessions are forgotten', () => {
    const journal = journalMemory({ offline: offlineMemory<string>() })
    journal.commit([remember, { _tag: 'DropOldSession', account: romeo, smId: 'sm-1' }])
    expect(journal.oldSessions(romeo)).toEqual([])
  })
})
