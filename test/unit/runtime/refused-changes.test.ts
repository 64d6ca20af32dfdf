import { createEventBus } from '@smacks/bus-events'
import { defaultConfig, type Event, type Nonza } from '@smacks/core'
import {
  type AccountId,
  type Application,
  type Change,
  ChangeRefused,
  createRuntime,
  type Journal,
  monotonicInstant,
  type Refusal,
  type Runtime,
} from '@smacks/runtime'
import { createSimulatedDisk } from '@smacks/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createWorld, events } from './world.js'

const romeo = 'romeo@example.org'
const juliet = 'juliet@example.org'
const mercutio = 'mercutio@example.org'
const c1 = events('orchard', 'c1')
const c2 = events('balcony', 'c2')

const settle = () => new Promise<void>(resolve => setImmediate(resolve))

const chat = { name: 'message', type: 'chat' } as const

const offline = (account: string, stanza: string): Change<string> => ({
  _tag: 'PutOffline',
  account,
  stanza,
  facts: chat,
  at: 1_000,
})

const holds = (change: Change<string>, text: string): boolean => JSON.stringify(change).includes(text)

describe('without a journal of sessions', () => {
  it('a message that cannot be stored goes back, and all others are served', async () => {
    const { runtime, log, stalls, refusals, endTurn } = createWorld({ refuses: change => holds(change, 'poison') })
    runtime.dispatch(romeo, c1.bound())
    endTurn()
    log.length = 0
    runtime.change(offline(juliet, 'poison'))
    runtime.change(offline(juliet, 'good'))
    runtime.dispatch(romeo, c1.submitted('m1'))
    endTurn()
    expect(log).toEqual([])
    await settle()
    expect(log).toEqual(['returned poison of ', 'commit PutOffline', 'c1 < m1', 'flush', 'flush'])
    expect(stalls).toEqual([])
    expect(refusals).toEqual([`PutOffline of ${juliet}: message returned`])
  })

  it('a record that cannot be stored ends the sessions of its account, and of no other', async () => {
    const told: Array<string> = []
    const { runtime, log, endTurn } = createWorld({
      refuses: change => change._tag === 'PutRecord',
      application: () => ({ changeRefused: account => told.push(account) }),
    })
    runtime.dispatch(romeo, c1.bound())
    runtime.dispatch(juliet, c2.bound())
    endTurn()
    log.length = 0
    runtime.change({ _tag: 'PutRecord', kind: 'roster', account: romeo, name: 'x', text: 'x' })
    runtime.dispatch(romeo, c1.submitted('pushed'))
    runtime.dispatch(juliet, c2.submitted('m2'))
    endTurn()
    await settle()
    expect(log).toEqual(['orchard ended lost', 'c2 < m2', 'flush', 'c1 closed internal-server-error', 'flush'])
    expect(told).toEqual([romeo])
  })

  it('a refusal that names nothing of the batch is a failure like others', async () => {
    const { runtime, stalls, endTurn } = createWorld({
      journal: 'throwing',
    })
    runtime.change(offline(juliet, 'm1'))
    endTurn()
    await settle()
    expect(stalls).toHaveLength(1)
  })
})

/** A server with a journal of sessions that never takes some changes, and an application that routes `TO text`. */
const createServer = (options: { readonly refuses: (change: Change<string>) => boolean; readonly sync?: boolean }) => {
  const disk = createSimulatedDisk<string>({})
  const { journal, offline: store } = disk.open()
  const log: Array<string> = []
  const refusals: Array<{ readonly account: AccountId; readonly outcome: Refusal }> = []
  const stalls: Array<unknown> = []
  const ends: Array<() => void> = []
  const refusing: Journal<string> = {
    ...journal,
    commit: batch => {
      const bad = batch.find(options.refuses)
      if (bad !== undefined) return Promise.reject(new ChangeRefused(bad, 'too bad'))
      const done = journal.commit(batch)
      queueMicrotask(disk.sync)
      return done
    },
  }
  const route = (runtime: Runtime<string>, stanza: string): void => {
    const [to = '', text = ''] = stanza.split(' ')
    const { sessions } = runtime.account(to)
    if (sessions.length === 0) runtime.change(offline(to, text))
    for (const { resource } of sessions) runtime.dispatch(to, { ...c1.submitted(text), resource } as Event<string>)
  }
  const application = (runtime: Runtime<string>): Application<string> => ({
    deliver: (_, __, stanza) => route(runtime, stanza),
    returnToSender: (account, _, stanza) => log.push(`${stanza} of ${account} returned`),
    redeliver: (account, _, stanza) => route(runtime, `${account} ${stanza}`),
    sessionEnded: (account, resource, reason) => log.push(`${account}/${resource} ended ${reason}`),
  })
  const runtime = createRuntime<string>({
    config: { ...defaultConfig, maxUnackedStanzas: 100 },
    ports: {
      transport: {
        sendStanza: (connection, stanza) => log.push(`${connection} < ${stanza}`),
        sendNonza: (connection, nonza: Nonza) =>
          log.push(`${connection} < ${nonza._tag}${'h' in nonza ? nonza.h : ''}`),
        close: connection => log.push(`${connection} closed`),
        drop: connection => log.push(`${connection} dropped`),
        awaitDrain: () => {},
        adopt: () => {},
        flush: () => {},
      },
      timers: { arm: () => {}, disarm: () => {}, stop: () => {} },
      turns: { atEnd: callback => ends.push(callback) },
      journal: refusing,
      bus: createEventBus({ onListenerError: () => {} }),
      clock: { now: () => 5_000, monotonic: () => monotonicInstant(5_000) },
    },
    application,
    onFault: error => log.push(String(error)),
    onStall: error => stalls.push(error),
    onRecovery: () => log.push('recovered'),
    onRefused: ({ account }, outcome) => refusals.push({ account, outcome }),
  })
  const endTurn = async (): Promise<void> => {
    for (const callback of ends.splice(0)) callback()
    await settle()
    await settle()
  }
  const stored = (account: AccountId) => store.read(account).map(({ stanza }) => stanza)
  const journalled = () => [...(journal.sessions?.recover() ?? [])]
  return { runtime, log, refusals, stalls, endTurn, stored, journalled, journal }
}

