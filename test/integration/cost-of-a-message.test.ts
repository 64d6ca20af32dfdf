/**
 * What one message costs the whole server, counted: calls of the system, bytes of the journal, bytes of the heap. Nothing here is a
 * time, so nothing depends on the machine; whoever makes a message dearer sees it here, and says why when a bound is raised.
 */
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import type { RunningServer } from '../support/server.js'
import { eventually, stages } from './ground.js'

const [juliet, romeo] = ['juliet', 'romeo'].map(username => ({
  username,
  password: 'a password',
  jid: `${username}@localhost`,
})) as [Person, Person]

interface Person {
  readonly username: string
  readonly password: string
  readonly jid: string
}

const { play, strike } = stages([juliet, romeo])
afterAll(strike)

const probe = fileURLToPath(new URL('heap-probe.mjs', import.meta.url))

/** Messages that are measured together, so few that most such rounds see no collection of the heap. */
const messages = 20

const rounds = 15

/** Calls of `read` and `write` and the like, of all threads so far. */
const callsOf = ({ pid }: RunningServer) => {
  const io = readFileSync(`/proc/${pid}/io`, 'utf8')
  const of = (name: string): number => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(io)?.[1])
  return { reads: of('syscr'), writes: of('syscw') }
}

const journalBytes = (folder: string): number => {
  const path = join(folder, 'data', 'journal')
  return readdirSync(path).reduce((sum, name) => sum + statSync(join(path, name)).size, 0)
}

const heapOf = async (server: RunningServer, path: string): Promise<{ used: number; collections: number }> => {
  rmSync(path, { force: true })
  process.kill(server.pid, 'SIGUSR2')
  await eventually(
    () => existsSync(path) && readFileSync(path, 'utf8').endsWith('}'),
    () => 'the server does not tell of its heap',
  )
  return JSON.parse(readFileSync(path, 'utf8')) as { used: number; collections: number }
}

describe.skipIf(process.platform !== 'linux')(
  'a message of 100 characters, one at a time, between two clients that ack',
  () => {
    test(
      'costs no more calls and no more bytes than it did',
      play(async ({ folder, serve }) => {
        const heap = join(folder, 'heap.json')
        const env = { SMACKS_TEST_HEAP: heap, NODE_OPTIONS: `--import ${probe}` }
        const house = await serve({ env })
        const [sender, receiver] = [await house.managed(juliet), await house.managed(romeo)]
        const body = 'x'.repeat(100)
        const relay = async (count: number): Promise<void> => {
          for (let n = 0; n < count; n += 1) {
            sender.message(receiver.jid, body)
            await receiver.until('message')
          }
          await sender.untilFence()
          await receiver.untilFence()
        }
        const look = async () => ({
          ...callsOf(house.server),
          journal: journalBytes(folder),
          ...(await heapOf(house.server, heap)),
        })
        await relay(400)
        const seen = [await look()]
        for (let round = 0; round < rounds; round += 1) {
          await relay(messages)
          seen.push(await look())
        }
        const each = (of: (one: Look) => number, counts: (from: Look, to: Look) => boolean = () => true): number =>
          median(
            seen.slice(1).flatMap((to, index) => {
              const from = seen[index]
              return from !== undefined && counts(from, to) ? [(of(to) - of(from)) / messages] : []
            }),
          )
        // Over TLS: a read of each message, a write to its recipient, and one to the journal; the fences add theirs.
        expect(each(one => one.reads)).toBeLessThanOrEqual(1.3)
        expect(each(one => one.writes)).toBeLessThanOrEqual(2.4)
        expect(each(one => one.journal)).toBeLessThanOrEqual(850)
        const heapUse = each(
          one => one.used,
          (from, to) => from.collections === to.collections,
        )
        expect(heapUse).toBeLessThanOrEqual(28_000)
        // It is measured at all.
        expect(heapUse).toBeGreaterThan(1_000)
      }),
      60_000,
    )
  },
)

type Look = {
  readonly reads: number
  readonly writes: number
  readonly journal: number
  readonly used: number
  readonly collections: number
}

const median = (values: ReadonlyArray<number>): number => {
  const sorted = [...values].sort((one, other) => one - other)
  const middle = sorted[Math.floor(sorted.length / 2)]
  if (middle === undefined) throw new Error('nothing was measured')
  return middle
}
