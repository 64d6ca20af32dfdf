import { describe, expect, it } from 'vitest'
import { createWorld, events } from './world.js'

const romeo = 'romeo@example.org'
const c1 = events('orchard', 'c1')

const withSession = (options: Parameters<typeof createWorld>[0] = {}) => {
  const world = createWorld(options)
  world.runtime.dispatch(romeo, c1.bound())
  world.runtime.dispatch(romeo, c1.enable())
  world.endTurn()
  world.log.length = 0
  return world
}

const settle = () => new Promise<void>(resolve => setImmediate(resolve))

describe('a turn', () => {
  it('steps at once, and shows nothing before it ends', () => {
    const world = withSession()
    world.runtime.dispatch(romeo, c1.submitted('m1'))
    expect(world.runtime.account(romeo).sessions[0]).toMatchObject({ outbound: { unacked: { length: 1 } } })
    expect(world.log).toEqual([])
    world.endTurn()
    expect(world.log).toEqual(['c1 < m1', 'flush'])
  })

  it('flushes once, however much it sends', () => {
    const world = withSession()
    for (const stanza of ['m1', 'm2', 'm3']) world.runtime.dispatch(romeo, c1.submitted(stanza))
    world.endTurn()
    expect(world.log).toEqual(['c1 < m1', 'c1 < m2', 'c1 < m3', 'flush'])
  })

  it('steps what the application dispatches after what waits already, and in the same turn', () => {
    const world = withSession({
      application: (runtime, log) => ({
        deliver: (account, _, stanza) => {
          log.push(`handling ${stanza}`)
          runtime.dispatch(account, c1.submitted(`answer to ${stanza}`))
          log.push(`handled ${stanza}`)
        },
      }),
    })
    world.runtime.dispatch(romeo, c1.received('q1'))
    world.runtime.dispatch(romeo, c1.received('q2'))
    world.endTurn()
    expect(world.log).toEqual([
      'handling q1',
      'handled q1',
      'handling q2',
      'handled q2',
      'c1 < answer to q1',
      'c1 < answer to q2',
      'flush',
    ])
  })

  it('goes on when the application throws, and says where', () => {
    const world = withSession({
      application: () => ({
        deliver: () => {
          throw new Error('bad day')
        },
      }),
    })
    world.runtime.dispatch(romeo, c1.received('q1'))
    world.runtime.dispatch(romeo, c1.submitted('m1'))
    world.endTurn()
    expect(world.faults).toEqual(['the application, at Deliver'])
    expect(world.log).toEqual(['c1 < m1', 'flush'])
  })

  it('goes on when a port throws, and says where', () => {
    const world = createWorld()
    const broken = events('balcony', 'broken')
    for (const event of [broken.bound(), broken.enable(), c1.bound(), c1.enable('sm-2')])
      world.runtime.dispatch(romeo, event)
    world.endTurn()
    expect(world.faults).toEqual(['performing SendNonza'])
    expect(world.log).toEqual(['c1 < Enabled', 'flush'])
  })
})

describe('durable before visible', () => {
  const expire = (world: ReturnType<typeof createWorld>) => {
    world.runtime.dispatch(romeo, c1.submitted('m1'))
    world.runtime.dispatch(romeo, c1.lost())
    world.endTurn()
    world.log.length = 0
    world.at.now = 700_000
    world.timers.get(`${romeo}\norchard\nhibernation`)?.()
  }

  it('commits before anything of the turn is seen', async () => {
    const world = withSession({ journal: 'when told', config: { hibernationTime: 1 } })
    const juliet = events('balcony', 'c2')
    expire(world)
    world.runtime.dispatch('juliet@example.org', juliet.bound())
    world.runtime.dispatch('juliet@example.org', juliet.submitted('m2'))
    world.endTurn()
    await settle()
    expect(world.log).toEqual(['orchard ended expired'])
    world.commits[0]?.done()
    await settle()
    expect(world.log).toEqual([
      'orchard ended expired',
      'commit PutOffline PutOldSession',
      'bus HibernationEnded',
      'c2 < m2',
      'flush',
    ])
  })

  it('lets a later turn wait behind a commit that is under way', async () => {
    const world = withSession({ journal: 'when told', config: { hibernationTime: 1 } })
    expire(world)
    world.endTurn()
    const juliet = events('balcony', 'c2')
    world.runtime.dispatch('juliet@example.org', juliet.bound())
    world.runtime.dispatch('juliet@example.org', juliet.submitted('m2'))
    world.endTurn()
    await settle()
    expect(world.log).not.toContain('c2 < m2')
    world.commits[0]?.done()
    await settle()
    expect(world.log.slice(-2)).toEqual(['c2 < m2', 'flush'])
  })

  it('performs nothing while a commit fails', async () => {
    const world = withSession({ journal: 'when told', config: { hibernationTime: 1 } })
    expire(world)
    world.endTurn()
    world.commits[0]?.fail()
    await settle()
    expect(world.stalls).toHaveLength(1)
    const juliet = events('balcony', 'c2')
    world.runtime.dispatch('juliet@example.org', juliet.bound())
    world.runtime.dispatch('juliet@example.org', juliet.submitted('m2'))
    world.endTurn()
    await settle()
    expect(world.log).toEqual(['orchard ended expired'])
  })

  it('takes the application’s own changes into the batch of the turn', () => {
    const world = createWorld()
    world.runtime.change({ _tag: 'DropOffline', account: romeo, keys: [1] })
    world.runtime.change({ _tag: 'DropOldSession', account: romeo, smId: 'x' })
    world.endTurn()
    expect(world.log).toEqual(['commit DropOffline DropOldSession', 'flush'])
  })
})

