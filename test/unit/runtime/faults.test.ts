import { describe, expect, it } from 'vitest'
import { createWorld, events } from './world.js'

const romeo = 'romeo@example.org'
const juliet = 'juliet@example.org'
const c1 = events('orchard', 'c1')
const c2 = events('balcony', 'c2')

const settle = () => new Promise<void>(resolve => setImmediate(resolve))

const fails = () => {
  throw new Error('bad day')
}

const withSession = (options: Parameters<typeof createWorld>[0] = {}) => {
  const world = createWorld(options)
  world.runtime.dispatch(romeo, c1.bound())
  world.runtime.dispatch(romeo, c1.enable())
  world.endTurn()
  return world
}

const expire = (world: ReturnType<typeof createWorld>) => {
  world.runtime.dispatch(romeo, c1.submitted('m1'))
  world.runtime.dispatch(romeo, c1.lost())
  world.endTurn()
  world.at.now = 700_000
  world.timers.get(`${romeo}\norchard\nhibernation`)?.()
}

describe('whatever throws, the loop goes on and says where', () => {
  it('an observer', () => {
    const world = withSession({ observe: fails })
    expect(world.faults).toEqual(['observe', 'observe'])
    expect(world.log).toEqual(['c1 < Enabled', 'flush'])
  })

  it('a journal that cannot read: the account is without its old sessions', () => {
    const world = withSession({ oldSessions: fails })
    expect(world.faults).toEqual([`reading the old sessions of ${romeo}`])
    expect(world.log).toEqual(['c1 < Enabled', 'flush'])
  })

  it('a transport that cannot flush: accounts are forgotten and waiters called all the same', () => {
    const world = createWorld({ flush: fails })
    const called: Array<string> = []
    world.runtime.dispatch(romeo, c1.resume())
    world.runtime.change({ _tag: 'DropOffline', account: romeo, keys: [1] })
    world.runtime.whenSettled(romeo, () => called.push('romeo'))
    world.endTurn()
    expect(world.faults).toEqual(['flushing the transport'])
    expect(called).toEqual(['romeo'])
    expect([...world.runtime.accounts()]).toEqual([])
  })

  it('the one who is told of faults', () => {
    const world = withSession({ observe: fails, onFault: fails })
    expect(world.log).toEqual(['c1 < Enabled', 'flush'])
  })

  it('who waits for an account: the next one is called all the same', () => {
    const world = createWorld()
    const called: Array<string> = []
    world.runtime.change({ _tag: 'DropOffline', account: romeo, keys: [1] })
    world.runtime.whenSettled(romeo, fails)
    world.runtime.whenSettled(romeo, () => called.push('second'))
    world.endTurn()
    expect(world.faults).toEqual(['the application, at whenSettled'])
    expect(called).toEqual(['second'])
  })
})

/** Lets the pause before the next attempt pass. */
const passPause = async (world: ReturnType<typeof createWorld>): Promise<void> => {
  await settle()
  world.timers.get('\nretry')?.()
  await settle()
}

describe('a journal that throws', () => {
  it('has failed: nothing of the turn is shown, and nothing after it', async () => {
    const world = withSession({ journal: 'throwing', config: { hibernationTime: 1 } })
    expire(world)
    world.log.length = 0
    world.endTurn()
    await settle()
    world.runtime.dispatch(juliet, c2.bound())
    world.runtime.dispatch(juliet, c2.submitted('m2'))
    world.endTurn()
    await settle()
    expect(world.stalls).toEqual([{ error: new Error('disk on fire'), attempt: 1 }])
    expect(world.log).toEqual([])
  })
})

describe('a commit that fails', () => {
  it('is tried again as it was, and what came after it waits', async () => {
    const world = createWorld({ journal: 'when told' })
    world.runtime.change({ _tag: 'DropOffline', account: romeo, keys: [1] })
    world.endTurn()
    world.runtime.change({ _tag: 'DropOffline', account: juliet, keys: [2] })
    world.runtime.dispatch(juliet, c2.bound())
    world.runtime.dispatch(juliet, c2.submitted('m2'))
    world.endTurn()
    world.commits[0]?.fail()
    await passPause(world)
    world.commits[1]?.fail()
    await passPause(world)
    expect(world.commits).toHaveLength(3)
    expect(world.commits[2]?.batch).toBe(world.commits[0]?.batch)
    expect(world.log).toEqual([])
    expect(world.stalls.map(({ attempt }) => attempt)).toEqual([1, 2])
    expect(world.recoveries.count).toBe(0)
  })

  it('holds nothing up any more once it succeeds, and nothing is lost', async () => {
    const world = createWorld({ journal: 'when told' })
    world.runtime.change({ _tag: 'DropOffline', account: romeo, keys: [1] })
    world.endTurn()
    world.runtime.dispatch(juliet, c2.bound())
    world.runtime.dispatch(juliet, c2.submitted('m2'))
    world.runtime.change({ _tag: 'DropOffline', account: juliet, keys: [2] })
    world.endTurn()
    world.commits[0]?.fail()
    await passPause(world)
    world.commits[1]?.done()
    await settle()
    world.commits[2]?.done()
    await settle()
    expect(world.log).toEqual(['commit DropOffline', 'flush', 'commit DropOffline', 'c2 < m2', 'flush'])
    expect(world.recoveries.count).toBe(1)
  })

  it('makes a stop fail, be it before or in it', async () => {
    for (const when of ['before', 'in it']) {
      const world = withSession({ journal: 'when told' })
      world.runtime.dispatch(romeo, c1.submitted('m1'))
      if (when === 'before') {
        world.runtime.change({ _tag: 'DropOffline', account: juliet, keys: [1] })
        world.endTurn()
        world.commits[0]?.fail()
        await settle()
      }
      const stopped = expect(world.runtime.stop(), when).rejects.toThrow('disk full')
      await settle()
      if (when === 'in it') world.commits[0]?.fail()
      await stopped
      expect(world.timers.size, when).toBe(0)
      expect(world.log, when).not.toContain('c1 < Ack')
    }
  })
})
