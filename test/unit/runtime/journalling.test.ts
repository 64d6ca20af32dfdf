import {
  type Account,
  advance,
  type Config,
  defaultConfig,
  type Event,
  emptyAccount,
  step,
  type Unacked,
} from '@smacks/core'
import type { Change, Journalled, SessionJournal } from '@smacks/runtime'
import { describe, expect, it } from 'vitest'
import { createWorld, events, type World, type WorldOptions } from './world.js'

const romeo = 'romeo@example.org'
const juliet = 'juliet@example.org'
const c1 = events('orchard', 'c1')
const c2 = events('balcony', 'c2')

/** A journal of sessions in memory: `commit` of the world tells it what is durable. */
const createSessions = (journalled: ReadonlyArray<Journalled<string>> = []) => {
  const rows = new Map<string, Unacked<string>>()
  const reads: Array<string> = []
  const wanted: Array<string> = []
  const sessions: SessionJournal<string> = {
    recover: () => journalled,
    kept: (account, resource, from, count) => {
      reads.push(`${account}/${resource} ${from}+${count}`)
      return Array.from({ length: count }, (_, index) => {
        const row = rows.get(`${account}/${resource} ${advance(from, index)}`)
        if (row === undefined) throw new Error(`no row ${advance(from, index)}`)
        return row
      })
    },
    countKept: (account, resource, from, most) => {
      const missing = Array.from({ length: most }, (_, index) => index).find(
        index => !rows.has(`${account}/${resource} ${advance(from, index)}`),
      )
      return missing ?? most
    },
    wanted: limit => wanted.splice(0, limit),
  }
  const apply = (batch: ReadonlyArray<Change<string>>): void => {
    for (const change of batch)
      if (change._tag === 'KeepUnacked')
        change.unacked.forEach((one, index) => {
          rows.set(`${change.account}/${change.resource} ${advance(change.from, index)}`, one)
        })
  }
  return { sessions, rows, reads, wanted, apply }
}

const lastBatch = (world: World) => world.commits.at(-1)?.batch ?? []
/** As `createWorld` has them, where sessions outlive the process. */
const config: Config = { ...defaultConfig, maxUnackedStanzas: 100, queueStorage: true }

const known = (account: string, state: Account<string> = emptyAccount): Change<string> => ({
  _tag: 'Baseline',
  account,
  state,
  config,
})

const tags = (world: World) => lastBatch(world).map(({ _tag }) => _tag)
const settle = () => new Promise<void>(resolve => setImmediate(resolve))

const hibernating = (journal = createSessions(), options: Partial<WorldOptions> = {}) => {
  const world = createWorld({ journal: 'when told', sessions: journal.sessions, ...options })
  const commit = async (): Promise<void> => {
    world.endTurn()
    const commit = world.commits.at(-1)
    journal.apply(commit?.batch ?? [])
    commit?.done()
    await settle()
  }
  for (const event of [c1.bound(), c1.enable(), c1.submitted('m1'), c1.lost(), c1.submitted('m2')])
    world.runtime.dispatch(romeo, event)
  return { world, journal, commit }
}

