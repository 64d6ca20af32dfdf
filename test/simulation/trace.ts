/** A trace: a world, what happens in it, and how it ends. */
import type { Stanza } from '@smacks/codec'
import { type Account, type AccountStep, type Config, type Event, step } from '@smacks/core'
import type { StepMade } from '@smacks/runtime'
import { createPeers, type Peers, type PeersOptions, type Side, sides } from '@smacks/testkit'
import fc from 'fast-check'
import { end } from './finale.js'
import { createModel } from './model/model.js'
import { type Finale, finale, type Move, move } from './moves.js'
import { perform as performMove, type Stage } from './perform.js'
import { isSame } from './same.js'
import { type World, world } from './world.js'

export interface Trace {
  readonly world: World
  readonly moves: ReadonlyArray<Move>
  readonly finale: Finale
}

export const trace = (maxLength: number): fc.Arbitrary<Trace> =>
  fc.record({ world, moves: fc.array(move, { maxLength, size: 'max' }), finale })

/** What a trace came to, if it kept all promises. */
export interface Played {
  readonly steps: ReadonlyArray<readonly [side: Side, step: StepMade<Stanza>]>
  readonly tally: ReadonlyMap<string, number>
}

/** Plays a trace. Throws an `Error` that says which promise was broken, as soon as it is. */
export const play = (trace: Trace): Played => {
  const begun = begin(trace.world)
  perform(begun, trace.moves)
  end(begun.stage, trace.finale, begun.check)
  return conclude(begun, trace.world)
}

/**
 * The same, but after the moves the server's process stops, as its runtime does it: what is under way is waited for, and
 * whoever comes later is sent away.
 */
export const playUntilStop = async (trace: Trace): Promise<Played> => {
  const begun = begin(trace.world)
  const { peers } = begun.stage
  perform(begun, trace.moves)
  await stopServer(peers)
  begun.check()
  if (!peers.isOnline()) peers.dial()
  peers.flow()
  begun.check()
  if (peers.server.account().sessions.length > 0) throw new Error('a session began while the server stopped')
  end(begun.stage, 'closes', begun.check)
  return conclude(begun, trace.world)
}

/** A trace under way. */
interface Begun {
  readonly stage: Stage
  readonly steps: Array<readonly [Side, StepMade<Stanza>]>
  /** Throws if anything is not as it must be between two moves. */
  readonly check: () => void
}

const begin = (one: World): Begun => {
  const model = createModel(one)
  const steps: Array<readonly [Side, StepMade<Stanza>]> = []
  const peers: Peers = createPeers({
    ...optionsOf(one),
    observe: (side, made) => {
      steps.push([side, made])
      model.observe(side, made)
    },
    onSend: (side, connection, xml) => {
      if (peers[side].changesUnderWay() > 0)
        throw new Error(`${xml} is sent on ${connection} before what caused it is durable`)
    },
  })
  peers.host.settle()
  return {
    stage: { peers, books: model.books, version: one.version, submitted: 0, others: 0 },
    steps,
    check: () => {
      throwFault(peers)
      for (const side of sides) model.checkPeer(peers[side])
    },
  }
}

const perform = ({ stage, check }: Begun, moves: ReadonlyArray<Move>): void => {
  for (const move of moves) {
    performMove(stage, move)
    stage.peers.host.settle()
    check()
  }
}

const conclude = ({ stage, steps }: Begun, { config }: World): Played => {
  for (const side of sides) replay(config[side], side, steps)
  return { steps, tally: stage.books.tally }
}

/** Promises are settled by the host of the test, commits by virtual time: so many rounds of both are enough. */
const stopServer = async ({ server, host }: Peers): Promise<void> => {
  let isStopped = false
  const stopping = server.runtime.stop().then(() => {
    isStopped = true
  })
  for (let round = 0; round < 100 && !isStopped; round += 1) {
    await Promise.resolve()
    const due = server.changesUnderWay() > 0 ? host.nextDue() : undefined
    if (due !== undefined) host.advance(Math.max(0, due - host.clock.monotonic()))
  }
  if (!isStopped) throw new Error('the server never stops')
  await stopping
}

const optionsOf = ({ config, version, resume, max, counters, delays, commitTime }: World): PeersOptions => {
  let sent = 0
  const delay = (): number => {
    sent += 1
    return delays[sent % delays.length] ?? 0
  }
  return {
    config,
    version,
    resume,
    commitTime,
    start: 1_000_000,
    ...(max === undefined ? {} : { max }),
    ...(counters === undefined ? {} : { counters }),
    ...(delays.length === 0 ? {} : { delay }),
  }
}

/** The runtime catches what its observer throws; here it is what the trace is about. */
const throwFault = (peers: Peers): void => {
  for (const side of sides) {
    const [fault] = peers[side].faults
    if (fault === undefined) continue
    if (fault.where === 'observe') throw fault.error
    throw new Error(`the ${side} failed at ${fault.where}: ${String(fault.error)}`)
  }
}

/** The same events give the same states and effects, also where the account was forgotten and loaded between. */
const replay = (config: Config, side: Side, steps: Played['steps']): void => {
  const fold: (account: Account<Stanza>, event: Event<Stanza>) => AccountStep<Stanza> = step(config)
  let account: Account<Stanza> | undefined
  let left: Account<Stanza> | undefined
  for (const [who, { before, event, after, effects }] of steps) {
    if (who !== side) continue
    account ??= before
    if (left !== undefined && !isSame(left, before))
      throw new Error(`the ${side} came to ${event._tag} in another state than it was left in`)
    const [next, again] = fold(account, event)
    if (!isSame(next, after) || !isSame(again, effects))
      throw new Error(`the ${side} steps otherwise when ${event._tag} is replayed`)
    account = next
    left = after
  }
}