describe('whenSettled', () => {
  it('calls back at once where nothing is under way', () => {
    const world = createWorld()
    let called = false
    world.runtime.whenSettled(romeo, () => {
      called = true
    })
    expect(called).toBe(true)
  })

  it('waits for all changes of the account, and for no other account', async () => {
    const world = createWorld({ journal: 'when told' })
    const called: Array<string> = []
    world.runtime.change({ _tag: 'DropOffline', account: romeo, keys: [1] })
    world.endTurn()
    world.runtime.change({ _tag: 'DropOffline', account: romeo, keys: [2] })
    world.endTurn()
    world.runtime.whenSettled(romeo, () => called.push('romeo'))
    world.runtime.whenSettled('juliet@example.org', () => called.push('juliet'))
    expect(called).toEqual(['juliet'])
    world.commits[0]?.done()
    await settle()
    expect(called).toEqual(['juliet'])
    world.commits[1]?.done()
    await settle()
    expect(called).toEqual(['juliet', 'romeo'])
  })
})

describe('accounts in memory', () => {
  it('are forgotten with their last session', () => {
    const world = withSession()
    world.runtime.dispatch(romeo, c1.closed())
    world.endTurn()
    expect([...world.runtime.accounts()]).toEqual([])
  })

  it('stay while they are held', () => {
    const world = createWorld()
    const lease = world.runtime.hold(romeo)
    world.runtime.dispatch(romeo, c1.resume())
    world.endTurn()
    expect([...world.runtime.accounts()]).toEqual([romeo])
    lease.release()
    lease.release()
    expect([...world.runtime.accounts()]).toEqual([])
  })

  it('know the old sessions that the journal keeps', () => {
    const world = createWorld()
    world.oldSessions.set(romeo, [{ smId: 'sm-0', h: 7, at: 0 }])
    world.runtime.dispatch(romeo, c1.resume('sm-0'))
    expect(world.runtime.account(romeo).oldSessions).toEqual([{ smId: 'sm-0', h: 7, at: 0 }])
  })
})

describe('timers', () => {
  it('come back as events with the time they fired', () => {
    const seen: Array<string> = []
    const world = withSession({ observe: ({ event }) => seen.push(`${event._tag} ${event.at}`) })
    world.runtime.dispatch(romeo, c1.lost())
    world.endTurn()
    world.at.now = 604_000
    world.timers.get(`${romeo}\norchard\nhibernation`)?.()
    expect(seen.at(-1)).toBe('TimerFired 604000')
    expect(world.log).toContain('orchard ended expired')
  })
})

describe('stopping', () => {
  it('ends every session, commits what waits in them, and tells the peers', async () => {
    const world = withSession({ journal: 'when told' })
    world.runtime.dispatch(romeo, c1.submitted('m1'))
    world.endTurn()
    world.log.length = 0
    const stopped = world.runtime.stop()
    await settle()
    expect(world.commits[0]?.batch.map(change => change._tag)).toEqual(['PutOffline', 'PutOldSession'])
    expect(world.log).toEqual(['orchard ended stopped'])
    world.commits[0]?.done()
    await stopped
    expect(world.log).toEqual([
      'orchard ended stopped',
      'commit PutOffline PutOldSession',
      'c1 < Ack',
      'c1 closed system-shutdown',
      'flush',
    ])
    expect(world.timers.size).toBe(0)
  })
})