describe('a journal of sessions', () => {
  it('gets each event that changed an account, in order, in the batch of its turn', () => {
    const world = createWorld({ journal: 'when told', sessions: createSessions().sessions })
    world.runtime.dispatch(romeo, c1.bound())
    world.runtime.dispatch(juliet, c2.bound())
    world.runtime.dispatch(romeo, c1.enable())
    world.runtime.dispatch(romeo, c1.resume('unknown'))
    world.endTurn()
    expect(lastBatch(world)).toEqual([
      known(romeo),
      { _tag: 'EventLogged', account: romeo, event: c1.bound() },
      known(juliet),
      { _tag: 'EventLogged', account: juliet, event: c2.bound() },
      { _tag: 'EventLogged', account: romeo, event: c1.enable() },
    ])
    expect(world.log).toEqual([])
  })

  it('gets what the old sessions of an account were, since they are not in its events', () => {
    const old = { smId: 'sm-0', h: 3, at: 1 }
    const world = createWorld({
      journal: 'when told',
      sessions: createSessions().sessions,
      oldSessions: () => [old],
    })
    world.runtime.dispatch(romeo, c1.bound())
    world.endTurn()
    expect(lastBatch(world)[0]).toEqual(known(romeo, { sessions: [], oldSessions: [old] }))
  })

  it('gets snapshots of the accounts it wants, as they are after the batch', () => {
    const journal = createSessions()
    const world = createWorld({ journal: 'when told', sessions: journal.sessions })
    journal.wanted.push(romeo, 'gone@example.org')
    world.runtime.dispatch(romeo, c1.bound())
    world.endTurn()
    expect(lastBatch(world).slice(-2)).toEqual([
      { _tag: 'PutSnapshot', account: romeo, state: world.runtime.account(romeo), config },
      { _tag: 'PutSnapshot', account: 'gone@example.org', state: emptyAccount, config },
    ])
  })

  it('is asked for no snapshots where nothing is written', () => {
    const journal = createSessions()
    const world = createWorld({ journal: 'when told', sessions: journal.sessions })
    journal.wanted.push(romeo)
    world.runtime.dispatch(romeo, c1.resume('unknown'))
    world.endTurn()
    expect(world.commits).toEqual([])
    expect(journal.wanted).toEqual([romeo])
  })

  it('gets the stanzas of a hibernating session, and memory lets go of them', () => {
    const { world } = hibernating()
    world.endTurn()
    expect(tags(world).filter(tag => tag === 'KeepUnacked')).toHaveLength(2)
    const [session] = world.runtime.account(romeo).sessions
    expect(session).toMatchObject({ outbound: { spilled: 2, unacked: { length: 2, unloaded: 2, front: [] } } })
  })

  it('gives them back for a resumption', async () => {
    const { world, commit, journal } = hibernating()
    await commit()
    world.log.length = 0
    world.runtime.dispatch(romeo, events('orchard', 'c3').resume())
    await commit()
    expect(journal.reads).toEqual([`${romeo}/orchard 1+1`, `${romeo}/orchard 2+1`])
    expect(world.log.filter(line => line.startsWith('c3 <'))).toEqual([
      'c3 < Resumed',
      'c3 < m1 again',
      'c3 < m2 again',
      'c3 < Request',
    ])
  })

  it('need not have them durable yet', () => {
    const { world, journal } = hibernating()
    world.runtime.dispatch(romeo, events('orchard', 'c3').resume())
    world.endTurn()
    world.commits[0]?.done()
    expect(journal.reads).toEqual([])
    expect(world.faults).toEqual([])
  })

  it('may have the first of them durable and the others not', async () => {
    const { world, journal, commit } = hibernating()
    await commit()
    world.runtime.dispatch(romeo, c1.submitted('m3'))
    world.runtime.dispatch(romeo, events('orchard', 'c3').resume())
    await commit()
    expect(journal.reads).toEqual([`${romeo}/orchard 1+1`, `${romeo}/orchard 2+1`])
    expect(world.log.filter(line => line.endsWith('again'))).toEqual([
      'c3 < m1 again',
      'c3 < m2 again',
      'c3 < m3 again',
    ])
  })

  it('that cannot give them back sets the account aside: nothing is made up, and nobody else is harmed', async () => {
    const { world, journal, commit } = hibernating()
    await commit()
    journal.rows.clear()
    world.log.length = 0
    world.runtime.dispatch(romeo, events('orchard', 'c3').resume())
    world.runtime.dispatch(romeo, events('tower', 'c4').bound())
    world.runtime.dispatch(juliet, c2.bound())
    world.runtime.dispatch(juliet, c2.submitted('m9'))
    await commit()
    expect(world.faults).toEqual([`reading the unacked stanzas of ${romeo}`])
    expect(world.log).toContain('c4 closed internal-server-error')
    expect(world.log).toContain('c2 < m9')
    expect(tags(world)).toEqual(['Baseline', 'EventLogged'])
  })
})

