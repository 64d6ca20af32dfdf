/** The suites can fail: each mock here breaks one promise of its port, and the sentence that says so fails. */
import { journalMemory } from '@smacks/journal-memory'
import { offlineMemory } from '@smacks/offline-memory'
import { type Change, ChangeRefused, type Journal, type OfflineStore } from '@smacks/runtime'
import { journalCompliance, offlineCompliance } from '@smacks/testkit'
import { describe, expect, it } from 'vitest'
import { breaks, brokenBy } from './trial.js'

describe('offlineCompliance catches', () => {
  const trial = (broken: (offline: OfflineStore<string>) => Partial<OfflineStore<string>>) => () =>
    brokenBy(runner =>
      offlineCompliance<string>({
        ...runner,
        stanza: text => text,
        text: stanza => stanza,
        create: () => {
          const whole = offlineMemory<string>({ sizeOf: text => text.length })
          const offline = { ...whole, ...broken(whole) }
          return {
            offline,
            apply: changes => {
              for (const change of changes) offline.apply(change)
              return undefined
            },
          }
        },
      }),
    )

  it('nothing in a store that is right', async () => {
    expect(await trial(() => ({}))()).toEqual([])
  })
  breaks(
    'reads newest first',
    trial(store => ({
      read: (account, limit) => [...store.read(account)].reverse().slice(0, limit),
    })),
    /oldest first/,
  )
  breaks(
    'sorts by time',
    trial(store => ({
      read: (account, limit) => [...store.read(account)].sort((a, b) => a.at - b.at).slice(0, limit),
    })),
    /not by when it was submitted/,
  )
  breaks(
    'orders its keys as text',
    trial(store => ({
      read: (account, limit) =>
        [...store.read(account)].sort((a, b) => (String(a.key) < String(b.key) ? -1 : 1)).slice(0, limit),
    })),
    /beyond ten/,
  )
  breaks(
    'takes no notice of the limit',
    trial(store => ({ read: account => store.read(account) })),
    /no more than the limit/,
  )
  breaks(
    'counts what is read only',
    trial(() => ({ count: () => 1 })),
    /has nothing for an account/,
  )
  breaks(
    'counts nothing by its sender',
    trial(store => ({ usage: account => store.usage(account) })),
    /of a sender and of a domain/,
  )
  breaks(
    'goes on counting what is dropped',
    trial(store => {
      const before = new Map<string, ReturnType<OfflineStore<string>['usage']>>()
      return {
        usage: (account, sender) => {
          const key = `${account} ${sender}`
          const known = before.get(key) ?? store.usage(account, sender)
          const now = store.usage(account, sender)
          const most = now.count >= known.count ? now : known
          before.set(key, most)
          return most
        },
      }
    }),
    /counts no more what is dropped/,
  )
  breaks(
    'loses facts',
    trial(store => ({
      apply: change =>
        store.apply(change._tag === 'PutOffline' ? { ...change, facts: { name: 'message', type: 'chat' } } : change),
    })),
    /facts and time/,
  )
  breaks(
    'mixes accounts up',
    trial(store => ({
      apply: change => store.apply({ ...change, account: change.account.slice(0, 17) }),
      read: (account, limit) => store.read(account.slice(0, 17), limit),
      count: account => store.count(account.slice(0, 17)),
    })),
    /accounts apart/,
  )
  breaks(
    'drops all',
    trial(store => ({
      apply: change =>
        store.apply(
          change._tag === 'DropOffline'
            ? { ...change, keys: store.read(change.account).map(({ key }) => key) }
            : change,
        ),
    })),
    /no others/,
  )
  breaks(
    'drops nothing',
    trial(store => ({
      apply: change => (change._tag === 'DropOffline' ? undefined : store.apply(change)),
    })),
    /drops the messages/,
  )
  breaks(
    'uses keys again',
    trial(() => {
      const messages: Array<ReturnType<OfflineStore<string>['read']>[number]> = []
      return {
        apply: change => {
          if (change._tag === 'PutOffline')
            messages.push({ key: (messages[messages.length - 1]?.key ?? 0) + 1, ...change })
          else
            for (const key of change.keys) messages.splice(messages.findIndex(message => message.key === key) >>> 0, 1)
        },
        read: () => messages,
        count: () => messages.length,
      }
    }),
    /not use a key again/,
  )
})

