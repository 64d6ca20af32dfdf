/** What a journal must do that keeps sessions beyond the process. */
import { type Account, type Counter, counterModulus, emptyAccount, type Resource, type Unacked } from '@smacks/core'
import type { AccountId, Change, Journal, Journalled, SessionJournal } from '@smacks/runtime'
import type { JournalBench, JournalCompliance } from './journal-bench.js'
import { juliet, romeo, sessionWords } from './journal-words.js'
import { onBench } from './runner.js'

/** Its sentences begin within the description of the port. */
export const sessionsCompliance = <A>(options: JournalCompliance<A>): void => {
  remembering(options)
  snapshots(options)
  keeping(options)
  failing(options)
}

const remembering = <A>(options: JournalCompliance<A>): void => {
  const { expect, text } = options
  const it = onBench(options, options.create)
  const { bound, known, received, submitted } = sessionWords(options)

  it('has nothing to tell of sessions at first', ({ journal }) => {
    expect(told(journal)).toEqual([])
  })

  it('tells what happened in its order, within batches and across them', async bench => {
    await bench.journal.commit([bound(romeo, 'c1'), bound(juliet, 'c2'), received(romeo, 'c1', 'one')])
    await bench.journal.commit([known(juliet), received(romeo, 'c1', 'two')])
    const names = ['SessionBound', 'StanzaReceived', 'StanzaReceived']
    await beforeAndAfter(bench, journal => {
      expect(of(romeo, told(journal)).map(nameOf)).toEqual(names)
      expect(of(juliet, told(journal)).map(nameOf)).toEqual(['SessionBound', 'Baseline'])
    })
  })

  it('tells events as they were, and what was in the stanzas that were sent', async bench => {
    const change = submitted(romeo, 'line\n\u{1f339}\t"')
    await bench.journal.commit([change])
    const { journal } = await reopened(bench)
    const [entry] = told(journal)
    const event = entry?._tag === 'EventLogged' ? entry.event : undefined
    const stanza = event?._tag === 'StanzaSubmitted' ? text(event.stanza) : undefined
    expect(stanza).toEqual('line\n\u{1f339}\t"')
    expect({ ...event, stanza: '' }).toEqual({ ...change.event, stanza: '' })
  })

  it('takes batches while others are under way, in the order of the calls', async bench => {
    const numbers = Array.from({ length: 100 }, (_, index) => index)
    await Promise.all(numbers.map(at => bench.journal.commit([bound(romeo, `c${at}`, at)])))
    const { journal } = await reopened(bench)
    expect(told(journal).map(timeOf)).toEqual(numbers)
  })

  it('tells the same as often as it is asked', async ({ journal }) => {
    await journal.commit([bound(romeo, 'c1'), received(romeo, 'c1', 'one')])
    expect(told(journal).map(nameOf)).toEqual(told(journal).map(nameOf))
  })

  it('wants no snapshots while there is little', async ({ journal }) => {
    await journal.commit([bound(romeo, 'c1'), received(romeo, 'c1', 'one')])
    expect(inStore(journal).wanted(10)).toEqual([])
  })
}

const snapshots = <A>(options: JournalCompliance<A>): void => {
  const { expect } = options
  const it = onBench(options, options.create)
  const { bound, snapshot, states } = sessionWords(options)

  it('tells a snapshot in place of all that it covers, and what happened since', async bench => {
    await bench.journal.commit([bound(romeo, 'c1'), bound(juliet, 'c2')])
    await bench.journal.commit([bound(romeo, 'c3'), snapshot(romeo, states.unmanaged)])
    await bench.journal.commit([bound(romeo, 'c4', 99)])
    await beforeAndAfter(bench, journal => {
      const ofRomeo = of(romeo, told(journal))
      expect(ofRomeo.map(nameOf)).toEqual(['Baseline', 'SessionBound'])
      expect(ofRomeo.map(stateOf)).toEqual([states.unmanaged, undefined])
      expect(ofRomeo.map(timeOf)).toEqual([undefined, 99])
      expect(of(juliet, told(journal)).map(nameOf)).toEqual(['SessionBound'])
    })
  })

  it('takes a snapshot for what came before it in the batch, not for what comes after', async bench => {
    await bench.journal.commit([
      bound(romeo, 'c1'),
      snapshot(romeo, states.unmanaged),
      bound(romeo, 'c2', 98),
      bound(juliet, 'c3', 1),
      bound(romeo, 'c4', 99),
    ])
    const { journal } = await reopened(bench)
    expect(of(romeo, told(journal)).map(timeOf)).toEqual([undefined, 98, 99])
    expect(of(juliet, told(journal)).map(timeOf)).toEqual([1])
  })

  it('keeps one snapshot of an account, the last', async bench => {
    await bench.journal.commit([snapshot(romeo, states.unmanaged)])
    await bench.journal.commit([snapshot(romeo, states.unmanaged), snapshot(romeo, states.hibernating)])
    const { journal } = await reopened(bench)
    expect(told(journal).map(stateOf)).toEqual([states.hibernating])
  })

  it('keeps the snapshot of an account that has sessions again', async bench => {
    await bench.journal.commit([bound(romeo, 'c1')])
    await bench.journal.commit([snapshot(romeo, emptyAccount)])
    await bench.journal.commit([bound(romeo, 'c2'), snapshot(romeo, states.unmanaged)])
    await bench.journal.commit([bound(juliet, 'c3')])
    const { journal } = await reopened(bench)
    expect(of(romeo, told(journal)).map(stateOf)).toEqual([states.unmanaged])
  })

  it('has nothing to tell of an account after a snapshot without sessions', async bench => {
    await bench.journal.commit([bound(romeo, 'c1'), snapshot(romeo, states.unmanaged)])
    await bench.journal.commit([bound(romeo, 'c2'), snapshot(romeo, emptyAccount), bound(juliet, 'c3')])
    const again = await reopened(bench)
    expect(told(again.journal).map(({ account }) => account)).toEqual([juliet])
    await again.journal.commit([bound(romeo, 'c4', 99)])
    expect(of(romeo, told((await reopened(again)).journal)).map(timeOf)).toEqual([99])
  })
}