describe('of an account that is set aside', () => {
  const setAside = async (options: Partial<WorldOptions> = {}) => {
    const { world, journal, commit } = hibernating(createSessions(), options)
    await commit()
    const before = world.runtime.account(romeo)
    journal.rows.clear()
    world.runtime.dispatch(romeo, events('orchard', 'c3').resume())
    await commit()
    world.log.length = 0
    return { world, journal, commit, before }
  }

  it('a snapshot is what was journalled last, so that nothing is forgotten of it', async () => {
    const { world, journal, before } = await setAside()
    journal.wanted.push(romeo, juliet)
    world.runtime.dispatch(juliet, c2.bound())
    world.endTurn()
    expect(before.sessions).toMatchObject([{ _tag: 'Hibernating', outbound: { spilled: 2 } }])
    expect(lastBatch(world)).toEqual([
      known(juliet),
      { _tag: 'EventLogged', account: juliet, event: c2.bound() },
      { _tag: 'PutSnapshot', account: romeo, state: before, config },
      { _tag: 'PutSnapshot', account: juliet, state: world.runtime.account(juliet), config },
    ])
  })

  it('there is no snapshot where nobody could tell what it was', () => {
    const journal = createSessions([{ _tag: 'Undecodable', account: romeo, reason: 'row 3 is no JSON' }])
    const world = createWorld({ journal: 'when told', sessions: journal.sessions })
    world.runtime.recover()
    journal.wanted.push(romeo)
    world.runtime.dispatch(juliet, c2.bound())
    world.endTurn()
    expect(tags(world)).toEqual(['PutRecord', 'Baseline', 'EventLogged'])
  })

  it('nothing is journalled, whatever comes for it, and what comes is routed anew', async () => {
    const { world } = await setAside({ oldSessions: () => [{ smId: 'sm-0', h: 3, at: 1 }] })
    const batches = world.commits.length
    world.runtime.dispatch(romeo, c1.submitted('m3'))
    world.timers.get(`${romeo}\norchard\nhibernation`)?.()
    world.endTurn()
    expect(world.commits).toHaveLength(batches)
    expect(world.log.filter(line => line !== 'flush')).toEqual(['redelivered m3 of orchard'])
    await world.runtime.stop()
    expect(world.commits).toHaveLength(batches)
  })
})

