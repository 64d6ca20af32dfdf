/** How a world begins: a client and a server that have agreed on stream management, or are about to. */
import { emptyAccount } from '@smacks/core'
import { accountKey } from './key.js'
import type { Move } from './moves.js'
import { type Machine, perform } from './perform.js'
import type { End, Ledger, State, World } from './state.js'

const noLedger: Ledger = { stands: '', arrived: '', at: [], on: [] }

/** Far from zero, so that a time that is forgotten is not taken for one. */
const began = Date.UTC(2026, 0, 1)

/** Nobody is there yet; a line stands. */
export const bare = (world: World): State => {
  const end: End = {
    account: emptyAccount,
    key: accountKey(world, emptyAccount),
    armed: [],
    stale: [],
    asked: undefined,
    counted: 0,
  }
  return {
    client: end,
    server: end,
    lines: [{ id: 'L1', toClient: [], toServer: [], client: 'open', server: 'open', isCut: false }],
    c: noLedger,
    p: noLedger,
    d: noLedger,
    order: '',
    counts: {},
    budget: world.budget,
    now: began,
    freshSmId: 0,
  }
}

/** The moves before anything is left to chance, and where they lead. */
export const initial = (
  machine: Machine,
): { readonly state: State; readonly moves: ReadonlyArray<Move>; readonly broken: string | undefined } => {
  const moves = preludeOf(machine.world.start)
  let state = bare(machine.world)
  for (const [index, move] of moves.entries()) {
    const moved = perform(machine, state, move)
    state = moved.state
    if (moved.broken !== undefined) return { state, moves: moves.slice(0, index + 1), broken: moved.broken }
  }
  return { state, moves, broken: undefined }
}

const preludeOf = (start: World['start']): ReadonlyArray<Move> => [
  { does: 'begin' },
  ...(typeof start === 'string' ? [] : enabling),
  ...(typeof start === 'string' || start === 0 ? [] : [{ does: 'count', from: start } as const]),
]

const enabling: ReadonlyArray<Move> = [
  { does: 'enable' },
  { does: 'deliver', line: 0, side: 'server' },
  { does: 'deliver', line: 0, side: 'client' },
]
