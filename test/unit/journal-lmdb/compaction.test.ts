/** The log stays small, and nothing goes that somebody needs. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  accountOf,
  bound,
  ground,
  hibernating,
  juliet,
  lines,
  rawLog,
  rawSnapshots,
  romeo,
  snapshot,
  submitted,
  told,
  trimmed,
  unmanaged,
} from './ground.js'

const { open, path } = ground()

describe('the log', () => {
  it('is compacted from its oldest entries on, and the disk is bounded whatever comes', async () => {
    const { env, journal, sessions } = await open({ logBound: 100_000 })
    void [...sessions.recover()]
    const everybody = Array.from({ length: 50 }, (_, index) => `${index}@example.net`)
    const stanza = 'x'.repeat(300)
    const turn = async (at: number) => {
      const batch = everybody.slice(at % 41, (at % 41) + 10).map(account => submitted(account, stanza, at))
      for (const account of sessions.wanted(8)) batch.push(snapshot(account, accountOf(unmanaged('phone'))))
      await journal.commit(batch)
      if (at % 10 === 0) await trimmed(env, 45)
    }
    const used = () => Object.entries(env.getStats()).find(([name]) => name === 'lastPageNumber')?.[1]
    for (let at = 0; at < 300; at += 1) await turn(at)
    const size = statSync(join(path(), 'data.mdb')).size
    for (let at = 300; at < 1000; at += 1) await turn(at)
    // The snapshots, and what LMDB has to use again.
    expect(used()).toBeLessThan(100)
    expect(statSync(join(path(), 'data.mdb')).size).toBeLessThanOrEqual(size * 2)
    await trimmed(env, 45)
    const characters = [...rawLog(env).rows().values()].reduce((sum, value) => sum + value.length, 0)
    expect(characters).toBeLessThan(250_000)
    expect(rawSnapshots(env).getKeysCount({})).toBe(50)
    // The same is known after a start.
    const again = await open({ logBound: 100_000 })
    expect(new Set(told(again).map(({ account }) => account)).size).toBe(50)
  })

  it('costs no more than some times what happens, however much the accounts have', async () => {
    const { env, journal, sessions } = await open({ logBound: 20_000 })
    void [...sessions.recover()]
    const everybody = Array.from({ length: 20 }, (_, index) => `${index}@example.net`)
    const large = accountOf(hibernating('r'.repeat(50_000), 1))
    let [happened, written] = [0, 0]
    const turn = async (at: number) => {
      const batch = [submitted(everybody[at % 20] ?? romeo, 'x'.repeat(300), at)]
      happened += 400
      for (const account of sessions.wanted(8)) {
        written += 50_000
        batch.push(snapshot(account, large))
      }
      await journal.commit(batch)
      if (at % 100 === 0) await trimmed(env, 5_000)
    }
    for (let at = 0; at < 3_000; at += 1) await turn(at)
    expect(written).toBeGreaterThan(0)
    expect(written / happened).toBeLessThan(4)
  })

  it('wants those first whose entries are the oldest, and each once', async () => {
    const { journal, sessions } = await open({ durability: 'disk', logBound: 500 })
    void [...sessions.recover()]
    for (const [at, account] of ['a', 'b', 'c', 'a', 'b', 'c', 'd'].entries())
      await journal.commit([bound(account, 'phone', at)])
    expect(sessions.wanted(2)).toEqual(['a', 'b'])
    // These may be on their way.
    expect(sessions.wanted(1)).toEqual(['c'])
    const done = journal.commit([snapshot('a', accountOf(unmanaged('phone'))), snapshot('b', accountOf())])
    // The batch begins.
    await Promise.resolve()
    expect(sessions.wanted(9)).toEqual(['d'])
    await done
    // Whoever was not in the batch is asked for again; the last one may be in the next.
    expect(sessions.wanted(9)).toEqual(['c'])
    await journal.commit([bound('a', 'phone', 9)])
    expect(sessions.wanted(9)).toEqual(['c', 'd', 'a'])
    const again = await open({ logBound: 500 })
    void told(again)
    expect(again.sessions.wanted(9)).toEqual(['c', 'd', 'a'])
  })

  it('wants nothing before it was read, and removes nothing then', async () => {
    const before = await open()
    await before.journal.commit([bound(romeo, 'phone', 1)])
    await before.journal.commit([bound(juliet, 'phone', 2)])
    const { journal, sessions } = await open({ logBound: 0 })
    expect(sessions.wanted(9)).toEqual([])
    await journal.commit([snapshot(romeo, accountOf()), bound(juliet, 'phone', 3)])
    expect(lines(sessions.recover())).toEqual([`${juliet} SessionBound 2`, `${juliet} SessionBound 3`])
    expect(sessions.wanted(9)).toEqual([juliet])
  })

  it('has only few rows when all is covered', async () => {
    const { env, journal, sessions } = await open({ logBound: 8_000 })
    void [...sessions.recover()]
    for (let at = 0; at < 1000; at += 1) await journal.commit([bound(romeo, 'phone', at)])
    for (let at = 0; at < 6; at += 1) await journal.commit([snapshot(romeo, accountOf())])
    await journal.commit([bound(juliet)])
    await journal.close()
    expect(rawLog(env).rows().size).toBeLessThan(12)
    expect(rawSnapshots(env).getKeysCount({})).toBeLessThan(2)
  })

  it('tells stanzas that came without what was in them', async () => {
    const { env, journal } = await open()
    const event = { _tag: 'StanzaReceived', at: 1, resource: 'phone', connection: 'c1', stanza: 'secret' } as const
    await journal.commit([{ _tag: 'EventLogged', account: romeo, event }])
    expect(rawLog(env).get(1)).not.toContain('secret')
    expect(told(await open())).toEqual([{ _tag: 'EventLogged', account: romeo, event: { ...event, stanza: '' } }])
  })
})
