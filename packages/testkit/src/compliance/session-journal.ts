/** What every journal must do with records, and with sessions if these outlive the process. */
import { advance, counterModulus, emptyAccount, freshOutbound, type Session, type Unacked } from '@smacks/core'
import type { AccountId, Change, Journal, Journalled } from '@smacks/runtime'
import type { JournalBench, JournalCompliance } from './journal.js'
import { onBench } from './runner.js'

const romeo = 'romeo@example.net'
const juliet = 'juliet@example.org'

/** Records, for any journal; sessions, if the bench's journal has them. */
export const sessionJournalCompliance = <A>(options: JournalCompliance<A>): void => {
  options.describe('records of the port Journal', () => {
    records(options)
  })
  if (options.durable)
    options.describe('sessions of the port Journal', () => {
      recovering(options)
      snapshots(options)
      keptStanzas(options)
      if (options.refused !== undefined) failing(options, options.refused)
    })
}

const records = <A>(options: JournalCompliance<A>): void => {
  const { expect } = options
  const it = onBench(options, options.create)
  const texts = (journal: Journal<A>, kind: string, account?: AccountId) =>
    [...journal.records(kind, account)].map(({ account: of, name, text }) => `${of} ${name} ${text}`)

  it('tells records by account and name, of one kind', async ({ journal }) => {
    await journal.commit([record(romeo, 'b', '1'), record(juliet, 'c', '2'), record(romeo, 'a', '3')])
    await journal.commit([{ ...record(romeo, 'a', '4'), kind: 'others' }])
    expect(texts(journal, 'notes')).toEqual([`${juliet} c 2`, `${romeo} a 3`, `${romeo} b 1`])
    expect(texts(journal, 'notes', romeo)).toEqual([`${romeo} a 3`, `${romeo} b 1`])
    expect(texts(journal, 'others')).toEqual([`${romeo} a 4`])
    expect(texts(journal, 'never seen')).toEqual([])
  })

  it('replaces and drops records, and lets unknown ones be dropped', async ({ journal }) => {
    await journal.commit([record(romeo, 'a', '1'), record(romeo, 'b', '2'), record(romeo, 'a', '3')])
    await journal.commit([unrecord(romeo, 'b'), unrecord(romeo, 'never seen'), unrecord('nobody@x', 'a')])
    expect(texts(journal, 'notes')).toEqual([`${romeo} a 3`])
  })

  it('keeps apart records of accounts whose names begin alike', async ({ journal }) => {
    await journal.commit([record('romeo@example.net', 'a', '1'), record('romeo@example.network', 'a', '2')])
    expect(texts(journal, 'notes', 'romeo@example.net')).toEqual(['romeo@example.net a 1'])
    expect(texts(journal, 'notes', 'romeo@example')).toEqual([])
  })

  if (options.durable)
    it('has its records when it is opened again', async bench => {
      await bench.journal.commit([record(romeo, 'a', '1'), record(romeo, 'b', '2')])
      await bench.journal.commit([unrecord(romeo, 'a')])
      expect(texts((await reopened(bench)).journal, 'notes')).toEqual([`${romeo} b 2`])
    })
}

const recovering = <A>(options: JournalCompliance<A>): void => {
  const { expect } = options
  const it = onBench(options, options.create)

  it('knows of no sessions at first', ({ journal }) => {
    expect(told(journal)).toEqual([])
  })

  it('tells what was known and what happened, in order, also when it is opened again', async bench => {
    await bench.journal.commit([happened(romeo, 1), happened(juliet, 2), known(romeo, 3)])
    await bench.journal.commit([happened(romeo, 4)])
    const expected = [happened(romeo, 1), happened(juliet, 2), known(romeo, 3), happened(romeo, 4)]
    expect(told(bench.journal)).toEqual(expected)
    const again = await reopened(bench)
    expect(told(again.journal)).toEqual(expected)
    await again.journal.commit([happened(juliet, 5)])
    expect(told((await reopened(again)).journal)).toEqual([...expected, happened(juliet, 5)])
  })
}

const snapshots = <A>(options: JournalCompliance<A>): void => {
  const { expect } = options
  const it = onBench(options, options.create)

  it('tells a snapshot in place of all before it', async bench => {
    await bench.journal.commit([happened(romeo, 1), happened(juliet, 2)])
    await bench.journal.commit([happened(romeo, 3), snapshot(romeo, 4)])
    await bench.journal.commit([happened(romeo, 5)])
    const { journal } = await reopened(bench)
    expect(told(journal)).toEqual([known(romeo, 4), happened(juliet, 2), happened(romeo, 5)])
  })

  it('tells what happened after a snapshot in the same batch', async bench => {
    await bench.journal.commit([happened(romeo, 1), snapshot(romeo, 2), happened(romeo, 3), happened(juliet, 4)])
    expect(told((await reopened(bench)).journal)).toEqual([known(romeo, 2), happened(romeo, 3), happened(juliet, 4)])
  })

  it('tells nothing of an account whose snapshot has no sessions, but what happens later', async bench => {
    await bench.journal.commit([snapshot(romeo, 1)])
    await bench.journal.commit([happened(romeo, 2)])
    await bench.journal.commit([{ _tag: 'PutSnapshot', account: romeo, state: emptyAccount }])
    const again = await reopened(bench)
    expect(told(again.journal)).toEqual([])
    await again.journal.commit([happened(romeo, 3)])
    expect(told((await reopened(again)).journal)).toEqual([happened(romeo, 3)])
  })
}

