import type { Change, Journal } from '@smacks/runtime'
import { createSimulatedDisk, type OpenDisk } from '@smacks/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../property/runs.js'

const romeo = 'romeo@example.net'

const bound = (at: number): Change<string> => ({
  _tag: 'EventLogged',
  account: romeo,
  event: { _tag: 'SessionBound', at, resource: 'phone', connection: 'c1' },
})

const times = (journal: Journal<string>): ReadonlyArray<number | undefined> =>
  [...(journal.sessions?.recover() ?? [])].map(entry => (entry._tag === 'EventLogged' ? entry.event.at : undefined))

/** What is done of these by now. */
const done = async (commits: ReadonlyArray<Promise<void> | undefined>): Promise<ReadonlyArray<number>> => {
  const ended: Array<number> = []
  for (const [index, commit] of commits.entries()) void commit?.then(() => ended.push(index))
  await Promise.resolve()
  return ended
}

describe('a simulated disk', () => {
  it('is done with a commit when it syncs, and shows it then', async () => {
    const disk = createSimulatedDisk<string>()
    const { journal } = disk.open()
    const commits = [journal.commit([bound(1)]), journal.commit([bound(2)])]
    expect(await done(commits)).toEqual([])
    expect(disk.unsynced()).toBe(2)
    expect(times(journal)).toEqual([])
    disk.sync()
    expect(await done(commits)).toEqual([0, 1])
    expect(disk.unsynced()).toBe(0)
    expect(times(journal)).toEqual([1, 2])
  })

  it('forgets what was not synced when the power is lost', async () => {
    const disk = createSimulatedDisk<string>()
    const before = disk.open()
    void before.journal.commit([bound(1)])
    disk.sync()
    const lost = before.journal.commit([bound(2)])
    disk.losePower()
    const after = disk.open()
    disk.sync()
    expect(times(after.journal)).toEqual([1])
    expect(await done([lost])).toEqual([])
  })

  it('may have written whole batches, the first ones, of what it had not promised', async () => {
    const disk = createSimulatedDisk<string>()
    const before = disk.open()
    const commits = [[bound(1), bound(2)], [bound(3)], [bound(4)]].map(batch => before.journal.commit(batch))
    disk.losePower(2)
    expect(times(disk.open().journal)).toEqual([1, 2, 3])
    expect(await done(commits)).toEqual([])
  })

  it('hears nothing more of a process that has ended', async () => {
    const disk = createSimulatedDisk<string>()
    const before = disk.open()
    const after = disk.open()
    const late = before.journal.commit([bound(1)])
    disk.sync()
    expect(await done([late])).toEqual([])
    expect(times(after.journal)).toEqual([])
  })

  it('refuses the commit it is told to refuse, and no other', async () => {
    const disk = createSimulatedDisk<string>()
    const { journal } = disk.open()
    disk.failNext(new Error('no space'))
    await expect(journal.commit([bound(1)])).rejects.toThrow('no space')
    void journal.commit([bound(2)])
    disk.sync()
    expect(times(journal)).toEqual([2])
  })

  it('has all that was promised whenever the power is lost, then whole batches or none, in order', async () => {
    const life = fc.record({
      acts: fc.array(fc.constantFrom('commit', 'commit', 'sync'), { maxLength: 20 }),
      survivors: fc.nat(4),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(life, { maxLength: 5 }), async lives => {
        const disk = createSimulatedDisk<string>()
        let [number, promised] = [0, 0]
        for (const { acts, survivors } of lives) {
          const { journal } = disk.open()
          for (const act of acts) {
            if (act === 'sync') disk.sync()
            else {
              number += 1
              void journal.commit(batchOf(number))?.then(() => {
                promised += 1
              })
            }
            await Promise.resolve()
          }
          expect(disk.unsynced()).toBe(number - promised)
          const left = Math.min(survivors, disk.unsynced())
          disk.losePower(survivors)
          number = promised = promised + left
          const numbers = Array.from({ length: number }, (_, index) => index + 1)
          expect(storedOn(disk.open())).toEqual({ events: numbers, messages: numbers, old: number, record: number })
        }
      }),
      runs(200),
    )
  })
})

/** One batch that says its number in all places. */
const batchOf = (number: number): ReadonlyArray<Change<string>> => [
  bound(number),
  { _tag: 'PutOffline', account: romeo, stanza: 'one', facts: { name: 'message', type: 'chat' }, at: number },
  { _tag: 'PutRecord', kind: 'tests', account: romeo, name: 'last', text: `${number}` },
  { _tag: 'PutOldSession', account: romeo, session: { smId: 'sm-1', h: number, at: number } },
]

const storedOn = ({ journal, offline }: OpenDisk<string>) => ({
  events: times(journal),
  messages: offline.read(romeo).map(({ at }) => at),
  old: journal.oldSessions(romeo)[0]?.h ?? 0,
  record: Number([...journal.records('tests')][0]?.text ?? 0),
})
