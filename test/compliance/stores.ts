/** Stores as the compliance suites want them. The payload is text; what holds U+FFFF cannot be stored. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Environment, journalLmdb, openEnvironment } from '@smacks/journal-lmdb'
import { journalMemory } from '@smacks/journal-memory'
import { offlineLmdb, type PayloadCodec } from '@smacks/offline-lmdb'
import { offlineMemory } from '@smacks/offline-memory'
import { createSimulatedDisk, type JournalBench } from '@smacks/testkit'
import { failingFolder } from '../unit/journal-lmdb/failing-folder.js'
import { textPayload } from '../unit/journal-lmdb/text-payload.js'

export const refusedText = 'never \uffff stored'

export const textCodec: PayloadCodec<string> = {
  encode: text => {
    if (text.includes('\uffff')) throw new Error('U+FFFF cannot be stored')
    return text
  },
  decode: text => text,
}

export const memoryStores = (): JournalBench<string> => {
  const stored = offlineMemory<string>({ sizeOf: text => text.length })
  const offline: typeof stored = {
    ...stored,
    apply: change => {
      if (change._tag === 'PutOffline' && change.stanza === refusedText) throw new Error('this text cannot be stored')
      stored.apply(change)
    },
  }
  return { journal: journalMemory({ offline }), offline }
}

/** A simulated disk that syncs at the end of each turn. */
export const simulatedDisk = (): JournalBench<string> => {
  const disk = createSimulatedDisk<string>({ logBound: 20 })
  const open = (): JournalBench<string> => {
    const { journal, offline } = disk.open()
    const commit: typeof journal.commit = batch => {
      const done = journal.commit(batch)
      queueMicrotask(disk.sync)
      return done
    }
    const apply = () => {
      throw new Error('only the journal applies changes')
    }
    return {
      journal: { ...journal, commit },
      offline: { ...offline, apply },
      failNext: () => disk.failNext(new Error('the medium failed')),
      reopen: () => {
        disk.sync()
        return open()
      },
    }
  }
  return open()
}

/** Stores in a fresh directory, which is removed at the end. */
export const lmdbStores = async (durability: 'disk' | 'process', logBound?: number): Promise<JournalBench<string>> => {
  const path = await mkdtemp(join(tmpdir(), 'smacks-'))
  const opened: Array<Environment> = []
  const open = (): JournalBench<string> => {
    const env = openEnvironment({ path, durability })
    const { failNext, folder } = failingFolder(path, durability)
    opened.push(env)
    const offline = offlineLmdb({ env, payload: textCodec, onBadRecord: unexpected })
    const journal = journalLmdb({
      env,
      durability,
      offline,
      folder,
      payload: { ...textPayload, encode: textCodec.encode },
      absent: '',
      onBadRecord: unexpected,
      ...(logBound === undefined ? {} : { logBound }),
    })
    return { journal, offline, failNext, reopen }
  }
  const closeAll = async () => {
    for (const env of opened.splice(0)) await env.close()
  }
  const end = async () => {
    await closeAll()
    await rm(path, { recursive: true, force: true })
  }
  const reopen = async () => {
    await closeAll()
    return { ...open(), end }
  }
  return { ...open(), end }
}

const unexpected = (record: unknown): never => {
  throw new Error(`unexpected bad record: ${JSON.stringify(record)}`)
}
