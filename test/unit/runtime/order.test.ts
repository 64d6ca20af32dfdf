import { stepsAtOnce } from '@smacks/runtime'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createWorld, events } from './world.js'

const romeo = 'romeo@example.org'
const juliet = 'juliet@example.org'
const c1 = events('orchard', 'c1')
const c2 = events('balcony', 'c2')

const settle = () => new Promise<void>(resolve => setImmediate(resolve))

describe('order across turns', () => {
  it('is that of the turns, whichever need a commit, and however long commits take', async () => {
    const turns = fc.array(fc.record({ changes: fc.nat(2), done: fc.boolean() }), { minLength: 1, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(turns, async script => {
        const world = createWorld({ journal: 'when told' })
        let begun = 0
        const finishOne = async () => {
          world.commits[begun]?.done()
          if (begun < world.commits.length) begun += 1
          await settle()
        }
        world.runtime.dispatch(romeo, c1.bound())
        for (const [n, { changes, done }] of script.entries()) {
          world.runtime.dispatch(romeo, c1.submitted(`m${n}`))
          for (let key = 0; key < changes; key += 1)
            world.runtime.change({ _tag: 'DropOffline', account: juliet, keys: [n, key] })
          world.endTurn()
          expect(world.commits.length - begun, 'commits under way').toBeLessThanOrEqual(1)
          if (done) await finishOne()
        }
        while (begun < world.commits.length) await finishOne()
        expect(world.log.filter(line => line.startsWith('c1 < '))).toEqual(script.map((_, n) => `c1 < m${n}`))
        const kept = world.commits.flatMap(({ batch }) =>
          batch.map(one => (one._tag === 'DropOffline' ? one.keys : [])),
        )
        expect(kept).toEqual(script.flatMap(({ changes }, n) => Array.from({ length: changes }, (_, key) => [n, key])))
      }),
      { numRuns: 100 },
    )
  })

  it('puts what several turns leave while a commit is under way into one batch', async () => {
    const world = createWorld({ journal: 'when told' })
    for (const key of [1, 2, 3]) {
      world.runtime.change({ _tag: 'DropOffline', account: juliet, keys: [key] })
      world.endTurn()
    }
    world.commits[0]?.done()
    await settle()
    expect(world.commits.map(({ batch }) => batch.length)).toEqual([1, 2])
  })

  it('does not let a turn without changes wait for a commit that begins after it', async () => {
    const world = createWorld({ journal: 'when told' })
    world.runtime.dispatch(romeo, c1.bound())
    world.runtime.change({ _tag: 'DropOffline', account: juliet, keys: [1] })
    world.endTurn()
    world.runtime.dispatch(romeo, c1.submitted('m1'))
    world.endTurn()
    world.runtime.change({ _tag: 'DropOffline', account: juliet, keys: [2] })
    world.endTurn()
    world.commits[0]?.done()
    await settle()
    expect(world.log).toContain('c1 < m1')
    expect(world.commits).toHaveLength(2)
  })

  it('lets a bus listener dispatch, and performs what follows in a turn of its own', () => {
    const world = createWorld({
      onBus: runtime => runtime.dispatch(juliet, c2.submitted('pushed')),
    })
    for (const event of [c1.bound(), c1.enable()]) world.runtime.dispatch(romeo, event)
    world.runtime.dispatch(juliet, c2.bound())
    world.endTurn()
    world.log.length = 0
    world.runtime.dispatch(romeo, c1.lost())
    world.endTurn()
    expect(world.log).toEqual(['bus HibernationStarted', 'flush'])
    world.endTurn()
    expect(world.log.slice(2)).toEqual(['c2 < pushed', 'flush'])
  })
})

describe('an application that never comes to an end', () => {
  const endless = () => {
    const world = createWorld({
      application: runtime => ({
        deliver: (account, _, stanza) => runtime.dispatch(account, c1.received(stanza)),
      }),
    })
    world.runtime.dispatch(romeo, c1.bound())
    world.runtime.dispatch(juliet, c2.bound())
    world.runtime.dispatch(romeo, c1.received('for ever'))
    return world
  }

  it('is told of, and lets the turn end', () => {
    const world = endless()
    expect(world.faults).toEqual(['the application'])
    world.endTurn()
    expect(world.log).toContain('flush')
    expect(world.faults).toEqual(['the application', 'the application'])
  }, 20_000)

  it('does not keep an event of another from being stepped at once', () => {
    const world = endless()
    world.runtime.dispatch(juliet, c2.enable('sm-2'))
    expect(world.runtime.account(juliet).sessions[0]?._tag).toBe('Active')
  }, 20_000)

  it('may be large, all the same', () => {
    const world = createWorld({
      application: runtime => ({
        deliver: () => {
          for (let n = 0; n < stepsAtOnce; n += 1) runtime.dispatch(juliet, c2.submitted('presence'))
        },
      }),
    })
    world.runtime.dispatch(romeo, c1.bound())
    world.runtime.dispatch(juliet, c2.bound())
    world.runtime.dispatch(romeo, c1.received('hello, all'))
    world.endTurn()
    expect(world.faults).toEqual([])
    expect(world.log).toHaveLength(stepsAtOnce + 1)
  }, 20_000)
})

describe('whenSettled', () => {
  it('calls one who waits once what was under way is durable, whatever began since', async () => {
    const world = createWorld({ journal: 'when told' })
    const called: Array<string> = []
    const drop = () => world.runtime.change({ _tag: 'DropOffline', account: romeo, keys: [1] })
    drop()
    world.runtime.whenSettled(romeo, () => {
      called.push('first')
      drop()
    })
    world.endTurn()
    drop()
    world.runtime.whenSettled(romeo, () => called.push('second'))
    expect(called).toEqual([])
    world.commits[0]?.done()
    await settle()
    expect(called).toEqual(['first'])
    expect(world.runtime.isSettled(romeo)).toBe(false)
    world.endTurn()
    world.commits[1]?.done()
    await settle()
    expect(called).toEqual(['first', 'second'])
    expect(world.runtime.isSettled(romeo)).toBe(true)
  })
})

describe('accounts in memory', () => {
  const end = (world: ReturnType<typeof createWorld>) => {
    world.runtime.dispatch(romeo, c1.bound())
    world.runtime.dispatch(romeo, c1.enable())
    world.runtime.dispatch(romeo, c1.lost())
    world.endTurn()
    world.at.now = 700_000
    world.timers.get(`${romeo}\norchard\nhibernation`)?.()
  }

  it('are forgotten when their last session left something to store', async () => {
    const world = createWorld({ journal: 'when told' })
    end(world)
    world.endTurn()
    expect([...world.runtime.accounts()]).toEqual([romeo])
    world.commits[0]?.done()
    await settle()
    expect([...world.runtime.accounts()]).toEqual([])
  })

  it('are forgotten when the last of several commits is done', async () => {
    const world = createWorld({ journal: 'when told' })
    end(world)
    world.endTurn()
    world.runtime.change({ _tag: 'DropOffline', account: romeo, keys: [1] })
    world.endTurn()
    world.commits[0]?.done()
    await settle()
    expect([...world.runtime.accounts()]).toEqual([romeo])
    world.commits[1]?.done()
    await settle()
    expect([...world.runtime.accounts()]).toEqual([])
  })

  it('stay when somebody came back while the commit was under way', async () => {
    const world = createWorld({ journal: 'when told' })
    end(world)
    world.endTurn()
    world.runtime.dispatch(romeo, c2.bound())
    world.commits[0]?.done()
    await settle()
    expect(world.runtime.account(romeo).sessions).toHaveLength(1)
  })
})
