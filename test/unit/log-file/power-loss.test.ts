/** Whenever the power is lost, all that was synced is there, in order, and the log goes on behind it. */
import { openContent, SegmentedLog } from '@smacks/log-file'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../../property/runs.js'
import { PowerLost, type SimulatedFolder, simulatedFolder } from './simulated-folder.js'

/** What a log's owner keeps elsewhere, where it survives. */
interface Note {
  first: number
  /** The records whose sync was told. */
  synced: number
}

interface Plan {
  /** Characters of each record; a negative number trims instead, up to so many records before the last one. */
  readonly acts: ReadonlyArray<number>
  /** The call at which the power is lost. */
  readonly calls: number
  /** Settings change from life to life. */
  readonly segmentSize: number
}

const plans = fc.array(
  fc.record({
    acts: fc.array(fc.integer({ min: -20, max: 400 }), { maxLength: 25 }),
    calls: fc.nat(90),
    segmentSize: fc.constantFrom(300, 700, 1_500),
  }),
  { minLength: 1, maxLength: 6 },
)

const textOf = (number: number, length: number): string => `${number} ${'\u00fc'.repeat(length)}`

/** Lives once, to the end of its plan or until the power is lost. */
const live = async (
  folder: SimulatedFolder,
  note: Note,
  { acts, segmentSize }: Plan,
  trims: TrimOrder,
): Promise<void> => {
  const content = openContent(folder, () => note.first)
  for (const found of content.read()) if (found._tag === 'Damage') throw new Error('damage')
  const segments = content.segments()
  if (content.first !== undefined && content.first > Math.max(note.first, 1))
    throw new Error('the beginning is missing')
  const log = new SegmentedLog({
    folder,
    log: 'a log',
    stamp: 'one',
    segmentSize,
    isSynced: true,
    segments,
    leftover: content.leftover,
    last: note.synced,
  })
  log.begin()
  for (const act of acts) {
    if (act < 0) {
      const before = log.last + act
      const first = log.firstAfterTrim(before)
      if (trims === 'noted first') note.first = Math.max(note.first, first)
      log.trim(before)
      note.first = Math.max(note.first, first)
      continue
    }
    log.append(textOf(log.last + 1, act))
    await log.sync()
    note.synced = log.last
  }
  log.close()
}

type TrimOrder = 'noted first' | 'noted last'

/** Throws if anything is not as it should be. */
const look = (folder: SimulatedFolder, note: Note): void => {
  const content = openContent(folder, () => note.first)
  let last = 0
  for (const found of content.read()) {
    if (found._tag === 'Damage') throw new Error(`damage at ${found.first}`)
    if (last !== 0 && found.number !== last + 1) throw new Error(`after ${last} comes ${found.number}`)
    if (last === 0 && found.number > Math.max(note.first, 1)) throw new Error(`the first is ${found.number}`)
    last = found.number
    if (!found.bytes.toString().startsWith(`${last} `)) throw new Error(`${last} says something else`)
  }
  if (last < note.synced) throw new Error(`${note.synced} was synced, and the last is ${last}`)
  // What was not told may be there, and is from now on.
  note.synced = last
}

const story = async (
  lives: ReadonlyArray<Plan>,
  seed: number,
  faults: { readonly syncsFiles?: boolean; readonly syncsNames?: boolean; readonly trims?: TrimOrder } = {},
): Promise<void> => {
  let state = seed
  const chance = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  const { trims = 'noted first', ...syncing } = faults
  const folder = simulatedFolder({ chance, ...syncing })
  const note: Note = { first: 0, synced: 0 }
  for (const plan of lives) {
    folder.losePowerIn(plan.calls)
    try {
      await live(folder, note, plan, trims)
    } catch (error) {
      if (!(error instanceof PowerLost)) throw error
    }
    folder.restart()
    look(folder, note)
  }
}

describe('a log on a disk that forgets what was not synced', () => {
  it('has all that was synced, in order, whenever the power is lost, also again and again', async () => {
    await fc.assert(
      fc.asyncProperty(plans, fc.integer(), (lives, seed) => story(lives, seed)),
      runs(500),
    )
  })

  it.each([
    ['files are not synced', { syncsFiles: false }],
    ['names are not synced', { syncsNames: false }],
    ['what is trimmed is noted too late', { trims: 'noted last' }],
  ] as const)('is found out where %s', async (_, faults) => {
    const found = await fc.check(
      fc.asyncProperty(plans, fc.integer(), (lives, seed) => story(lives, seed, faults)),
      { numRuns: 500, seed: 1, endOnFailure: true },
    )
    expect(String(found.errorInstance)).toMatch(
      /damage|is missing|was synced|follows record|does not begin|the first is/,
    )
  })
})
