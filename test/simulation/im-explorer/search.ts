/**
 * Breadth first: every sequence of moves up to a depth, but for those that lead where another one led already; and in the last
 * move of each, a death of the process behind everything that it does. What is found first has the shortest way there is.
 */
import { itemsOf, presencesOf, truthOf } from './laws.js'
import { type Move, movesOf } from './moves.js'
import type { Fault } from './process.js'
import { recoverAll, wrongAmong } from './recovery.js'
import { type Scene, World } from './world.js'

export interface Found {
  readonly states: number
  readonly transitions: number
  readonly deaths: number
  /** What is wrong, and the way to it. */
  readonly violation?: string
}

export const explore = (scene: Scene, depth = scene.depth, fault?: Fault): Found => {
  const count = { states: 1, transitions: 0, deaths: 0 }
  const first = new World(scene, fault)
  const visited = new Set([keyOf(first)])
  let level: ReadonlyArray<ReadonlyArray<number>> = [[]]
  for (let length = 0; length < depth; length += 1) {
    const next: Array<ReadonlyArray<number>> = []
    for (const way of level) {
      const places = movesOf(replay(scene, fault, way)).length
      for (let place = 0; place < places; place += 1) {
        count.transitions += 1
        const there = [...way, place]
        const world = replay(scene, fault, way)
        const before = world.happened
        moveAt(world, place).act(world)
        const key = keyOf(world)
        const wrong = wrongAmong(world, world.clients)
        if (wrong !== undefined) return { ...count, violation: tell(scene, fault, there, wrong) }
        const happens = world.happened - before
        for (let dying = 0; dying <= happens; dying += 1) {
          count.deaths += 1
          const killed = die(scene, fault, there, dying)
          if (killed !== undefined) {
            const when = `${killed} (killed when ${dying} of ${happens} had happened in the last move)`
            return { ...count, violation: tell(scene, fault, there, when) }
          }
        }
        if (visited.has(key)) continue
        visited.add(key)
        count.states += 1
        next.push(there)
      }
    }
    level = next
  }
  return count
}

const die = (scene: Scene, fault: Fault | undefined, way: ReadonlyArray<number>, dying: number): string | undefined => {
  const world = replay(scene, fault, way.slice(0, -1))
  const move = moveAt(world, way.at(-1) ?? 0)
  world.dyingAfter(dying, () => move.act(world))
  return recoverAll(world)
}

const replay = (scene: Scene, fault: Fault | undefined, way: ReadonlyArray<number>): World => {
  const world = new World(scene, fault)
  for (const place of way) moveAt(world, place).act(world)
  return world
}

const moveAt = (world: World, place: number): Move => {
  const move = movesOf(world)[place]
  if (move === undefined) throw new Error(`there is no move ${place}`)
  return move
}

const tell = (scene: Scene, fault: Fault | undefined, way: ReadonlyArray<number>, wrong: string): string => {
  const world = new World(scene, fault)
  const names = way.map(place => {
    const move = moveAt(world, place)
    move.act(world)
    return move.name
  })
  return `${[scene.name, ...names].join('\n  ')}\n  WRONG: ${wrong}`
}

/** Two states of one key have the same future: what the server knows, what waits for whom, and what each client shows. */
const keyOf = (world: World): string =>
  JSON.stringify([
    [...truthOf(world)].map(([account, { sessions, roster }]) => [
      presencesOf(sessions),
      itemsOf(roster.items),
      world.life.runtime.account(account).sessions.map(({ _tag, resource }) => [_tag, resource]),
    ]),
    world.clients.map(({ connection, smId, picture, roster, waiting, shows }) => [
      connection !== undefined,
      smId !== undefined,
      [...picture].sort(),
      [...roster].sort(),
      // Ids of pushes are new each time.
      waiting.map(xml => xml.replace(/ (id|ver)="[^"]*"/g, '')),
      shows,
    ]),
  ])
