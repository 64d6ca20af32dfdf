import { describe, expect, it } from 'vitest'
import { createWorld, events } from './world.js'

const romeo = 'romeo@example.org'
const juliet = 'juliet@example.org'
const c1 = events('orchard', 'c1')
const c2 = events('balcony', 'c2')

const settle = () => new Promise<void>(resolve => setImmediate(resolve))

const withSession = (options: Parameters<typeof createWorld>[0] = {}) => {
  const world = createWorld({ journal: 'when told', ...options })
  world.runtime.dispatch(romeo, c1.bound())
  world.runtime.dispatch(romeo, c1.enable())
  world.endTurn()
  world.log.length = 0
  return world
}

describe('stopping', () => {
  it('lets no session begin any more, and closes its connection', async () => {
    const world = withSession()
    const stopped = world.runtime.stop()
    await settle()
    world.runtime.dispatch(juliet, c2.bound())
    world.runtime.dispatch(juliet, c2.enable('sm-2'))
    world.commits[0]?.done()
    await stopped
    expect(world.log.filter(line => line.startsWith('c2'))).toEqual(['c2 closed system-shutdown'])
    expect([...world.runtime.accounts()]).toEqual([])
  })

  it('counts nothing that comes after the last ack', async () => {
    const world = withSession()
    world.runtime.dispatch(romeo, c1.received('before'))
    const stopped = world.runtime.stop()
    await settle()
    world.runtime.dispatch(romeo, c1.received('after'))
    world.commits[0]?.done()
    await stopped
    expect(world.log).toContain('orchard said before')
    expect(world.log).not.toContain('orchard said after')
    const [remembered] = world.commits[0]?.batch ?? []
    expect(remembered).toMatchObject({ _tag: 'PutOldSession', session: { h: 1 } })
  })

  it('waits for what the application makes of the last commits', async () => {
    const world = withSession()
    world.runtime.change({ _tag: 'DropOffline', account: juliet, keys: [1] })
    world.runtime.whenSettled(juliet, () => {
      world.runtime.change({ _tag: 'DropOffline', account: juliet, keys: [2] })
    })
    let isOver = false
    const stopped = world.runtime.stop().then(() => {
      isOver = true
    })
    await settle()
    world.commits[0]?.done()
    await settle()
    expect(world.commits[1]?.batch).toEqual([{ _tag: 'DropOffline', account: juliet, keys: [2] }])
    expect(isOver).toBe(false)
    world.commits[1]?.done()
    await stopped
  })

  it('hands a stanza that is still on its way back to the application, which may store it', async () => {
    const world = withSession({
      application: runtime => ({
        redeliver: (account, _, stanza, facts, at) =>
          runtime.change({ _tag: 'PutOffline', account, stanza, facts, at }),
      }),
    })
    world.runtime.change({ _tag: 'DropOffline', account: romeo, keys: [1] })
    world.runtime.whenSettled(romeo, () => world.runtime.dispatch(romeo, c1.submitted('late')))
    const stopped = world.runtime.stop()
    await settle()
    world.commits[0]?.done()
    await settle()
    world.commits[1]?.done()
    await stopped
    expect(world.commits[1]?.batch).toMatchObject([{ _tag: 'PutOffline', stanza: 'late' }])
  })

  it('makes timers void that fire in it', async () => {
    const world = withSession()
    world.runtime.dispatch(romeo, c1.submitted('m1'))
    world.runtime.dispatch(romeo, c1.lost())
    world.endTurn()
    const fire = world.timers.get(`${romeo}\norchard\nhibernation`)
    const stopped = world.runtime.stop()
    await settle()
    world.at.now = 700_000
    fire?.()
    world.commits[0]?.done()
    await stopped
    expect(world.log.filter(line => line.startsWith('orchard ended'))).toEqual(['orchard ended stopped'])
    expect(world.commits).toHaveLength(1)
  })

  it('may be asked for twice, and in the middle of a step', async () => {
    let stopping: Promise<void> | undefined
    const world = withSession({
      application: runtime => ({
        deliver: () => {
          stopping = runtime.stop()
        },
      }),
    })
    world.runtime.dispatch(romeo, c1.received('stop it'))
    await settle()
    const again = world.runtime.stop()
    world.commits[0]?.done()
    await Promise.all([stopping, again])
    expect(world.log.filter(line => line === 'c1 < Ack')).toHaveLength(1)
    expect(world.commits).toHaveLength(1)
  })
})
