/** A store of notes that no journal knows, in memory and on LMDB. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { journalLmdb, openEnvironment } from '@smacks/journal-lmdb'
import { journalMemory } from '@smacks/journal-memory'
import { offlineLmdb } from '@smacks/offline-lmdb'
import { offlineMemory } from '@smacks/offline-memory'
import type { AccountId, RegisteredStore, StoreChange } from '@smacks/runtime'
import { type BatchStoreBench, batchStoreCompliance } from '@smacks/testkit'
import { describe, expect, it } from 'vitest'
import { textPayload } from '../unit/journal-lmdb/text-payload.js'
import { textCodec } from './stores.js'

const kind = 'notes'
const refused = 'x'.repeat(1_000)

const sizeOf = ({ data }: StoreChange<string>): number => {
  if (data.length >= 1_000) throw new Error(`a note has ${data.length} characters; at most 999 are allowed`)
  return data.length
}

const memory = (): BatchStoreBench<string> => {
  const notes = new Map<AccountId, ReadonlyArray<string>>()
  const read = (account: AccountId) => notes.get(account) ?? []
  const store: RegisteredStore<string> = {
    kind,
    sizeOf,
    apply: ({ account, data }) => void notes.set(account, [...read(account), data]),
  }
  return { journal: journalMemory({ offline: offlineMemory(), stores: [store] }), read }
}

const lmdb = (durability: 'disk' | 'process') => async (): Promise<BatchStoreBench<string>> => {
  const path = await mkdtemp(join(tmpdir(), 'smacks-batch-store-'))
  const env = openEnvironment({ path, durability })
  const notes = env.openDB<string, [AccountId, number]>({ name: kind, encoding: 'string' })
  const read = (account: AccountId): ReadonlyArray<string> =>
    [...notes.getRange({ start: [account, 0], end: [account, Number.MAX_SAFE_INTEGER] })].map(({ value }) => value)
  const store: RegisteredStore<string> = {
    kind,
    sizeOf,
    apply: ({ account, data }) => void notes.putSync([account, read(account).length + 1], data),
  }
  const journal = journalLmdb<unknown>({
    env,
    durability,
    offline: offlineLmdb<unknown>({ env, payload: { ...textCodec, encode: String }, onBadRecord: () => {} }),
    stores: [store],
    payload: { encode: String, decode: textPayload.decode },
    absent: '',
    onBadRecord: () => {},
  })
  const end = async () => {
    await journal.close()
    await env.close()
    await rm(path, { recursive: true, force: true })
  }
  return { journal, read, end }
}

const common = { describe, it, expect, kind, additions: ['a', 'b', 'c'], refused } as const

describe('a store beside the journal in memory', () => batchStoreCompliance<string>({ ...common, create: memory }))

for (const durability of ['process', 'disk'] as const)
  describe(`a store beside the journal on LMDB, durability ${durability}`, () =>
    batchStoreCompliance<string>({ ...common, create: lmdb(durability) }))

describe('stores that are registered', () => {
  it.each(['sessions', 'offline', 'records', 'old-sessions'])('are not called %s', name => {
    const store: RegisteredStore = { kind: name, sizeOf: () => 0, apply: () => {} }
    expect(() => journalMemory({ offline: offlineMemory(), stores: [store] })).toThrow(name)
  })
})
