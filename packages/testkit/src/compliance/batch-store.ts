/** What every journal must do with a store that is registered with it, and every store with the changes that it is given. */
import { type AccountId, ChangeRefused, type Journal, type StoreChange } from '@smacks/runtime'
import { type Ending, onBench, type TestRunner } from './runner.js'

export interface BatchStoreBench<Data> extends Ending {
  /** The store is registered with it. */
  readonly journal: Journal<unknown>
  /** What the store has of an account, in the order in which it was written. */
  readonly read: (account: AccountId) => ReadonlyArray<Data>
}

export interface BatchStoreCompliance<Data> extends TestRunner {
  readonly create: () => BatchStoreBench<Data> | Promise<BatchStoreBench<Data>>
  /** The store's. */
  readonly kind: string
  /** Three that add to what is there, each different. */
  readonly additions: readonly [Data, Data, Data]
  /** One that the store can never write. */
  readonly refused: Data
}

const [romeo, juliet] = ['romeo@example.net', 'juliet@example.org']

export const batchStoreCompliance = <Data>(options: BatchStoreCompliance<Data>): void => {
  const { expect, kind, refused } = options
  const [one, two, three] = options.additions
  const it = onBench(options, options.create)
  const change = (account: AccountId, data: Data): StoreChange<Data> => ({
    _tag: 'StoreChange',
    kind,
    account,
    data,
    size: 1,
  })
  const record = (text: string) => ({ _tag: 'PutRecord', kind: 'tests', account: romeo, name: 'a', text }) as const
  const recorded = (journal: Journal<unknown>) => [...journal.records('tests')].map(({ text }) => text)
  const refusedBy = (journal: Journal<unknown>, batch: Parameters<Journal<unknown>['commit']>[0]) =>
    Promise.resolve(journal.commit(batch)).then(
      () => undefined,
      error => (error instanceof ChangeRefused ? error.change : error),
    )

  options.describe('a BatchStore', () => {
    it('has nothing of an account before the first change', ({ read }) => {
      expect(read(romeo)).toEqual([])
    })

    it('writes changes in the order of the batch, and of the batches, for each account', async ({ journal, read }) => {
      await journal.commit([change(romeo, one), change(juliet, two), change(romeo, two)])
      await journal.commit([change(romeo, three)])
      expect([read(romeo), read(juliet)]).toEqual([[one, two, three], [two]])
    })

    it('is written with all else of the batch', async ({ journal, read }) => {
      await journal.commit([record('1'), change(romeo, one)])
      expect([recorded(journal), read(romeo)]).toEqual([['1'], [one]])
    })

    it('refuses what it can never write, and then nothing of the batch is there', async ({ journal, read }) => {
      await journal.commit([record('1'), change(romeo, one)])
      const bad = change(juliet, refused)
      expect(await refusedBy(journal, [record('2'), change(romeo, two), bad, change(romeo, three)])).toEqual(bad)
      expect([recorded(journal), read(romeo), read(juliet)]).toEqual([['1'], [one], []])
    })

    it('goes on after that', async ({ journal, read }) => {
      await refusedBy(journal, [change(romeo, refused)])
      await journal.commit([change(romeo, two)])
      expect(read(romeo)).toEqual([two])
    })

    it('takes no change of another kind', async ({ journal, read }) => {
      const strange = { ...change(romeo, two), kind: `not ${kind}` }
      expect(await refusedBy(journal, [change(romeo, one), strange])).toEqual(strange)
      expect(read(romeo)).toEqual([])
    })
  })
}
