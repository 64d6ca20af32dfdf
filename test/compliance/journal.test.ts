import { journalCompliance } from '@smacks/testkit'
import { describe, expect, it } from 'vitest'
import { lmdbStores, memoryStores, refusedText } from './stores.js'

const text = (stanza: string) => stanza
const common = { describe, it, expect, stanza: text, text }

describe('the journal in memory', () => {
  journalCompliance<string>({ ...common, durable: false, create: memoryStores })
})

for (const durability of ['process', 'disk'] as const)
  describe(`the journal on LMDB, durability ${durability}`, () => {
    journalCompliance<string>({
      ...common,
      durable: true,
      refused: refusedText,
      create: () => lmdbStores(durability),
    })
  })
