/** What every journal must do, together with the offline store it applies its batches to. */
import type { OldSession, SmId } from '@smacks/core'
import { type AccountId, type Change, ChangeRefused, type Journal, type OfflineStore } from '@smacks/runtime'
import type { JournalCompliance } from './journal-bench.js'
import { foldingCompliance } from './journal-folding.js'
import { recordsCompliance, recordsOf } from './journal-records.js'
import { reopened, sessionsCompliance } from './journal-sessions.js'
import { onBench } from './runner.js'

const romeo = 'romeo@example.net'
const juliet = 'juliet@example.org'

export const journalCompliance = <A>(options: JournalCompliance<A>): void => {
  options.describe('the port Journal', () => {
    committing(options)
    oldSessions(options)
    ordering(options)
    closing(options)
    recordsCompliance(options)
    if (options.refused !== undefined) atomicity(options, options.refused)
    if (options.durable) reopening(options)
    if (options.sessions === true) {
      sessionsCompliance(options)
      foldingCompliance(options)
    }
  })
}

const committing = <A>(options: JournalCompliance<A>): void => {
  const { expect } = options
  const it = onBench(options, options.create)
  const { put, remember, texts } = wording(options)

  it('has nothing to do for an empty batch', ({ journal }) => {
    expect(journal.commit([])).toEqual(undefined)
  })

  it('shows all of a batch once it is done', async ({ journal, offline }) => {
    await journal.commit([put(romeo, 'one'), remember(romeo, 'sm-1'), put(juliet, 'two')])
    expect(texts(offline, romeo)).toEqual(['one'])
    expect(texts(offline, juliet)).toEqual(['two'])
    expect(journal.oldSessions(romeo)).toEqual([session('sm-1')])
  })

  it('applies the changes of a batch in their order', async ({ journal }) => {
    await journal.commit([remember(romeo, 'sm-1'), forget(romeo, 'sm-1'), remember(romeo, 'sm-2')])
    expect(ids(journal, romeo)).toEqual(['sm-2'])
  })
}

const oldSessions = <A>(options: JournalCompliance<A>): void => {
  const { expect } = options
  const it = onBench(options, options.create)
  const { remember } = wording(options)

  it('knows no old sessions of an unknown account', ({ journal }) => {
    expect(journal.oldSessions(romeo)).toEqual([])
  })

  it('tells old sessions newest first', async ({ journal }) => {
    for (let number = 1; number <= 12; number += 1) await journal.commit([remember(romeo, `sm-${number}`)])
    expect(ids(journal, romeo)).toEqual(Array.from({ length: 12 }, (_, index) => `sm-${12 - index}`))
  })

  it('tells sessions of the same moment in the order they came, the last first', async ({ journal }) => {
    await journal.commit(['sm-b', 'sm-c', 'sm-a'].map(smId => remember(romeo, smId)))
    expect(ids(journal, romeo)).toEqual(['sm-a', 'sm-c', 'sm-b'])
  })

  it('gives back h and time as they were, also the greatest h', async ({ journal }) => {
    const kept: OldSession = { smId: 'sm-1', h: 2 ** 32 - 1, at: 1_700_000_000_123 }
    await journal.commit([{ _tag: 'PutOldSession', account: romeo, session: kept }])
    expect(journal.oldSessions(romeo)).toEqual([kept])
  })

  it('keeps one h for an SM-ID, the last', async ({ journal }) => {
    await journal.commit([remember(romeo, 'sm-1'), remember(romeo, 'sm-2')])
    const again: OldSession = { smId: 'sm-1', h: 99, at: 2000 }
    await journal.commit([{ _tag: 'PutOldSession', account: romeo, session: again }])
    expect(journal.oldSessions(romeo)).toEqual([again, session('sm-2')])
  })

  it('forgets the SM-ID it is told to forget and no other', async ({ journal }) => {
    await journal.commit([remember(romeo, 'sm-1'), remember(romeo, 'sm-2'), remember(romeo, 'sm-3')])
    await journal.commit([forget(romeo, 'sm-2'), forget(romeo, 'never seen'), forget('nobody@x', 'sm-1')])
    expect(ids(journal, romeo)).toEqual(['sm-3', 'sm-1'])
  })

  it('keeps accounts apart, also when one name begins with the other', async ({ journal }) => {
    await journal.commit([remember('romeo@example.net', 'sm-1'), remember('romeo@example.network', 'sm-2')])
    await journal.commit([forget('romeo@example.network', 'sm-1')])
    expect(ids(journal, 'romeo@example.net')).toEqual(['sm-1'])
    expect(ids(journal, 'romeo@example.network')).toEqual(['sm-2'])
    expect(ids(journal, 'romeo@example')).toEqual([])
  })
}

