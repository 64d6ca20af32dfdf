import { describe, expect, it } from 'vitest'
import { accountOf, bound, ground, juliet, lines, romeo, snapshot, told, unmanaged } from './ground.js'

const { open, path } = ground()

describe('a commit with durability process', () => {
  it('is done when it returns', async () => {
    const { journal, sessions } = await open()
    expect(journal.commit([bound(romeo)])).toBeUndefined()
    expect(lines(sessions.recover())).toEqual([`${romeo} SessionBound 1000`])
  })

  it('is whole and in order also while other transactions of the process are under way', async () => {
    const { env, journal } = await open()
    const others = env.openDB({ name: 'others', encoding: 'string' })
    const underWay: Array<Promise<unknown> | undefined> = []
    for (let at = 0; at < 400; at += 1) {
      if (at % 3 === 0) underWay.push(env.transaction(() => others.put(`t${at}`, 'x'.repeat(1000))))
      if (at % 5 === 0) underWay.push(others.put(`p${at}`, 'x'))
      underWay.push(journal.commit([bound(romeo, 'phone', at)]))
      if (at % 7 === 0) await new Promise(resolve => setImmediate(resolve))
    }
    await Promise.all(underWay)
    const expected = Array.from({ length: 400 }, (_, at) => `${romeo} SessionBound ${at}`)
    expect(lines(told(await open()))).toEqual(expected)
  })

  it('waits if another transaction took it in that is not durable yet', async () => {
    const { env, journal } = await open()
    const { transactionSync } = env
    // As if it were a part of one that goes on, and that fails.
    env.transactionSync = () => {
      env.transactionSync = transactionSync
      return undefined as never
    }
    const first = journal.commit([bound(romeo, 'phone', 1)])
    expect(first).toBeInstanceOf(Promise)
    const second = journal.commit([bound(romeo, 'phone', 2)])
    expect(second).toBeInstanceOf(Promise)
    await Promise.all([first, second])
    expect(journal.commit([bound(romeo, 'phone', 3)])).toBeUndefined()
    expect(lines(told(await open()))).toEqual([1, 2, 3].map(at => `${romeo} SessionBound ${at}`))
  })
})

describe('a batch whose commit failed and is durable all the same', () => {
  for (const durability of ['process', 'disk'] as const)
    it(`counts once when it is tried again, durability ${durability}`, async () => {
      const { env, journal, sessions } = await open({ durability, logBound: 0 })
      const { transactionSync, childTransaction } = env
      env.transactionSync = write => {
        transactionSync.call(env, write)
        throw new Error('the sync failed')
      }
      env.childTransaction = async write => {
        await childTransaction.call(env, write)
        throw new Error('the sync failed')
      }
      const batch = [
        bound(romeo, 'phone', 1),
        snapshot(juliet, accountOf(unmanaged('balcony'))),
        bound(juliet, 'balcony', 2),
      ]
      await expect(journal.commit(batch)).rejects.toThrow(`environment at ${path()}: Error: the sync failed`)
      Object.assign(env, { transactionSync, childTransaction })
      await journal.commit(batch)
      expect(sessions.wanted(5)).toEqual([romeo, juliet])
      await journal.commit([bound(romeo, 'phone', 3)])
      expect(lines(told(await open()))).toEqual([
        `${juliet} knows balcony`,
        `${romeo} SessionBound 1`,
        `${juliet} SessionBound 2`,
        `${romeo} SessionBound 3`,
      ])
    })
})