const begin = async (server: ReturnType<typeof createServer>): Promise<void> => {
  for (const [account, one, id] of [
    [romeo, c1, 'sm-romeo'],
    [juliet, c2, 'sm-juliet'],
  ] as const) {
    server.runtime.dispatch(account, one.bound())
    server.runtime.dispatch(account, one.enable(id))
  }
  await server.endTurn()
  server.log.length = 0
}

const isPoisoned = (change: Change<string>): boolean =>
  change._tag !== 'PutOffline' && change.account === juliet && holds(change, 'poison')

describe('with a journal of sessions', () => {
  it('ends the sessions of the account at fault: what they had is stored, and their h is kept', async () => {
    const server = createServer({ refuses: isPoisoned })
    await begin(server)
    const { runtime, log } = server
    runtime.dispatch(romeo, c1.received(`${juliet} m1`))
    await server.endTurn()
    runtime.dispatch(juliet, c2.received(`${romeo} answer`))
    runtime.dispatch(romeo, c1.received(`${juliet} poison`))
    runtime.dispatch(romeo, c1.received(`${juliet} m3`))
    await server.endTurn()
    expect(server.stalls).toEqual([])
    expect(server.refusals).toEqual([{ account: juliet, outcome: 'sessions ended' }])
    expect(log).toEqual([
      'c2 < m1',
      `${juliet}/balcony ended expired`,
      `poison of ${juliet} returned`,
      'c1 < answer',
      'c2 < Ack1',
      'c2 dropped',
    ])
    expect(server.stored(juliet)).toEqual(['m1', 'm3'])
    expect(server.journal.oldSessions(juliet)).toEqual([{ smId: 'sm-juliet', h: 1, at: 5_000 }])
    expect(server.journalled().filter(({ account }) => account === juliet)).toEqual([])
    // She may come again at once.
    runtime.dispatch(juliet, events('balcony', 'c3').bound())
    await server.endTurn()
    expect(runtime.account(juliet).sessions).toHaveLength(1)
    expect(server.journalled().filter(({ account }) => account === juliet)).not.toEqual([])
  })

  it('returns what cannot be stored for later either', async () => {
    const server = createServer({ refuses: change => change.account === juliet && holds(change, 'poison') })
    await begin(server)
    for (const text of ['poison', 'poison-more', 'm2']) server.runtime.dispatch(romeo, c1.received(`${juliet} ${text}`))
    await server.endTurn()
    expect(server.refusals.map(({ outcome }) => outcome)).toEqual(['sessions ended', 'message returned'])
    expect(server.log.filter(line => line.endsWith('returned'))).toEqual([
      `poison of ${juliet} returned`,
      `poison-more of ${juliet} returned`,
    ])
    expect(server.stored(juliet)).toEqual(['m2'])
  })

  it('tries no more than some messages of one account one by one', async () => {
    const server = createServer({ refuses: change => change._tag === 'PutOffline' && change.account === juliet })
    server.runtime.dispatch(romeo, c1.bound())
    server.runtime.dispatch(romeo, c1.enable('sm-romeo'))
    await server.endTurn()
    for (let index = 0; index < 100; index += 1) server.runtime.dispatch(romeo, c1.received(`${juliet} m${index}`))
    await server.endTurn()
    expect(server.refusals).toHaveLength(8)
    expect(server.log.filter(line => line.endsWith('returned')).map(line => line.split(' ')[0])).toEqual(
      Array.from({ length: 100 }, (_, index) => `m${index}`),
    )
  })

  it('sets an account aside of which nothing can be written, and returns what was meant for it', async () => {
    let isBroken = false
    const server = createServer({ refuses: change => isBroken && change.account === juliet })
    await begin(server)
    isBroken = true
    server.runtime.dispatch(romeo, c1.received(`${juliet} m1`))
    server.runtime.dispatch(romeo, c1.received(`${mercutio} m2`))
    await server.endTurn()
    expect(server.refusals.map(({ outcome }) => outcome)).toEqual(['sessions ended', 'set aside'])
    expect(server.log).toEqual([`${juliet}/balcony ended expired`, `m1 of ${juliet} returned`, 'c2 dropped'])
    expect(server.stored(mercutio)).toEqual(['m2'])
    server.log.length = 0
    server.runtime.dispatch(juliet, events('balcony', 'c3').bound())
    server.runtime.dispatch(romeo, c1.received(`${juliet} m4`))
    await server.endTurn()
    expect(server.log).toEqual(['c3 closed', `m4 of ${juliet} returned`].sort((one, other) => (one < other ? 1 : -1)))
    expect(server.stalls).toEqual([])
  })

  it('serves all others whatever number of accounts is at fault', async () => {
    const server = createServer({
      refuses: change =>
        change._tag === 'EventLogged' && change.event._tag === 'StanzaSubmitted' && holds(change, 'poison'),
    })
    await begin(server)
    const { runtime } = server
    const c4 = events('street', 'c4')
    runtime.dispatch(mercutio, c4.bound())
    runtime.dispatch(romeo, c1.received(`${juliet} poison-1`))
    runtime.dispatch(juliet, c2.received(`${romeo} poison-2`))
    runtime.dispatch(mercutio, c4.received(`${romeo} late`))
    runtime.dispatch(mercutio, c4.submitted('m1'))
    await server.endTurn()
    expect(server.refusals.map(({ account }) => account).sort()).toEqual([juliet, romeo])
    expect(server.log).toContain('c4 < m1')
    expect(server.log).toContain(`poison-1 of ${juliet} returned`)
    expect(server.log).toContain(`poison-2 of ${romeo} returned`)
    expect(server.stored(romeo)).toEqual(['late'])
    expect(runtime.account(mercutio).sessions).toHaveLength(1)
  })

  it('does so while it stops too', async () => {
    const server = createServer({ refuses: isPoisoned })
    await begin(server)
    server.runtime.dispatch(romeo, c1.received(`${juliet} poison`))
    await server.runtime.stop()
    expect(server.log).toContain(`poison of ${juliet} returned`)
    expect(server.refusals).toHaveLength(1)
    expect(server.journalled().map(({ account }) => account)).toContain(romeo)
  })
})

