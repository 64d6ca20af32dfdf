/** A soak: many people at their habits for as long as wanted, one honest pair that must lose nothing, and samples. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Chance, createChance } from '../chaos/chance.js'
import { type BoundedServer, startBounded } from '../support/bounded-server.js'
import { beginChat, type Chat, percentile } from '../support/honest-chat.js'
import { makeUsers, openHouse } from '../support/house.js'
import { temporaryFolder } from '../support/places.js'
import { Actor } from './actor.js'
import { chooseHabit, type Scene } from './habits.js'
import type { Sample } from './samples.js'

export interface SoakOptions {
  readonly minutes: number
  /** People, each with an account and a session of their own. */
  readonly sessions: number
  readonly seed: number
  /** How many samples are taken. */
  readonly samples: number
  readonly onSample: (sample: Sample) => void
}

export interface SoakReport {
  readonly samples: ReadonlyArray<Sample>
  /** Messages of the honest pair, and the time that 99 of 100 of them took at most, in milliseconds. */
  readonly honest: { readonly messages: number; readonly p99: number }
  /** What was done, and how often the server or the line did not let them. */
  readonly done: { readonly habits: number; readonly refused: number }
  readonly complaints: ReadonlyArray<string>
}

/** How many are at their habits at the same time. */
const atOnce = 24

export const soak = async (options: SoakOptions): Promise<SoakReport> => {
  const folder = temporaryFolder('soak')
  const users = [...makeUsers(options.sessions + 2)]
  const bounded = await startBounded({
    users,
    folder: folder.path,
    hibernationTime: 10,
    requireEncryption: false,
    limits: {
      connections_per_address: options.sessions * 2 + 1_000,
      // The default: without it, what the people send takes all of the processor.
      bytes_per_second: '64 kB',
      // Reached within minutes: what grows beyond it is not bounded by what people may have, but by nothing.
      data_bytes: '512 MiB',
    },
  })
  const { server } = bounded
  const house = openHouse(server, () => users.pop() ?? { username: 'nobody', password: '' })
  try {
    const [one, other] = [await house.online(house.person()), await house.online(house.person())]
    const chat = beginChat(one, other, 50)
    const [first, ...rest] = users.map(user => new Actor(server, user))
    if (first === undefined) throw new Error('nobody is there')
    const scene: Scene = { server, chance: createChance(options.seed), actors: [first, ...rest] }
    return await play(scene, bounded, chat, folder.path, options)
  } finally {
    house.leave()
    await bounded.stop()
    folder.remove()
  }
}

const play = async (
  scene: Scene,
  { inside, server }: BoundedServer,
  chat: Chat,
  folder: string,
  { minutes, samples: wanted, onSample }: SoakOptions,
): Promise<SoakReport> => {
  const begin = performance.now()
  const minute = (): number => (performance.now() - begin) / 60_000
  const done = { habits: 0, refused: 0 }
  const samples: Sample[] = []
  const complaints: string[] = []
  const live = async (chance: Chance): Promise<void> => {
    while (minute() < minutes && complaints.length === 0) {
      try {
        done.habits += 1
        await chooseHabit(chance)(scene, chance.pick(scene.actors))
      } catch {
        // To be refused is what most of this is for; it is counted.
        done.refused += 1
      }
      await pause(chance.between(0, 20))
    }
  }
  const watch = async (): Promise<void> => {
    while (samples.length < wanted) {
      await pause(Math.max(0, ((samples.length + 1) * minutes * 60_000) / wanted - minute() * 60_000))
      const { heap, block } = await inside()
      const sample = {
        minute: minute(),
        heap: heap / 1e6,
        resident: server.memory() / 1e6,
        disk: sizeOf(join(folder, 'data')) / 1e6,
        block,
      }
      samples.push(sample)
      onSample(sample)
    }
  }
  const lives = Array.from({ length: atOnce }, () => live(scene.chance.fork()))
  await watch().catch(error => complaints.push(String(error)))
  await Promise.all(lives)
  for (const actor of scene.actors) actor.leave()
  await chat.end().catch(error => complaints.push(`the honest pair: ${String(error)}`))
  return { samples, honest: { messages: chat.times.length, p99: percentile(chat.times, 0.99) }, done, complaints }
}

const sizeOf = (folder: string): number =>
  readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return sum + sizeOf(path)
    return entry.isFile() ? sum + statSync(path).size : sum
  }, 0)
