/** Words for what is journalled of sessions. */
import {
  type Account,
  type Config,
  type ConnectionId,
  type Counter,
  defaultConfig,
  type Event,
  freshOutbound,
  type Resource,
} from '@smacks/core'
import type { AccountId, Change } from '@smacks/runtime'
import type { JournalCompliance } from './journal-bench.js'

export const romeo = 'romeo@example.net'
export const juliet = 'juliet@example.org'

/** None of them is as it is unless told. */
export const config: Config = {
  ...defaultConfig,
  hibernationTime: 1.5,
  maxQueueSize: 7,
  enabledS2s: false,
  queueStorage: true,
}

/** Changes and states, with stanzas as the suite makes them. What is kept is Romeo's. */
export const sessionWords = <A>({ stanza }: Pick<JournalCompliance<A>, 'stanza'>) => {
  const happened = (account: AccountId, event: Event<A>) => ({ _tag: 'EventLogged', account, event }) as const
  const unmanaged: Account<A> = {
    sessions: [{ _tag: 'Unmanaged', resource: 'phone', connection: 'c1' }],
    oldSessions: [{ smId: 'sm-1', h: 2 ** 32 - 1, at: 1000 }],
  }
  const hibernating: Account<A> = {
    sessions: [
      {
        _tag: 'Hibernating',
        resource: 'desk',
        role: 'receiving',
        version: 'urn:xmpp:sm:3',
        resumption: { smId: 'sm-2', seconds: 600 },
        inbound: { handled: 3 },
        outbound: { ...freshOutbound, acked: 4 },
        deadlines: { ackDelay: undefined, ackHold: undefined, hibernation: 5000, readProbe: undefined },
        since: 1000,
        usesArchive: false,
      },
    ],
    oldSessions: [],
  }
  return {
    states: { unmanaged, hibernating },
    known: (account: AccountId): Change<A> => ({ _tag: 'Baseline', account, state: unmanaged, config }),
    snapshot: (account: AccountId, state: Account<A>): Change<A> => ({
      _tag: 'PutSnapshot',
      account,
      state,
      config,
    }),
    bound: (account: AccountId, connection: ConnectionId, at = 1000): Change<A> =>
      happened(account, { _tag: 'SessionBound', at, resource: 'phone', connection }),
    received: (account: AccountId, connection: ConnectionId, name: string): Change<A> =>
      happened(account, { _tag: 'StanzaReceived', at: 1000, resource: 'phone', connection, stanza: stanza(name) }),
    submitted: (account: AccountId, name: string) =>
      happened(account, {
        _tag: 'StanzaSubmitted',
        at: 1_700_000_000_123,
        resource: 'phone',
        stanza: stanza(name),
        facts: { name: 'message', type: 'chat', id: 'm1', delayed: true },
      }),
    keep: (resource: Resource, from: Counter, ...names: ReadonlyArray<string>): Change<A> => ({
      _tag: 'KeepUnacked',
      account: romeo,
      resource,
      from,
      unacked: names.map(name => ({ stanza: stanza(name), facts: { name: 'message', type: 'chat' }, at: 1000 })),
    }),
    forget: (resource: Resource, from: Counter, count: number): Change<A> => ({
      _tag: 'ForgetKept',
      account: romeo,
      resource,
      from,
      count,
    }),
  }
}