const ordering = <A>(options: JournalCompliance<A>): void => {
  const { expect } = options
  const it = onBench(options, options.create)
  const { put, remember, texts } = wording(options)

  it('takes batches while others are under way, in the order of the calls', async ({ journal, offline }) => {
    const names = Array.from({ length: 200 }, (_, index) => `message ${index}`)
    await Promise.all(names.map(name => journal.commit([put(romeo, name)])))
    expect(texts(offline, romeo)).toEqual(names)
  })

  it('lets a later batch undo an earlier one that is under way', async ({ journal }) => {
    const commits = []
    for (let number = 1; number <= 50; number += 1) {
      commits.push(journal.commit([remember(romeo, `sm-${number}`)]))
      if (number > 1) commits.push(journal.commit([forget(romeo, `sm-${number - 1}`)]))
    }
    await Promise.all(commits)
    expect(ids(journal, romeo)).toEqual(['sm-50'])
  })

  it('is done with the earlier batches when a later one is done', async ({ journal, offline }) => {
    const earlier = [journal.commit([put(romeo, 'one')]), journal.commit([put(romeo, 'two')])]
    await journal.commit([put(romeo, 'three')])
    expect(texts(offline, romeo)).toEqual(['one', 'two', 'three'])
    await Promise.all(earlier)
  })
}

const closing = <A>(options: JournalCompliance<A>): void => {
  const { expect } = options
  const it = onBench(options, options.create)
  const { put } = wording(options)

  it('ends what is under way before it is closed', async ({ journal }) => {
    const told: Array<string> = []
    const committed = Promise.resolve(journal.commit([put(romeo, 'one')])).then(() => told.push('committed'))
    await journal.close()
    await committed
    expect(told).toEqual(['committed'])
  })

  it('refuses a batch once it is closed, and says so', async ({ journal }) => {
    await journal.close()
    expect((await failureOf(() => journal.commit([put(romeo, 'late')]))).includes('closed')).toEqual(true)
  })
}