describe('recovery', () => {
  const started: ReadonlyArray<Event<string>> = [c1.bound(), c1.enable(), c1.submitted('m1'), c1.received('a')]
  const journalled: ReadonlyArray<Journalled<string>> = [
    { _tag: 'Baseline', account: romeo, state: emptyAccount, config },
    ...started.map((event): Journalled<string> => ({ _tag: 'EventLogged', account: romeo, event })),
  ]

  it('makes hibernating sessions of those that were active, with a deadline counted from now', () => {
    const world = createWorld({ sessions: createSessions(journalled).sessions })
    world.at.now = 50_000
    expect(world.runtime.recover()).toMatchObject({ sessions: 1, events: 4 })
    world.endTurn()
    expect(world.runtime.account(romeo).sessions).toMatchObject([
      { _tag: 'Hibernating', inbound: { handled: 1 }, deadlines: { hibernation: 650_000 }, outbound: { spilled: 1 } },
    ])
    expect([...world.timers.keys()]).toEqual(['\nheartbeat', `${romeo}\norchard\nhibernation`])
    expect(world.log[0]).toMatch(/^commit EventLogged KeepUnacked PutRecord$/)
  })

  it('begins with what it is under where the program that wrote it told no options', () => {
    const world = createWorld({ sessions: createSessions(journalled.slice(1)).sessions })
    expect(world.runtime.recover()).toMatchObject({ sessions: 1, reconfigured: 1 })
    world.endTurn()
    expect(world.log[0]).toMatch(/^commit Baseline EventLogged KeepUnacked PutRecord EventLogged$/)
  })

  it('ends sessions that cannot be resumed, and tells the application', () => {
    const world = createWorld({
      sessions: createSessions([{ _tag: 'EventLogged', account: juliet, event: c2.bound() }]).sessions,
    })
    world.runtime.recover()
    world.endTurn()
    expect(world.log).toContain('balcony ended lost')
    expect([...world.runtime.accounts()]).toEqual([])
  })

  it('starts from what is known, and does nothing of what was done before', () => {
    const state = started.reduce<Account<string>>(
      (account, event) => step(defaultConfig)(account, event)[0],
      emptyAccount,
    )
    const world = createWorld({
      sessions: createSessions([
        { _tag: 'EventLogged', account: romeo, event: c2.bound() },
        { _tag: 'Baseline', account: romeo, state },
        { _tag: 'EventLogged', account: romeo, event: c1.received('b') },
      ]).sessions,
    })
    world.runtime.recover()
    expect(world.runtime.account(romeo).sessions).toMatchObject([{ _tag: 'Hibernating', inbound: { handled: 2 } }])
    expect(world.log).toEqual([])
  })

  it('sets accounts aside that do not decode, and lets all others in', () => {
    const world = createWorld({
      sessions: createSessions([
        ...journalled,
        { _tag: 'Undecodable', account: romeo, reason: 'line 3 is no JSON' },
        { _tag: 'EventLogged', account: juliet, event: c2.bound() },
        { _tag: 'EventLogged', account: juliet, event: c2.enable('sm-2') },
      ]).sessions,
    })
    const report = world.runtime.recover()
    expect(report.undecodable).toEqual(new Map([[romeo, 'line 3 is no JSON']]))
    world.runtime.dispatch(romeo, events('orchard', 'c5').bound())
    world.endTurn()
    expect(world.log).toContain('c5 closed internal-server-error')
    expect([...world.runtime.accounts()]).toEqual([juliet])
  })

  it('has nothing to do where sessions do not outlive the process', () => {
    expect(createWorld().runtime.recover()).toEqual({ sessions: 0, events: 0, undecodable: new Map(), reconfigured: 0 })
  })
})

describe('stopping where sessions outlive the process', () => {
  it('drops lines, ends no session that can be resumed, and leaves no timer', async () => {
    const world = createWorld({ sessions: createSessions().sessions })
    for (const event of [c1.bound(), c1.enable(), c1.submitted('m1')]) world.runtime.dispatch(romeo, event)
    world.endTurn()
    world.log.length = 0
    await world.runtime.stop()
    expect(world.log).toEqual([
      'commit EventLogged KeepUnacked PutRecord',
      'c1 < Ack',
      'c1 dropped',
      'bus HibernationStarted',
      'flush',
    ])
    expect(world.timers.size).toBe(0)
  })
})

