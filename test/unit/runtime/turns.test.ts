/** When a turn ends that has much to show. */
import { describe, expect, it } from 'vitest'
import { createWorld, events } from './world.js'

const romeo = 'romeo@example.org'
const juliet = 'juliet@example.org'
const c1 = events('orchard', 'c1')
const c2 = events('balcony', 'c2')

const readEnds = () => Promise.resolve()

const open = (options: Parameters<typeof createWorld>[0] = {}) => {
  const world = createWorld(options)
  const { runtime, endTurn, commits, log } = world
  for (const [account, session] of [
    [romeo, c1],
    [juliet, c2],
  ] as const) {
    runtime.dispatch(account, session.bound())
    runtime.dispatch(account, session.enable(`sm-${account}`))
  }
  endTurn()
  for (const { done } of commits) done()
  log.length = 0
  const submit = (count: number, from = 0): void => {
    for (let number = from; number < from + count; number += 1) runtime.dispatch(romeo, c1.submitted(`${number}`))
  }
  return { ...world, submit }
}

const lines = (count: number, from = 0) => Array.from({ length: count }, (_, index) => `c1 < ${from + index}`)

describe('a turn that has much to show', () => {
  it('ends behind the read that brought it, and not before', async () => {
    const { submit, log } = open()
    submit(70)
    expect(log).toEqual([])
    await readEnds()
    expect(log).toEqual([...lines(70), 'flush'])
  })

  it('goes on as long as the host wants if that is less', async () => {
    const { submit, log, endTurn } = open()
    submit(63)
    await readEnds()
    expect(log).toEqual([])
    endTurn()
    expect(log).toEqual([...lines(63), 'flush'])
  })

  it('has a limit of one’s own', async () => {
    const { submit, log } = open({ visibleLimit: 3 })
    submit(2)
    await readEnds()
    expect(log).toEqual([])
    submit(1, 2)
    await readEnds()
    expect(log).toEqual([...lines(3), 'flush'])
  })

  it('takes along what others did before it ends', async () => {
    const { runtime, submit, log } = open({ visibleLimit: 2 })
    runtime.dispatch(juliet, c2.submitted('first'))
    submit(2)
    await readEnds()
    expect(log).toEqual(['c2 < first', ...lines(2), 'flush'])
  })

  it('is asked for once of the host, however often it ends before', async () => {
    const asked: Array<() => void> = []
    const { submit } = open({ visibleLimit: 2, atEnd: callback => asked.push(callback) })
    for (const callback of asked.splice(0)) callback()
    for (let read = 0; read < 5; read += 1) {
      submit(2, 2 * read)
      await readEnds()
    }
    expect(asked).toHaveLength(1)
  })

  it('shows nothing before it is durable, and all in order', async () => {
    const sessions = { recover: () => [], kept: () => [], countKept: () => 0, wanted: () => [] }
    const { commits, log, submit } = open({ visibleLimit: 2, journal: 'when told', sessions })
    while (commits.length > 0) {
      commits.shift()?.done()
      await readEnds()
    }
    log.length = 0
    submit(2)
    await readEnds()
    submit(2, 2)
    await readEnds()
    expect(log).toEqual([])
    expect(commits).toHaveLength(1)
    commits.shift()?.done()
    await new Promise(resolve => setImmediate(resolve))
    expect(log).toEqual(['commit EventLogged EventLogged', ...lines(2), 'flush'])
    commits.shift()?.done()
    await new Promise(resolve => setImmediate(resolve))
    expect(log.slice(4)).toEqual(['commit EventLogged EventLogged', ...lines(2, 2), 'flush'])
  })
})
