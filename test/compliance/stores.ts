/** Stores as the compliance suites want them. The payload is text; what holds U+FFFF cannot be stored on LMDB. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Environment, journalLmdb, openEnvironment } from '@smacks/journal-lmdb'
import { journalMemory } from '@smacks/journal-memory'
import { offlineLmdb, type PayloadCodec } from '@smacks/offline-lmdb'
import { offlineMemory } from '@smacks/offline-memory'
import type { JournalBench } from '@smacks/testkit'
import { textPayload } from '../unit/journal-lmdb/text-payload.js'

export const refusedText = 'never \uffff stored'

export const textCodec: PayloadCodec<string> = {
  encode: text => {
    if (text.includes('\uffff')) throw new Error('U+FFFF cannot be stored')
    return text
  },
  decode: text => text,
}

/** How the journal writes stanzas; the same cannot be stored. */
const payload = { ...textPayload, encode: textCodec.encode }

export const memoryStores = (): JournalBench<string> => {
  const offline = offlineMemory<string>()
  return { journal: journalMemory({ offline }), offline }
}

/** Stores in a fresh directory, which is removed at the end. */
export const lmdbStores = async (durability: 'disk' | 'process'): Promise<JournalBench<string>> => {
  const path = await mkdtemp(join(tmpdir(), 'smacks-'))
  const opened: Array<Environment> = []
  const open = (): JournalBench<string> => {
    const env = openEnvironment({ path, durability })
    opened.push(env)
    const offline = offlineLmdb({ env, payload: textCodec, onBadRecord: unexpected })
    const journal = journalLmdb({ env, durability, offline, payload, absent: '', onBadRecord: unexpected })
    return {
      journal,
      offline,
      reopen: async () => {
        await closeAll()
        return open()
      },
    }
  }
  const closeAll = async () => {
    for (const env of opened.splice(0)) await env.close()
  }
  return {
    ...open(),
    end: async () => {
      await closeAll()
      await rm(path, { recursive: true })
    },
  }
}

const unexpected = (record: unknown): never => {
  throw new Error(`unexpected bad record: ${JSON.stringify(record)}`)
}
