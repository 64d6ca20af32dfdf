/** Resumption between two of our servers: whatever breaks, each message comes exactly once, and in order. */
import { expect, test } from 'vitest'
import type { House } from '../../support/house.js'
import { chance, killAtOnce, moment, seed } from '../ground.js'
import { inNeighbourhood, type Neighbourhood, type Side } from './ground.js'
import { away, faultless, startTraffic } from './ours-traffic.js'

const sides: ReadonlyArray<Side> = ['one', 'other']
const patience = 240_000

/** Plays by chance; a failure tells how to play it again. */
const seeded =
  (play: (neighbourhood: Neighbourhood, pick: (below: number) => number) => Promise<void>) =>
  async (): Promise<void> => {
    try {
      await inNeighbourhood(neighbourhood => play(neighbourhood, chance(seed)))
    } catch (error) {
      throw new Error(`SEED=${seed} plays this again\n${error instanceof Error ? error.message : error}`, {
        cause: error,
      })
    }
  }

test(
  'lines that are cut at any byte, in both directions, lose, double and reorder nothing',
  seeded(async ({ serve, lineOf }, pick) => {
    const traffic = await startTraffic(serve)
    const before = sides.map(side => lineOf(side).opened())
    let sent = 2
    const write = async (writer: Side, count: number): Promise<void> => {
      sent += count
      await traffic.write(writer, count)
    }
    // Chance may cut nothing in the rounds, so a cut that 20 messages are sure to reach comes first, for each side.
    for (const side of sides) {
      const cut = lineOf(side).resetAfter('toServer', 1 + pick(1_000))
      await write(side, 20)
      await cut
      await traffic.reach(side)
      sent += 1
    }
    const pending = new Set<Side>()
    for (let round = 0; round < 10; round += 1) {
      const side = sides[pick(2)] ?? 'one'
      const direction = pick(2) === 0 ? 'toClient' : 'toServer'
      const bytes = pick(6_000)
      // A new cut would take the place of one that waits for its bytes.
      if (!pending.has(side)) {
        pending.add(side)
        void lineOf(side)
          .resetAfter(direction, bytes)
          .then(() => pending.delete(side))
      }
      for (const writer of sides) await write(writer, 1 + pick(20))
      await moment(pick(400))
    }
    expect(await traffic.settle()).toEqual(faultless(sent))
    const opened = sides.map((side, index) => lineOf(side).opened() - (before[index] ?? 0))
    expect(Math.min(...opened)).toBeGreaterThan(0)
  }),
  patience,
)

test(
  'a line that goes dead without a word is noticed, and loses, doubles and reorders nothing',
  seeded(async ({ serve, lineOf }, pick) => {
    const traffic = await startTraffic(serve, { s2s: { silence_seconds: 1 } })
    let sent = 2
    for (const side of [...sides, ...sides]) {
      await traffic.write(side, 5)
      await moment(pick(30))
      lineOf(side).blackhole()
      await traffic.write(side, 10)
      await traffic.write(away(side), 5)
      sent += 20
      expect(await traffic.settle()).toEqual(faultless(sent))
    }
  }),
  patience,
)

const ends: ReadonlyArray<readonly [string, (house: House) => Promise<unknown>]> = [
  ['killed', house => killAtOnce(house.server)],
  ['told to end', house => house.server.terminate()],
]

test.each(ends)(
  'a server that is %s under traffic, on either side, and twice in a row, loses, doubles and reorders nothing',
  (_, end) =>
    seeded(async ({ serve }, pick) => {
      const { houses, ...traffic } = await startTraffic(serve)
      let sent = 2
      const write = async (side: Side, count: number): Promise<void> => {
        sent += count
        await traffic.write(side, count)
      }
      for (const side of sides) {
        await write(side, 1 + pick(30))
        await write(away(side), 1 + pick(30))
        await moment(pick(30))
        await end(houses[side])
        await write(away(side), 5)
        const between = await serve(side)
        await moment(pick(1_500))
        await end(between)
        await write(away(side), 5)
        houses[side] = await serve(side)
        await traffic.move(side, houses[side])
        await write(side, 5)
        expect(await traffic.settle()).toEqual(faultless(sent))
      }
    })(),
  patience,
)

test(
  'both servers that are killed at once lose, double and reorder nothing',
  seeded(async ({ serve }, pick) => {
    const { houses, ...traffic } = await startTraffic(serve)
    await traffic.write('one', 20)
    await traffic.write('other', 20)
    await moment(pick(20))
    await Promise.all(sides.map(side => killAtOnce(houses[side].server)))
    for (const side of sides) await traffic.move(side, await serve(side))
    expect(await traffic.settle()).toEqual(faultless(42))
  }),
  patience,
)
