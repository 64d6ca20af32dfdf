/** The loop on a disk that forgets what was not synced: whenever the power is lost, nothing was seen that is not there. */
import {
  type Account,
  type Config,
  defaultConfig,
  type Event,
  emptyAccount,
  load,
  step,
  toArray,
  unload,
} from '@smacks/core'
import { createRuntime, type Journal, type Transport } from '@smacks/runtime'
import {
  createSimulatedDisk,
  createVirtualHost,
  type OpenDisk,
  programArbitrary,
  runProgram,
  type SimulatedDisk,
} from '@smacks/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../property/runs.js'

const accounts = ['romeo@example.net', 'juliet@example.org'] as const

const config: Config = { ...defaultConfig, maxQueueSize: 3, queueCeiling: 12, maxOldSessions: 2 }
const makeStep = step({ ...config, queueStorage: true })

/** An event of one of the accounts, the end of a turn, or a sync of the disk. */
type Move = 'sync' | 'turn' | { readonly account: string; readonly event: Event<string> }

/** What can be seen outside, and what lies on the disk. */
interface Seen {
  readonly lines: ReadonlyArray<string>
  readonly stored: string
}

describe('a server on a disk that forgets what was not synced', () => {
  it('has all that was seen when the power is lost, and of the turn under way all or nothing', async () => {
    await fc.assert(
      fc.asyncProperty(stories(), fc.boolean(), async (moves, isWrittenAll) => {
        const after = await eachTurnSynced(moves)
        const disk = createSimulatedDisk<string>({ logBound: 20 })
        const server = start(disk)
        for (const move of moves) await server.make(move)
        const { durable, underWay } = server.turns()
        disk.losePower(isWrittenAll ? 1 : 0)
        // Turns that changed nothing may be seen, and no other that is not durable.
        const stored = after[durable]?.stored
        const rightful = after.slice(durable, underWay + 1).filter(turn => turn.stored === stored)
        expect(rightful.map(turn => turn.lines)).toContainEqual(server.lines())
        expect(storedOn(disk.open())).toEqual(isWrittenAll ? after[underWay]?.stored : stored)
      }),
      runs(300),
    )
  })
})

/** Two made-up stories, told in turns, with a disk that syncs now and then. */
const stories = (): fc.Arbitrary<ReadonlyArray<Move>> =>
  fc
    .tuple(
      fc.tuple(programArbitrary({ maxLength: 60 }), programArbitrary({ maxLength: 60 })),
      fc.array(fc.constantFrom<0 | 1 | 'sync' | 'turn'>(0, 0, 0, 1, 1, 1, 'turn', 'turn', 'sync'), {
        maxLength: 150,
        size: 'max',
      }),
    )
    .map(([programs, order]) => {
      const left = programs.map(program => runProgram(config, program).map(({ event }) => event))
      return order.flatMap((next): ReadonlyArray<Move> => {
        if (next === 'sync' || next === 'turn') return [next]
        const event = left[next]?.shift()
        return event === undefined ? [] : [{ account: accounts[next], event }]
      })
    })

/** What is seen and stored after each turn, where the disk is never late. */
const eachTurnSynced = async (moves: ReadonlyArray<Move>): Promise<ReadonlyArray<Seen>> => {
  const disk = createSimulatedDisk<string>({ logBound: 20 })
  const server = start(disk)
  const look = (): Seen => {
    const stored = storedOn(server.opened)
    expect(stored).toEqual(textOf(server.opened, server.account))
    return { lines: [...server.lines()], stored }
  }
  const seen: Array<Seen> = [look()]
  for (const move of moves) {
    if (move === 'sync') continue
    await server.make(move)
    if (move !== 'turn') continue
    await server.make('sync')
    seen.push(look())
  }
  return seen
}

const start = (disk: SimulatedDisk<string>) => {
  const opened = disk.open()
  const host = createVirtualHost()
  const lines: Array<string> = []
  const buffered: Array<string> = []
  let [ended, underWay, durable] = [0, 0, 0]

  const transport: Transport<string> = {
    sendStanza: (connection, stanza) => void buffered.push(`${connection} < ${stanza}`),
    sendNonza: (connection, nonza) => void buffered.push(`${connection} < ${JSON.stringify(nonza)}`),
    close: connection => void buffered.push(`${connection} closed`),
    awaitDrain: () => {},
    drop: connection => void buffered.push(`${connection} dropped`),
    adopt: () => {},
    flush: () => void lines.push(...buffered.splice(0)),
  }
  const journal: Journal<string> = {
    ...opened.journal,
    commit: batch => {
      underWay = ended
      return opened.journal.commit(batch)
    },
  }
  const runtime = createRuntime<string>({
    config,
    ports: {
      transport,
      journal,
      timers: host.timers,
      turns: host.turns,
      clock: host.clock,
      bus: { publish: () => {} },
    },
    application: () => ({
      deliver: () => {},
      returnToSender: () => {},
      redeliver: () => {},
      sessionEnded: () => {},
    }),
    onFault: error => {
      throw error
    },
    onStall: error => {
      throw error
    },
    onRecovery: () => {},
  })
  const make = async (move: Move): Promise<void> => {
    if (typeof move === 'object') return runtime.dispatch(move.account, move.event)
    if (move === 'turn') {
      ended += 1
      host.settle()
    } else {
      const synced = underWay
      disk.sync()
      await new Promise(resolve => setImmediate(resolve))
      durable = Math.max(durable, synced)
    }
    // A turn that changes nothing waits for nothing but what is under way.
    if (disk.unsynced() === 0) [durable, underWay] = [ended, ended]
  }
  return { opened, make, account: runtime.account, lines: () => lines, turns: () => ({ durable, underWay }) }
}

/** All that is stored, as text. */
const storedOn = (disk: OpenDisk<string>): string => {
  const states = new Map<string, Account<string>>()
  for (const entry of disk.journal.sessions?.recover() ?? []) {
    const { account } = entry
    if (entry._tag === 'Undecodable') throw new Error(`${account} does not decode: ${entry.reason}`)
    const after =
      entry._tag === 'Baseline' ? entry.state : makeStep(states.get(account) ?? emptyAccount, entry.event)[0]
    states.set(account, unload(after))
  }
  return textOf(disk, account => states.get(account) ?? emptyAccount)
}

/** Sessions in these states, with all that is unacked, and what is stored beside them. */
const textOf = ({ journal, offline }: OpenDisk<string>, stateOf: (account: string) => Account<string>): string =>
  JSON.stringify(
    accounts.map(account => ({
      account,
      sessions: wholeSessions(journal, account, stateOf(account)),
      oldSessions: journal.oldSessions(account),
      offline: offline.read(account),
    })),
  )

const wholeSessions = ({ sessions }: Journal<string>, id: string, state: Account<string>): ReadonlyArray<unknown> => {
  if (sessions === undefined) throw new Error('a simulated disk keeps sessions')
  return load(state, (...asked) => sessions.kept(id, ...asked)).sessions.map(session =>
    'outbound' in session
      ? { ...session, outbound: { ...session.outbound, unacked: toArray(session.outbound.unacked) } }
      : session,
  )
}
