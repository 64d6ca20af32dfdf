/**
 * What one relayed message costs in the loop and in instant messaging, counted: nothing here is a time, so nothing depends on
 * the machine. Whoever makes a message cheaper lowers a number; whoever must raise one says why.
 */
import { parseElement, Stanza } from '@smacks/codec'
import { defaultConfig, type Event } from '@smacks/core'
import { journalMemory } from '@smacks/journal-memory'
import { offlineMemory } from '@smacks/offline-memory'
import { createRuntime, type Runtime } from '@smacks/runtime'
import { defaultServerConfig } from '@smacks/server'
import { createVirtualHost } from '@smacks/testkit'
import { getOrElseW } from 'fp-ts/lib/Either.js'
import { afterEach, expect, test, vi } from 'vitest'
import { createInstantMessaging } from '../../../packages/im/src/interpreter.js'
import { openRosters } from '../../../packages/im/src/roster/roster-records.js'
import { Accounts } from '../../../packages/runtime/src/accounts.js'

const version = 'urn:xmpp:sm:3'
const writer = { account: 'juliet@a.example', resource: 'balcony', connection: 'c1' }
const reader = { account: 'romeo@a.example', resource: 'orchard', connection: 'c2' }
type Session = typeof writer

const stanzaOf = (xml: string): Stanza =>
  Stanza.fromElement(
    getOrElseW(reason => {
      throw new Error(String(reason))
    })(parseElement(xml)),
  )

afterEach(() => vi.restoreAllMocks())

/** Two connected clients with stream management, and all that is done for them from now on, by name. */
const openStage = () => {
  const host = createVirtualHost(Date.UTC(2026, 0, 1))
  const counts: Record<string, number> = {}
  const count = (what: string, by = 1): void => {
    counts[what] = (counts[what] ?? 0) + by
  }
  const offline = offlineMemory<Stanza>({ sizeOf: ({ xml }) => xml.length })
  const memory = journalMemory({ offline })
  const runtime: Runtime<Stanza> = createRuntime<Stanza>({
    config: defaultConfig,
    sizeOf: ({ xml }) => xml.length,
    ports: {
      transport: {
        sendStanza: () => count('stanzas sent'),
        sendNonza: (_, { _tag }) => count(`${_tag} sent`),
        awaitDrain: () => {},
        adopt: () => {},
        close: () => count('closed'),
        drop: () => count('dropped'),
        flush: () => count('turns performed'),
      },
      timers: {
        arm: () => count('timers armed'),
        disarm: () => count('timers disarmed'),
        stop: () => {},
      },
      turns: host.turns,
      clock: host.clock,
      journal: {
        ...memory,
        sessions: { recover: () => [], kept: () => [], countKept: () => 0, wanted: () => [] },
        commit: batch => {
          count('commits')
          count('changes', batch.length)
          return undefined
        },
      },
      bus: { publish: () => {} },
    },
    application: made => {
      const rosters = openRosters({ records: memory.records, runtime: made, onBadRecord: fail, now: () => 1 })
      return createInstantMessaging({
        records: memory.records,
        oldSessions: memory.oldSessions,
        runtime: made,
        offline,
        rosters: {
          ...rosters,
          read: account => {
            count('steps of im')
            return rosters.read(account)
          },
        },
        accountExists: () => true,
        domains: ['a.example'],
        offlineStorage: () => true,
        quotas: () => defaultServerConfig.limits,
        clock: host.clock,
        freshId: () => 'fresh',
        unsent: () => 0,
        later: fail,
        log: { debug: fail, warn: fail },
        version: '0',
      })
    },
    onFault: fail,
    onStall: fail,
    onRecovery: fail,
  })
  for (const method of ['current', 'find', 'put', 'forgetIfIdle'] as const) {
    const original = Accounts.prototype[method] as (...args: Array<unknown>) => unknown
    vi.spyOn(Accounts.prototype, method).mockImplementation(function (this: unknown, ...args: Array<unknown>) {
      count(`accounts: ${method}`)
      return original.apply(this, args) as never
    })
  }
  const dispatch = ({ account, resource, connection }: Session, event: object): void =>
    runtime.dispatch(account, { at: host.clock.now(), resource, connection, ...event } as Event<Stanza>)
  for (const session of [writer, reader]) {
    dispatch(session, { _tag: 'SessionBound' })
    dispatch(session, { _tag: 'EnableReceived', version, resume: true, freshId: `sm of ${session.account}` })
    dispatch(session, { _tag: 'StanzaReceived', stanza: stanzaOf('<presence/>') })
  }
  host.settle()
  host.advance(10_000)
  const counted = (act: () => void): Readonly<Record<string, number>> => {
    for (const name of Object.keys(counts)) delete counts[name]
    act()
    return { ...counts }
  }
  const says = (number: number): void => {
    for (let index = 0; index < number; index += 1) {
      const message = `<message to='${reader.account}/${reader.resource}' id='${index}' type='chat'><body>Hark!</body></message>`
      dispatch(writer, { _tag: 'StanzaReceived', stanza: stanzaOf(message) })
    }
  }
  return { host, dispatch, counted, says }
}

const fail = (...args: ReadonlyArray<unknown>): never => {
  throw new Error(`nobody expected this: ${args.map(String).join(' ')}`)
}

test('a message that comes alone, and its ack', () => {
  const { host, counted, dispatch, says } = openStage()
  counted(() => {
    says(1)
    host.settle()
    dispatch(reader, { _tag: 'AckReceived', version, h: 2 })
    host.settle()
  })
  const message = counted(() => {
    says(1)
    host.settle()
  })
  expect(message).toEqual({
    'steps of im': 2,
    'accounts: find': 2,
    'accounts: put': 2,
    // Whether the addressee is there.
    'accounts: current': 1,
    commits: 1,
    changes: 2,
    'stanzas sent': 1,
    'Request sent': 1,
    'timers armed': 1,
    'turns performed': 1,
  })
  const ack = counted(() => {
    dispatch(reader, { _tag: 'AckReceived', version, h: 3 })
    host.settle()
  })
  expect(ack).toEqual({
    'accounts: find': 1,
    'accounts: put': 1,
    commits: 1,
    changes: 1,
    'timers disarmed': 1,
    'turns performed': 1,
  })
})

test('many that come in one read', () => {
  const { host, counted, says } = openStage()
  const many = 50
  const messages = counted(() => {
    says(many)
    host.settle()
  })
  expect(messages).toEqual({
    'steps of im': 2 * many,
    'accounts: find': 2 * many,
    'accounts: put': 2 * many,
    'accounts: current': many,
    commits: 1,
    changes: 2 * many,
    'stanzas sent': many,
    'Request sent': 1,
    'timers armed': 1,
    'turns performed': 1,
  })
})
