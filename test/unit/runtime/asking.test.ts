/** What `<enable/>` and `<resume/>` come to: returned at once, answered once it is durable. */
import type { EnableReceived, Nonza, ResumeReceived } from '@smacks/core'
import type { Question } from '@smacks/runtime'
import { describe, expect, it } from 'vitest'
import { createWorld, events, type World } from './world.js'

const romeo = 'romeo@example.org'
const c1 = events('orchard', 'c1')
const c2 = events('orchard', 'c2')

const settle = () => new Promise<void>(resolve => setImmediate(resolve))

const enable = (of: ReturnType<typeof events>) => of.enable() as EnableReceived
const resume = (...asked: Parameters<typeof c2.resume>) => c2.resume(...asked) as ResumeReceived

const asker = (world: World) => (question: Question) =>
  world.runtime.ask(romeo, question, (nonza: Nonza) => world.log.push(`answer ${nonza._tag}`))

/** A session that waits for its client, with one unacked stanza. */
const hibernating = (options?: Parameters<typeof createWorld>[0]): World => {
  const world = createWorld(options)
  for (const event of [c1.bound(), c1.enable(), c1.submitted('m1'), c1.lost()]) world.runtime.dispatch(romeo, event)
  world.endTurn()
  world.log.splice(0)
  return world
}

describe('what is asked', () => {
  it('is told at once: which session goes on', () => {
    const world = hibernating()
    expect(asker(world)(resume())).toEqual({ _tag: 'Resumed', resource: 'orchard' })
    expect(world.log).toEqual([])
  })

  it('is answered in the place of the element that the transport would send, and only there', () => {
    const world = hibernating()
    asker(world)(resume())
    world.endTurn()
    expect(world.log).toEqual([
      'c2 belongs to romeo@example.org/orchard',
      'answer Resumed',
      'c2 < m1 again',
      'c2 < Request',
      'bus HibernationEnded',
      'flush',
    ])
  })

  it('is told and answered where nothing goes on', () => {
    const world = hibernating()
    expect(asker(world)(resume('unknown'))).toEqual({ _tag: 'Answered' })
    world.endTurn()
    expect(world.log).toEqual(['answer Failed', 'flush'])
  })

  it('may be <enable/>', () => {
    const world = createWorld()
    world.runtime.dispatch(romeo, c1.bound())
    expect(asker(world)(enable(c1))).toEqual({ _tag: 'Answered' })
    world.endTurn()
    expect(world.log).toEqual(['answer Enabled', 'flush'])
  })

  it('has no answer where the connection is about to end', async () => {
    const world = createWorld()
    void world.runtime.stop()
    await settle()
    expect(asker(world)(resume())).toEqual({ _tag: 'Unanswered' })
    world.endTurn()
    expect(world.log).toContain('c2 dropped')
  })

  it('has no answer where nobody is there to ask', () => {
    const world = createWorld()
    expect(asker(world)(enable(c1))).toEqual({ _tag: 'Unanswered' })
  })

  it('waits for its answer until what led to it is durable', async () => {
    const world = createWorld({ journal: 'when told' })
    world.runtime.dispatch(romeo, c1.bound())
    world.runtime.change({ _tag: 'DropOffline', account: romeo, keys: [1] })
    asker(world)(enable(c1))
    world.endTurn()
    expect(world.log).toEqual([])
    world.commits[0]?.done()
    await settle()
    expect(world.log).toEqual(['commit DropOffline', 'answer Enabled', 'flush'])
  })

  it('does not catch what a later event sends', () => {
    const world = createWorld()
    world.runtime.dispatch(romeo, c1.bound())
    asker(world)(enable(c1))
    world.runtime.dispatch(romeo, c1.enable('sm-2'))
    world.endTurn()
    expect(world.log).toEqual(['answer Enabled', 'c1 < Failed', 'flush'])
  })

  it('is a fault of an application that asks while a step is made', () => {
    const world = createWorld({
      application: runtime => ({ deliver: () => void runtime.ask(romeo, resume(), () => {}) }),
    })
    world.runtime.dispatch(romeo, c1.bound())
    world.runtime.dispatch(romeo, c1.received('m1'))
    expect(world.faults).toEqual(['the application, at Deliver'])
  })

  it('that throws when it is answered keeps nobody else from being heard', () => {
    const world = createWorld()
    world.runtime.dispatch(romeo, c1.bound())
    world.runtime.ask(romeo, enable(c1), () => {
      throw new Error('no')
    })
    world.runtime.dispatch(romeo, c1.submitted('m1'))
    world.endTurn()
    expect(world.faults).toEqual(['performing SendNonza'])
    expect(world.log).toEqual(['c1 < m1', 'flush'])
  })
})