const keeping = <A>(options: JournalCompliance<A>): void => {
  const { expect, stanza, text } = options
  const it = onBench(options, options.create)
  const { keep, forget } = sessionWords(options)
  const texts = (journal: Journal<A>, resource: Resource, from: Counter, count: number): ReadonlyArray<string> =>
    inStore(journal)
      .kept(romeo, resource, from, count)
      .map(unacked => text(unacked.stanza))

  it('gives kept stanzas back as they were', async bench => {
    const unacked: Unacked<A> = {
      stanza: stanza('one'),
      facts: { name: 'message', type: 'chat', id: 'm1', from: juliet, to: romeo, archived: true },
      at: 1_700_000_000_123,
    }
    await bench.journal.commit([
      { _tag: 'KeepUnacked', account: romeo, resource: 'phone', from: 7, unacked: [unacked] },
    ])
    await beforeAndAfter(bench, journal => expect(inStore(journal).kept(romeo, 'phone', 7, 1)).toEqual([unacked]))
  })

  it('gives back just those that are asked for, in the order of their numbers', async ({ journal }) => {
    await journal.commit([keep('phone', 3, 'three', 'four'), keep('phone', 1, 'one', 'two'), keep('desk', 2, 'other')])
    expect(texts(journal, 'phone', 2, 2)).toEqual(['two', 'three'])
    expect(texts(journal, 'phone', 1, 4)).toEqual(['one', 'two', 'three', 'four'])
    expect(texts(journal, 'phone', 1, 0)).toEqual([])
    expect(texts(journal, 'desk', 2, 1)).toEqual(['other'])
  })

  it('keeps numbers that go on at 0', async bench => {
    await bench.journal.commit([keep('phone', counterModulus - 2, 'a', 'b', 'c', 'd')])
    const { journal } = await reopened(bench)
    expect(texts(journal, 'phone', counterModulus - 2, 4)).toEqual(['a', 'b', 'c', 'd'])
    expect(texts(journal, 'phone', 0, 2)).toEqual(['c', 'd'])
    await journal.commit([forget('phone', counterModulus - 2, 3)])
    expect(texts(journal, 'phone', 1, 1)).toEqual(['d'])
    expect(refusalOf(() => texts(journal, 'phone', counterModulus - 1, 1))).toEqual(true)
    expect(refusalOf(() => texts(journal, 'phone', 0, 1))).toEqual(true)
  })

  it('puts a stanza in the place of one with the same number, and forgets unknown numbers', async ({ journal }) => {
    await journal.commit([keep('phone', 1, 'one', 'two', 'three')])
    await journal.commit([keep('phone', 2, 'new two'), forget('phone', 3, 5), forget('desk', 1, 2)])
    expect(texts(journal, 'phone', 1, 2)).toEqual(['one', 'new two'])
    await journal.commit([forget('phone', 1, 1), keep('phone', 1, 'new one')])
    expect(texts(journal, 'phone', 1, 2)).toEqual(['new one', 'new two'])
  })

  it('says which stanza is not there', async ({ journal }) => {
    await journal.commit([keep('phone', 1, 'one'), keep('phone', 3, 'three')])
    for (const named of [romeo, 'phone', '2'])
      expect(messageOf(() => texts(journal, 'phone', 1, 3)).includes(named)).toEqual(true)
    expect(texts(journal, 'phone', 3, 1)).toEqual(['three'])
  })

  it('keeps stanzas of resources whose names are long or begin with each other', async bench => {
    const long = 'r'.repeat(1023)
    await bench.journal.commit([
      keep('a', 1, 'a'),
      keep('ab', 1, 'ab'),
      keep(long, 1, 'long'),
      keep(`${long}s`, 1, 'longer'),
    ])
    const { journal } = await reopened(bench)
    expect(['a', 'ab', long, `${long}s`].flatMap(resource => texts(journal, resource, 1, 1))).toEqual([
      'a',
      'ab',
      'long',
      'longer',
    ])
  })
}

