import { journalCompliance, sessionJournalCompliance } from '@smacks/testkit'
import { describe, expect, it } from 'vitest'
import { lmdbStores, memoryStores, refusedText } from './stores.js'

const text = (stanza: string) => stanza
const common = { describe, it, expect, stanza: text, text }
const suites = [journalCompliance<string>, sessionJournalCompliance<string>]

describe('the journal in memory', () => {
  for (const suite of suites) suite({ ...common, durable: false, create: memoryStores })
})

for (const durability of ['process', 'disk'] as const)
  describe(`the journal on LMDB, durability ${durability}`, () => {
    const options = {
      ...common,
      durable: true,
      refused: refusedText,
      create: () => lmdbStores(durability),
    }
    for (const suite of suites) suite(options)
  })