const atomicity = <A>(options: JournalCompliance<A>, refused: A): void => {
  const { expect } = options
  const it = onBench(options, options.create)
  const { put, putStanza, remember, texts } = wording(options)
  const failing: ReadonlyArray<Change<A>> = [
    put(romeo, 'before'),
    remember(romeo, 'sm-1'),
    record(romeo, 'a'),
    putStanza(romeo, refused),
    put(romeo, 'after'),
  ]

  it('leaves nothing of a batch that fails, and says which account was to blame', async ({ journal, offline }) => {
    const failure = await failureOf(() => journal.commit(failing))
    expect(failure.includes(romeo)).toEqual(true)
    expect(texts(offline, romeo)).toEqual([])
    expect(ids(journal, romeo)).toEqual([])
    expect(recordsOf(journal, 'tests')).toEqual([])
  })

  it('names the change that can never be committed, and takes all others without it', async ({ journal, offline }) => {
    const failure: unknown = await Promise.resolve(journal.commit(failing)).catch((error: unknown) => error)
    expect(failure instanceof ChangeRefused && failure.change === failing[3]).toEqual(true)
    expect(failure instanceof ChangeRefused && failure.account).toEqual(romeo)
    await journal.commit(failing.filter(change => change !== failing[3]))
    expect(texts(offline, romeo)).toEqual(['before', 'after'])
    expect(ids(journal, romeo)).toEqual(['sm-1'])
  })

  it('refuses no change where the medium fails', async ({ journal, failNext }) => {
    failNext?.()
    const failure: unknown = await Promise.resolve(journal.commit([put(romeo, 'one')])).catch((error: unknown) => error)
    expect(failure instanceof ChangeRefused).toEqual(false)
  })

  it('keeps the batches before and after a batch that fails', async ({ journal, offline }) => {
    const outcomes = await Promise.allSettled([
      journal.commit([put(juliet, 'one')]),
      journal.commit(failing),
      journal.commit([put(juliet, 'two')]),
    ])
    expect(outcomes.map(outcome => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(texts(offline, juliet)).toEqual(['one', 'two'])
    expect(texts(offline, romeo)).toEqual([])
  })
}

const reopening = <A>(options: JournalCompliance<A>): void => {
  const { expect } = options
  const it = onBench(options, options.create)
  const { put, remember, texts } = wording(options)

  it('has all that was committed when it is opened again', async bench => {
    await bench.journal.commit([put(romeo, 'one'), remember(romeo, 'sm-1'), record(romeo, 'a')])
    void bench.journal.commit([put(romeo, 'two'), remember(romeo, 'sm-2')])
    const { journal, offline, end } = await reopened(bench)
    expect(texts(offline, romeo)).toEqual(['one', 'two'])
    expect(ids(journal, romeo)).toEqual(['sm-2', 'sm-1'])
    expect(recordsOf(journal, 'tests')).toEqual([{ account: romeo, name: 'a', text: 'text of a' }])
    await end?.()
  })

  it('goes on where it ended when it is opened again', async bench => {
    await bench.journal.commit([put(romeo, 'one'), remember(romeo, 'sm-1')])
    const { journal, offline, end } = await reopened(bench)
    await journal.commit([put(romeo, 'two'), remember(romeo, 'sm-2')])
    expect(texts(offline, romeo)).toEqual(['one', 'two'])
    expect(ids(journal, romeo)).toEqual(['sm-2', 'sm-1'])
    await end?.()
  })
}

const session = (smId: SmId): OldSession => ({ smId, h: 7, at: 1000 })

const forget = (account: AccountId, smId: SmId): Change<never> => ({ _tag: 'DropOldSession', account, smId })

const record = (account: AccountId, name: string): Change<never> => ({
  _tag: 'PutRecord',
  kind: 'tests',
  account,
  name,
  text: `text of ${name}`,
})

const ids = (journal: Pick<Journal<never>, 'oldSessions'>, account: AccountId): ReadonlyArray<string> =>
  journal.oldSessions(account).map(old => old.smId)

const wording = <A>({ stanza, text }: JournalCompliance<A>) => {
  const putStanza = (account: AccountId, made: A): Change<A> => ({
    _tag: 'PutOffline',
    account,
    stanza: made,
    facts: { name: 'message', type: 'chat' },
    at: 1000,
  })
  return {
    putStanza,
    put: (account: AccountId, name: string): Change<A> => putStanza(account, stanza(name)),
    remember: (account: AccountId, smId: SmId): Change<A> => ({
      _tag: 'PutOldSession',
      account,
      session: session(smId),
    }),
    texts: (offline: OfflineStore<A>, account: AccountId): ReadonlyArray<string> =>
      offline.read(account).map(message => text(message.stanza)),
  }
}

/** The message of the `Error` that it rejects with; nothing if it does not, or with something else. */
const failureOf = async (commit: () => Promise<void> | undefined): Promise<string> => {
  try {
    await commit()
    return ''
  } catch (error) {
    return error instanceof Error ? error.message : ''
  }
}
