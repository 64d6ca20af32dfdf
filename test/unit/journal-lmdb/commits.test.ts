import { describe, expect, it } from 'vitest'
import { failingCommits } from './failing-commits.js'
import { accountOf, bound, ground, juliet, keep, lines, rawKept, romeo, snapshot, told, unmanaged } from './ground.js'

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
})

it('does little in LMDB at once, however much comes in one turn of the loop', async () => {
  const { env, journal } = await open()
  const batches = { sinceLast: 0, most: 0 }
  const { transactionSync } = env
  env.transactionSync = action => {
    batches.most = Math.max(batches.most, batches.sinceLast)
    batches.sinceLast = 0
    return transactionSync.call(env, action) as ReturnType<typeof action>
  }
  for (let at = 0; at < 1000; at += 1) {
    await journal.commit([keep(romeo, 'phone', at, `m${at}`)])
    batches.sinceLast += 1
  }
  env.transactionSync = transactionSync
  expect(batches.most).toBeGreaterThan(10)
  expect(batches.most).toBeLessThanOrEqual(130)
})

describe('a batch that cannot be written', () => {
  for (const durability of ['process', 'disk'] as const)
    it(`counts once when it is tried again, durability ${durability}`, async () => {
      const { failNext, journal, sessions } = await open({ durability, logBound: 0 })
      const batch = [
        bound(romeo, 'phone', 1),
        snapshot(juliet, accountOf(unmanaged('balcony'))),
        bound(juliet, 'balcony', 2),
      ]
      failNext()
      await expect(journal.commit(batch)).rejects.toThrow(`journal at ${path()}: Error: the medium failed`)
      await journal.commit(batch)
      void [...sessions.recover()]
      expect(sessions.wanted(5)).toEqual([romeo, juliet])
      await journal.commit([bound(romeo, 'phone', 3)])
      expect(lines(told(await open()))).toEqual([
        `${juliet} knows balcony`,
        `${romeo} SessionBound 1`,
        `${juliet} SessionBound 2`,
        `${romeo} SessionBound 3`,
      ])
    })

  it('is not written again where it is durable, and LMDB failed after that, durability disk', async () => {
    const { env, journal } = await open({ durability: 'disk' })
    const { childTransaction } = env
    env.childTransaction = async () => {
      throw new Error('LMDB failed')
    }
    const batch = [bound(romeo, 'phone', 1), keep(romeo, 'phone', 1, 'one')]
    await expect(journal.commit(batch)).rejects.toThrow('LMDB failed')
    await expect(journal.commit(batch)).rejects.toThrow('LMDB failed')
    Object.assign(env, { childTransaction })
    await journal.commit(batch)
    expect(rawKept(env).getKeysCount({})).toBe(1)
    expect(lines(told(await open()))).toEqual([`${romeo} SessionBound 1`])
  })

  it('is taken once LMDB can be written again, durability process', async () => {
    const { env, journal, sessions } = await open()
    const { fail, mend } = failingCommits(env)
    await journal.commit([keep(romeo, 'phone', 1, 'one')])
    fail()
    expect(sessions.kept(romeo, 'phone', 1, 1)).toHaveLength(1)
    await expect(journal.commit([bound(romeo, 'phone', 2)])).rejects.toThrow('LMDB failed')
    mend()
    await journal.commit([bound(romeo, 'phone', 3)])
    expect(sessions.kept(romeo, 'phone', 1, 1)).toHaveLength(1)
    expect(lines(told(await open()))).toEqual([`${romeo} SessionBound 3`])
  })
})
