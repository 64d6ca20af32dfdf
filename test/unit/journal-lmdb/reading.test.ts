/** Whoever reads while LMDB cannot be written sees all that is durable, and what is read then leaves no trace. */
import { journalLmdb, openEnvironment } from '@smacks/journal-lmdb'
import { journalMemory } from '@smacks/journal-memory'
import { offlineLmdb } from '@smacks/offline-lmdb'
import { offlineMemory } from '@smacks/offline-memory'
import type { Change, Journal, OfflineStore } from '@smacks/runtime'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../support/places.js'
import { failingCommits } from './failing-commits.js'
import { juliet, romeo } from './ground.js'
import { textPayload } from './text-payload.js'

type Act =
  | { readonly _tag: 'Commit'; readonly batch: ReadonlyArray<Part> }
  | { readonly _tag: 'Fail' }
  | { readonly _tag: 'Mend' }
  /** What is read before is dropped: so many of the oldest messages. */
  | { readonly _tag: 'Deliver'; readonly account: string; readonly count: number }
  | { readonly _tag: 'Read' }

type Part = { readonly account: string; readonly kind: 'offline' | 'old-session' | 'record'; readonly name: string }

const account = fc.constantFrom(romeo, juliet)

const part: fc.Arbitrary<Part> = fc.record({
  account,
  kind: fc.constantFrom('offline', 'old-session', 'record'),
  name: fc.constantFrom('a', 'b', 'c'),
})

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ _tag: fc.constant('Commit'), batch: fc.array(part, { minLength: 1, maxLength: 4 }) }),
  },
  { weight: 2, arbitrary: fc.constant<Act>({ _tag: 'Fail' }) },
  { weight: 2, arbitrary: fc.constant<Act>({ _tag: 'Mend' }) },
  { weight: 3, arbitrary: fc.record({ _tag: fc.constant('Deliver'), account, count: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 3, arbitrary: fc.constant<Act>({ _tag: 'Read' }) },
)

const changeOf = ({ account, kind, name }: Part, at: number): Change<string> => {
  switch (kind) {
    case 'offline':
      return {
        _tag: 'PutOffline',
        account,
        stanza: `${name}${at}`,
        facts: { name: 'message', type: 'chat', from: `${name}@example.com` },
        at,
      }
    case 'old-session':
      return { _tag: 'PutOldSession', account, session: { smId: name, h: at, at } }
    case 'record':
      return { _tag: 'PutRecord', kind: 'notes', account, name, text: String(at) }
  }
}

interface Stores {
  readonly journal: Journal<string>
  readonly offline: OfflineStore<string>
}

const seen = ({ journal, offline }: Stores) =>
  [romeo, juliet].map(account => ({
    messages: offline.read(account).map(({ stanza, at }) => `${stanza} ${at}`),
    count: offline.count(account),
    ofOne: offline.usage(account, 'a@example.com').count,
    old: journal.oldSessions(account),
    records: [...journal.records('notes', account)],
  }))

/** What the batch is in each world, whose keys are its own. */
const dropping = ({ offline }: Stores, account: string, count: number): ReadonlyArray<Change<string>> => [
  { _tag: 'DropOffline', account, keys: offline.read(account, count).map(({ key }) => key) },
]

const openModel = (): Stores => {
  const offline = offlineMemory<string>()
  return { offline, journal: journalMemory({ offline }) }
}

const openOn = (path: string) => {
  const env = openEnvironment({ path, durability: 'process' })
  const medium = failingCommits(env)
  const offline = offlineLmdb<string>({ env, payload: { encode: xml => xml, decode: xml => xml }, onBadRecord: never })
  const journal = journalLmdb<string>({
    env,
    durability: 'process',
    offline,
    payload: textPayload,
    absent: '',
    onBadRecord: never,
  })
  return { env, medium, stores: { journal, offline } }
}

const never = (record: object): void => expect(record).toBeUndefined()

describe('a journal whose LMDB fails now and then', () => {
  it('is read as one whose does not, delivers each message once, and takes no batch until it can be written', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 40 }), async acts => {
        const { path, remove } = temporaryFolder('reading')
        const model = openModel()
        const { env, medium, stores } = openOn(path)
        let at = 0
        const commit = async (batchOf: (stores: Stores) => ReadonlyArray<Change<string>>) => {
          const batch = batchOf(stores)
          // Tried again with the same array until it is taken, as the loop does.
          for (let tries = 0; ; tries += 1)
            try {
              await stores.journal.commit(batch)
              break
            } catch (error) {
              expect(String(error)).toContain('LMDB failed')
              expect(tries).toBe(0)
              expect(seen(stores)).toEqual(seen(model))
              medium.mend()
            }
          await model.journal.commit(batchOf(model))
        }
        try {
          for (const act of acts)
            switch (act._tag) {
              case 'Fail':
                medium.fail()
                break
              case 'Mend':
                medium.mend()
                break
              case 'Read':
                expect(seen(stores)).toEqual(seen(model))
                break
              case 'Commit': {
                at += 1
                const batch = act.batch.map(one => changeOf(one, at))
                await commit(() => batch)
                break
              }
              case 'Deliver':
                await commit(one => dropping(one, act.account, act.count))
                break
            }
          medium.mend()
          expect(seen(stores)).toEqual(seen(model))
        } finally {
          medium.mend()
          await stores.journal.close()
          await env.close()
          remove()
        }
      }),
      { numRuns: 60 },
    )
  })
})