describe('journalCompliance catches', () => {
  interface Whole {
    readonly journal: Journal<string>
    readonly offline: OfflineStore<string>
  }
  const refused = 'refused'
  const trial =
    (broken: (whole: Whole) => Partial<Journal<string>>, durable = false) =>
    () =>
      brokenBy(runner =>
        journalCompliance<string>({
          ...runner,
          stanza: text => text,
          text: stanza => stanza,
          durable,
          refused,
          create: () => {
            const whole = atomic()
            return { journal: { ...whole.journal, ...broken(whole) }, offline: whole.offline }
          },
        }),
      )
  /** A journal in memory that refuses a batch before it applies any of it. */
  const atomic = (): Whole => {
    const offline = offlineMemory<string>()
    const journal = journalMemory({ offline })
    const commit = (batch: ReadonlyArray<Change<string>>) => {
      const bad = batch.find(change => change._tag === 'PutOffline' && change.stanza === refused)
      return bad === undefined
        ? journal.commit(batch)
        : Promise.reject(new ChangeRefused(bad, `refused for ${bad.account}`))
    }
    return { offline, journal: { ...journal, commit } }
  }
  const oneByOne =
    ({ journal }: Whole): Journal<string>['commit'] =>
    async batch => {
      for (const change of batch) await journal.commit([change])
    }

  it('nothing in a journal that is right', async () => {
    expect(await trial(() => ({}))()).toEqual([])
  })
  breaks(
    'makes work of nothing',
    trial(({ journal }) => ({
      commit: batch => journal.commit(batch) ?? Promise.resolve(),
    })),
    /nothing to do for an empty batch/,
  )
  breaks(
    'is done before it is done',
    trial(({ journal }) => ({
      commit: batch => {
        if (batch.length > 0) setTimeout(() => journal.commit(batch)?.catch(() => undefined), 5)
        return undefined
      },
    })),
    /shows all of a batch once it is done/,
  )
  breaks(
    'commits change by change',
    trial(whole => ({ commit: oneByOne(whole) })),
    /leaves nothing of a batch that fails/,
  )
  breaks(
    'takes a change that it can never commit for a failing medium',
    trial(({ journal }) => ({
      commit: batch => journal.commit(batch)?.catch(error => Promise.reject(new Error(String(error)))),
    })),
    /names the change that can never be committed/,
  )
  breaks(
    'does not say who was to blame',
    trial(({ journal }) => ({
      commit: batch => journal.commit(batch)?.catch(() => Promise.reject(new Error('failed'))),
    })),
    /which account was to blame/,
  )
  breaks(
    'swallows failures',
    trial(({ journal }) => ({
      commit: batch => journal.commit(batch)?.catch(() => undefined),
    })),
    /batches before and after a batch that fails/,
  )
  breaks(
    'takes batches in any order',
    trial(({ journal }) => {
      let calls = 0
      return {
        commit: async batch => {
          calls += 1
          await new Promise(resolve => setTimeout(resolve, calls % 2 === 0 ? 0 : 5))
          await journal.commit(batch)
        },
      }
    }),
    /in the order of the calls/,
  )
  breaks(
    'tells old sessions oldest first',
    trial(({ journal }) => ({
      oldSessions: account => [...journal.oldSessions(account)].reverse(),
    })),
    /newest first/,
  )
  breaks(
    'sorts by time alone',
    trial(({ journal }) => ({
      oldSessions: account => [...journal.oldSessions(account)].sort((a, b) => (a.smId < b.smId ? -1 : 1)),
    })),
    /of the same moment/,
  )
  breaks(
    'cannot forget',
    trial(({ journal }) => ({
      commit: batch => journal.commit(batch.filter(change => change._tag !== 'DropOldSession')),
    })),
    /forgets the SM-ID/,
  )
  breaks(
    'cuts h to 31 bits',
    trial(({ journal }) => ({
      oldSessions: account => journal.oldSessions(account).map(session => ({ ...session, h: session.h | 0 })),
    })),
    /also the greatest h/,
  )
  breaks(
    'cannot be closed',
    trial(() => ({ close: async () => undefined })),
    /refuses a batch once it is closed/,
  )
  breaks(
    'claims to be durable',
    trial(() => ({}), true),
    /opened again/,
  )
})