describe('whatever is refused, and whenever', () => {
  type Act = 'ack' | 'end turn' | 'lose' | 'refuse' | 'say'
  const acts = fc.array(fc.constantFrom<Act>('say', 'say', 'end turn', 'ack', 'refuse', 'lose'), { maxLength: 40 })
  const kinds = fc.subarray<Change<string>['_tag']>(['EventLogged', 'PutOffline', 'PutOldSession', 'PutSnapshot'])

  it('each message that was acked is with its addressee, stored, or back, and none is stored and back', async () => {
    await fc.assert(
      fc.asyncProperty(acts, kinds, fc.boolean(), async (list, refused, all) => {
        let isRefusing = false
        const server = createServer({
          refuses: change => {
            if (!isRefusing || change.account !== juliet || !refused.includes(change._tag)) return false
            isRefusing = all
            return true
          },
        })
        await begin(server)
        const { runtime, log } = server
        let [said, acked] = [0, 0]
        for (const act of list) {
          if (act === 'say') runtime.dispatch(romeo, c1.received(`${juliet} m${said++}`))
          else if (act === 'refuse') isRefusing = true
          else if (act === 'lose') runtime.dispatch(juliet, c2.lost())
          else if (act === 'end turn') await server.endTurn()
          else {
            const { sessions } = runtime.account(juliet)
            const sent = log.filter(line => line.startsWith('c2 < m')).length
            if (sessions.length > 0 && sent > acked)
              runtime.dispatch(juliet, {
                _tag: 'AckReceived',
                at: 5_000,
                resource: 'balcony',
                connection: 'c2',
                version: 'urn:xmpp:sm:3',
                h: sent,
              })
            acked = sent
          }
        }
        runtime.dispatch(romeo, {
          _tag: 'RequestReceived',
          at: 5_000,
          resource: 'orchard',
          connection: 'c1',
          version: 'urn:xmpp:sm:3',
        })
        await server.endTurn()
        await server.endTurn()
        expect(server.stalls).toEqual([])
        expect(log).toContain(`c1 < Ack${said}`)
        const stored = server.stored(juliet)
        const queued = runtime.account(juliet).sessions.flatMap(session => ('outbound' in session ? [session] : []))
        const waiting = queued.reduce((sum, { outbound }) => sum + outbound.unacked.length, 0)
        let elsewhere = 0
        for (let n = 0; n < said; n += 1) {
          const back = log.filter(line => line === `m${n} of ${juliet} returned`).length
          const kept = stored.filter(text => text === `m${n}`).length
          expect(back + kept, `m${n}`).toBeLessThanOrEqual(1)
          if (back + kept === 0) elsewhere += 1
        }
        // What is neither stored nor back was acked by her client, or waits for it.
        expect(elsewhere).toBeLessThanOrEqual(acked + waiting)
      }),
      { numRuns: 300 },
    )
  }, 60_000)
})