const failing = <A>(options: JournalCompliance<A>): void => {
  const { expect } = options
  const it = onBench(options, options.create)
  const { bound, keep, states, snapshot } = sessionWords(options)

  it('keeps nothing of a batch that fails, and takes the same batch again', async bench => {
    if (bench.failNext === undefined) throw new Error('a journal of sessions needs a bench with failNext')
    await bench.journal.commit([bound(romeo, 'c1', 1)])
    const batch = [bound(romeo, 'c2', 2), keep('phone', 1, 'one'), snapshot(juliet, states.unmanaged)]
    bench.failNext()
    expect(await outcomeOf(bench.journal, batch)).toEqual('rejected')
    expect(told(bench.journal).map(timeOf)).toEqual([1])

    bench.failNext()
    expect(await outcomeOf(bench.journal, batch)).toEqual('rejected')
    expect(await outcomeOf(bench.journal, batch)).toEqual('done')
    expect(await outcomeOf(bench.journal, [bound(romeo, 'c3', 3)])).toEqual('done')
    const { journal } = await reopened(bench)
    expect(of(romeo, told(journal)).map(timeOf)).toEqual([1, 2, 3])
    expect(of(juliet, told(journal)).map(stateOf)).toEqual([states.unmanaged])
  })

  it('keeps no stanza of a batch that fails', async ({ journal, failNext }) => {
    failNext?.()
    expect(await outcomeOf(journal, [keep('phone', 1, 'one')])).toEqual('rejected')
    expect(refusalOf(() => inStore(journal).kept(romeo, 'phone', 1, 1))).toEqual(true)
  })

  it('takes a batch again after others, behind them', async bench => {
    const batch = [bound(romeo, 'c1', 1)]
    bench.failNext?.()
    await outcomeOf(bench.journal, batch)
    await bench.journal.commit([bound(romeo, 'c2', 2), snapshot(romeo, states.unmanaged)])
    await bench.journal.commit(batch)
    const { journal } = await reopened(bench)
    expect(told(journal).map(nameOf)).toEqual(['Baseline', 'SessionBound'])
  })
}

const beforeAndAfter = async <A>(bench: JournalBench<A>, look: (journal: Journal<A>) => void): Promise<void> => {
  look(bench.journal)
  look((await reopened(bench)).journal)
}

/** Closes the journal and opens it again. */
export const reopened = async <A>(bench: JournalBench<A>): Promise<JournalBench<A>> => {
  await bench.journal.close()
  if (bench.reopen === undefined) throw new Error('a durable journal needs a bench with reopen')
  return bench.reopen()
}

export const inStore = <A>({ sessions }: Pick<Journal<A>, 'sessions'>): SessionJournal<A> => {
  if (sessions === undefined) throw new Error('a journal that keeps sessions has them')
  return sessions
}

export const told = <A>(journal: Pick<Journal<A>, 'sessions'>): ReadonlyArray<Journalled<A>> => [
  ...inStore(journal).recover(),
]

const of = <A>(account: AccountId, entries: ReadonlyArray<Journalled<A>>): ReadonlyArray<Journalled<A>> =>
  entries.filter(entry => entry.account === account)

const nameOf = (entry: Journalled<unknown>): string => (entry._tag === 'EventLogged' ? entry.event._tag : entry._tag)

const timeOf = (entry: Journalled<unknown>): number | undefined =>
  entry._tag === 'EventLogged' ? entry.event.at : undefined

const stateOf = (entry: Journalled<unknown>): Account<unknown> | undefined =>
  entry._tag === 'Baseline' ? entry.state : undefined

const messageOf = (act: () => unknown): string => {
  try {
    act()
    return ''
  } catch (error) {
    return error instanceof Error ? error.message : ''
  }
}

const refusalOf = (act: () => unknown): boolean => messageOf(act) !== ''

/** A journal may say so at once or later. */
export const outcomeOf = async <A>(
  journal: Pick<Journal<A>, 'commit'>,
  batch: ReadonlyArray<Change<A>>,
): Promise<'done' | 'rejected'> => {
  try {
    await journal.commit(batch)
    return 'done'
  } catch {
    return 'rejected'
  }
}
