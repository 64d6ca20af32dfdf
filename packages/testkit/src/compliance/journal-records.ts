/** What every journal must do with the application's records. */
import type { AccountId, Journal, RecordChange, StoredRecord } from '@smacks/runtime'
import type { JournalCompliance } from './journal-bench.js'
import { onBench } from './runner.js'

const [romeo, juliet] = ['romeo@example.net', 'juliet@example.org']

/** Its sentences begin within the description of the port. */
export const recordsCompliance = <A>(options: JournalCompliance<A>): void => {
  const { expect } = options
  const it = onBench(options, options.create)

  it('has no records of a kind that nobody put', ({ journal }) => {
    expect(recordsOf(journal, 'tests')).toEqual([])
    expect(recordsOf(journal, 'tests', romeo)).toEqual([])
  })

  it('tells records by account and name, of one account or of all', async ({ journal }) => {
    await journal.commit([put(romeo, 'b', '2'), put(juliet, 'c', '3'), put(romeo, 'a', '1')])
    const [a, b, c] = [stored(romeo, 'a', '1'), stored(romeo, 'b', '2'), stored(juliet, 'c', '3')]
    expect(recordsOf(journal, 'tests')).toEqual([c, a, b])
    expect(recordsOf(journal, 'tests', romeo)).toEqual([a, b])
  })

  it('keeps one text under a name, the last', async ({ journal }) => {
    await journal.commit([put(romeo, 'a', 'old'), put(romeo, 'a', 'new')])
    await journal.commit([put(romeo, 'b', 'old')])
    await journal.commit([put(romeo, 'b', 'new')])
    expect(recordsOf(journal, 'tests')).toEqual([stored(romeo, 'a', 'new'), stored(romeo, 'b', 'new')])
  })

  it('drops the record it is told to drop and no other', async ({ journal }) => {
    await journal.commit([put(romeo, 'a', '1'), put(romeo, 'b', '2'), put(juliet, 'a', '3')])
    await journal.commit([drop(romeo, 'a'), drop(romeo, 'never put'), drop('nobody@x', 'a')])
    expect(recordsOf(journal, 'tests')).toEqual([stored(juliet, 'a', '3'), stored(romeo, 'b', '2')])
  })

  it('keeps kinds apart, and accounts, also when one name begins with the other', async ({ journal }) => {
    await journal.commit([
      put(romeo, 'a', '1'),
      put(`${romeo}work`, 'a', '2'),
      { ...put(romeo, 'a', '3'), kind: 'others' },
    ])
    expect(recordsOf(journal, 'tests', romeo)).toEqual([stored(romeo, 'a', '1')])
    expect(recordsOf(journal, 'tests', 'romeo@example')).toEqual([])
    expect(recordsOf(journal, 'others')).toEqual([stored(romeo, 'a', '3')])
  })

  it('gives back names and texts as they were, whatever is in them, also nothing', async ({ journal }) => {
    const records = [stored(romeo, '', ''), stored(romeo, 'a\n\u{1f339}/"', 'line\nline\t\u{10ffff}')]
    await journal.commit(records.map(({ name, text }) => put(romeo, name, text)))
    expect(recordsOf(journal, 'tests')).toEqual(records)
  })
}

export const recordsOf = (
  journal: Pick<Journal<never>, 'records'>,
  kind: string,
  account?: AccountId,
): ReadonlyArray<StoredRecord> => [...journal.records(kind, account)]

const put = (account: AccountId, name: string, text: string): RecordChange => ({
  _tag: 'PutRecord',
  kind: 'tests',
  account,
  name,
  text,
})

const drop = (account: AccountId, name: string): RecordChange => ({ _tag: 'DropRecord', kind: 'tests', account, name })

const stored = (account: AccountId, name: string, text: string): StoredRecord => ({ account, name, text })
