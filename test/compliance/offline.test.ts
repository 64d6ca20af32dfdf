import { type JournalBench, offlineCompliance } from '@smacks/testkit'
import { describe, expect, it } from 'vitest'
import { lmdbStores, memoryStores } from './stores.js'

const text = (stanza: string) => stanza
const common = { describe, it, expect, stanza: text, text }
const throughJournal = ({ journal, offline, end }: JournalBench<string>) => ({
  offline,
  apply: journal.commit,
  end: end ?? (() => undefined),
})

describe('offline messages in memory', () => {
  offlineCompliance<string>({ ...common, create: () => throughJournal(memoryStores()) })
})

describe('offline messages on LMDB', () => {
  offlineCompliance<string>({ ...common, create: async () => throughJournal(await lmdbStores('process')) })
})
