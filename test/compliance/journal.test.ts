import { journalCompliance } from '@smacks/testkit'
import { describe, expect, it } from 'vitest'
import { lmdbStores, memoryStores, refusedText, simulatedDisk } from './stores.js'

const text = (stanza: string) => stanza
const common = { describe, it, expect, stanza: text, text }

describe('the journal in memory', () => {
  journalCompliance<string>({
    ...common,
    durable: false,
    sessions: false,
    refused: refusedText,
    create: memoryStores,
  })
})

describe('the journal on a simulated disk', () => {
  journalCompliance<string>({ ...common, durable: true, sessions: true, create: simulatedDisk })
})

/** One log is never compacted while the suite runs, the other one always. */
for (const [name, logBound] of [
  ['', undefined],
  [', with a log of 2,000 characters', 2000],
] as const)
  for (const durability of ['process', 'disk'] as const)
    describe(`the journal on LMDB, durability ${durability}${name}`, () => {
      journalCompliance<string>({
        ...common,
        durable: true,
        sessions: true,
        refused: refusedText,
        create: () => lmdbStores(durability, logBound),
      })
    })