const keptStanzas = <A>(options: JournalCompliance<A>): void => {
  const { expect } = options
  const it = onBench(options, options.create)
  const unacked = (name: string): Unacked<A> => ({
    stanza: options.stanza(name),
    facts: { name: 'message', type: 'chat' },
    at: 1000,
  })
  const keep = (resource: string, from: number, ...names: ReadonlyArray<string>): Change<A> => ({
    _tag: 'KeepUnacked',
    account: romeo,
    resource,
    from,
    unacked: names.map(unacked),
  })
  const forget = (resource: string, from: number, count: number): Change<A> => ({
    _tag: 'ForgetKept',
    account: romeo,
    resource,
    from,
    count,
  })
  const read = ({ sessions }: Journal<A>, resource: string, from: number, count: number) =>
    sessions?.kept(romeo, resource, from, count).map(({ stanza }) => options.text(stanza))
  const failureOf = (act: () => unknown): string => {
    try {
      return `no failure but ${String(act())}`
    } catch (error) {
      return error instanceof Error ? error.message : ''
    }
  }

  it('keeps, replaces and forgets stanzas, also when it is opened again', async bench => {
    await bench.journal.commit([keep('orchard', 1, 'one', 'two', 'three'), keep('orch', 2, 'other')])
    await bench.journal.commit([keep('orchard', 3, 'THREE', 'four'), forget('orchard', 0, 2)])
    expect(read(bench.journal, 'orchard', 2, 3)).toEqual(['two', 'THREE', 'four'])
    const { journal } = await reopened(bench)
    expect(read(journal, 'orchard', 2, 3)).toEqual(['two', 'THREE', 'four'])
    expect(read(journal, 'orch', 2, 1)).toEqual(['other'])
    expect(read(journal, 'orchard', 7, 0)).toEqual([])
  })

  it('goes on from the greatest number to 0', async ({ journal }) => {
    const from = counterModulus - 2
    await journal.commit([keep('orchard', from, 'one', 'two', 'three', 'four')])
    expect(read(journal, 'orchard', from, 4)).toEqual(['one', 'two', 'three', 'four'])
    await journal.commit([forget('orchard', from, 3)])
    expect(read(journal, 'orchard', advance(from, 3), 1)).toEqual(['four'])
  })

  it('names a stanza that is not there', async ({ journal }) => {
    await journal.commit([keep('orchard', 4, 'four', 'five', 'six'), forget('orchard', 5, 1)])
    const failure = failureOf(() => read(journal, 'orchard', 4, 3))
    expect([romeo, 'orchard', '5'].filter(part => !failure.includes(part))).toEqual([])
  })
}

const failing = <A>(options: JournalCompliance<A>, refused: A): void => {
  const { expect } = options
  const it = onBench(options, options.create)

  it('keeps nothing of what happened in a batch that fails', async bench => {
    const bad: Change<A> = {
      _tag: 'PutOffline',
      account: romeo,
      stanza: refused,
      facts: { name: 'message', type: 'chat' },
      at: 1000,
    }
    const batch = [happened(romeo, 1), record(romeo, 'a', '1'), snapshot(juliet, 2), bad]
    for (const _ of [1, 2])
      expect(await Promise.resolve(bench.journal.commit(batch)).catch(() => 'failed')).toEqual('failed')
    await bench.journal.commit([happened(romeo, 3)])
    const { journal } = await reopened(bench)
    expect(told(journal)).toEqual([happened(romeo, 3)])
    expect([...journal.records('notes')]).toEqual([])
  })
}

const reopened = async <A>(bench: JournalBench<A>): Promise<JournalBench<A>> => {
  await bench.journal.close()
  if (bench.reopen === undefined) throw new Error('a durable journal needs a bench with reopen')
  return bench.reopen()
}

const told = <A>({ sessions }: Journal<A>): ReadonlyArray<Journalled<A>> | undefined =>
  sessions === undefined ? undefined : [...sessions.recover()]

const happened = (account: AccountId, at: number): Extract<Change<never>, { _tag: 'Happened' }> => ({
  _tag: 'Happened',
  account,
  event: { _tag: 'RequestReceived', at, connection: 'c1', resource: 'orchard', version: 'urn:xmpp:sm:3' },
})

const hibernating = (since: number): Session<never> => ({
  _tag: 'Hibernating',
  resource: 'orchard',
  role: 'receiving',
  version: 'urn:xmpp:sm:3',
  resumption: { smId: 'sm-1', seconds: 300 },
  inbound: { handled: since },
  outbound: freshOutbound,
  deadlines: { ackDelay: undefined, ackHold: undefined, hibernation: 9000, readProbe: undefined },
  since,
  usesArchive: false,
})

const stateAt = (since: number) => ({ sessions: [hibernating(since)], oldSessions: [] })

const known = (account: AccountId, since: number): Extract<Change<never>, { _tag: 'Known' }> => ({
  _tag: 'Known',
  account,
  state: stateAt(since),
})

const snapshot = (account: AccountId, since: number): Change<never> => ({
  _tag: 'PutSnapshot',
  account,
  state: stateAt(since),
})

const record = (account: AccountId, name: string, text: string): Extract<Change<never>, { _tag: 'PutRecord' }> => ({
  _tag: 'PutRecord',
  kind: 'notes',
  account,
  name,
  text,
})

const unrecord = (account: AccountId, name: string): Change<never> => ({
  _tag: 'DropRecord',
  kind: 'notes',
  account,
  name,
})