describe('options', () => {
  const three = ['desk', 'laptop', 'phone']
  /** Three sessions that hibernate, each with a message unacked; then the process ends. */
  const left = async () => {
    const journal = createSessions()
    const world = createWorld({ journal: 'when told', sessions: journal.sessions })
    three.forEach((resource, index) => {
      const of = events(resource, `c-${resource}`)
      for (const event of [of.bound(), of.enable(`sm-${resource}`), of.submitted(`to ${resource}`), of.lost()])
        world.runtime.dispatch(romeo, { ...event, at: 1000 + index })
    })
    world.endTurn()
    journal.apply(lastBatch(world))
    return { rows: journal.rows, entries: entriesOf(lastBatch(world)) }
  }

  const entriesOf = (batch: ReadonlyArray<Change<string>>): ReadonlyArray<Journalled<string>> =>
    batch.flatMap(
      (change): ReadonlyArray<Journalled<string>> =>
        change._tag === 'EventLogged' || change._tag === 'Baseline' ? [change] : [],
    )

  const restarted = (
    { rows, entries }: Awaited<ReturnType<typeof left>>,
    options: Partial<WorldOptions> = {},
  ): { readonly world: World; readonly batch: ReadonlyArray<Change<string>> } => {
    const journal = createSessions(entries)
    for (const [key, row] of rows) journal.rows.set(key, row)
    const world = createWorld({ journal: 'when told', sessions: journal.sessions, ...options })
    world.runtime.recover()
    world.endTurn()
    return { world, batch: lastBatch(world) }
  }

  it('that are the same as before are no event', async () => {
    const { world, batch } = restarted(await left())
    expect(batch.map(({ _tag }) => _tag)).toEqual(['EventLogged', 'PutRecord'])
    expect(world.faults).toEqual([])
  })

  it('that allow fewer hibernating sessions end those beyond them, and what waits there is returned', async () => {
    const { world, batch } = restarted(await left(), { config: { maxHibernatingSessions: 1 } })
    expect(world.runtime.account(romeo).sessions.map(({ resource }) => resource)).toEqual(['phone'])
    expect(batch.map(({ _tag }) => _tag)).toContain('ForgetKept')
    expect(world.log.filter(line => line.includes('ended') || line.startsWith('returned'))).toEqual([
      'desk ended evicted',
      'laptop ended evicted',
      'returned to desk of desk',
      'returned to laptop of laptop',
    ])
  })

  it('are journalled: whatever they are at the next start, the same comes of what happened', async () => {
    const before = await left()
    const { batch, world } = restarted(before, { config: { maxHibernatingSessions: 1, maxQueueSize: 1 } })
    const then = world.runtime.account(romeo)
    const again = restarted(
      { rows: before.rows, entries: [...before.entries, ...entriesOf(batch)] },
      { config: { maxHibernatingSessions: 5, maxQueueSize: 9 } },
    )
    expect(again.world.runtime.account(romeo)).toEqual(then)
    expect(again.world.faults).toEqual([])
  })

  it('that change while all runs are in force at once, for those that are there and those that come', () => {
    const world = createWorld({ sessions: createSessions().sessions })
    for (const resource of three) {
      const of = events(resource, `c-${resource}`)
      for (const event of [of.bound(), of.enable(`sm-${resource}`), of.lost()]) world.runtime.dispatch(romeo, event)
    }
    world.runtime.reconfigure({ ...config, maxHibernatingSessions: 2 })
    expect(world.runtime.account(romeo).sessions.map(({ resource }) => resource)).toEqual(['laptop', 'phone'])
    for (const event of [c2.bound(), c2.enable('sm-c2'), c2.lost()]) world.runtime.dispatch(romeo, event)
    expect(world.runtime.account(romeo).sessions.map(({ resource }) => resource)).toEqual(['phone', 'balcony'])
  })

  it('that are the same change nothing while all runs', () => {
    const world = createWorld({ journal: 'when told', sessions: createSessions().sessions })
    world.runtime.dispatch(romeo, c1.bound())
    world.runtime.reconfigure({ ...config })
    world.endTurn()
    expect(tags(world)).toEqual(['Baseline', 'EventLogged'])
  })

  it('that changed are written with the next that is journalled of an account without sessions', () => {
    const world = createWorld({ journal: 'when told', sessions: createSessions().sessions })
    const lease = world.runtime.hold(romeo)
    world.runtime.dispatch(romeo, c1.bound())
    world.runtime.dispatch(romeo, c1.lost())
    world.runtime.reconfigure({ ...config, maxQueueSize: 3 })
    world.runtime.dispatch(romeo, c2.bound())
    world.endTurn()
    expect(lastBatch(world).filter(({ _tag }) => _tag === 'Baseline')).toMatchObject([
      { config: { maxQueueSize: 500 } },
      { config: { maxQueueSize: 3 } },
    ])
    lease.release()
  })

  it('are written anew behind a snapshot that says that nothing is left', async () => {
    const journal = createSessions()
    const world = createWorld({ journal: 'when told', sessions: journal.sessions })
    const lease = world.runtime.hold(romeo)
    world.runtime.dispatch(romeo, c1.bound())
    world.runtime.dispatch(romeo, c1.lost())
    journal.wanted.push(romeo)
    world.endTurn()
    world.commits[0]?.done()
    await settle()
    world.runtime.dispatch(romeo, c2.bound())
    world.endTurn()
    expect(lastBatch(world)).toEqual([known(romeo), { _tag: 'EventLogged', account: romeo, event: c2.bound() }])
    lease.release()
  })
})
