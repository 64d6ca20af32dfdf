/**
 * Attacks on the memory of the built server, which has 256 MB for all its values, while two honest people chat. The server
 * stays up, and all that the two say arrives once and in order. How long it took them and for how long the loop was
 * blocked at most is told on the last screen: times depend on the machine, so no test fails by them.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, type TestContext } from 'vitest'
import { type House, openHouse } from '../../support/house.js'
import { temporaryFolder } from '../../support/places.js'
import type { RunningServer, ServerOptions, TestUser } from '../../support/server.js'
import { startSmacks } from '../../support/start-smacks.js'
import { bodyOf } from '../../support/xml.js'
import type { XmppClient } from '../../support/xmpp-client.js'

/** Megabytes for values: a small server's. */
export const heapBound = 256

export interface BoundedServer {
  readonly server: RunningServer
  /** The longest block of the loop since this was asked last, in milliseconds. */
  readonly longestBlock: () => Promise<number>
  readonly stop: () => Promise<void>
}

/** Starts the built server with little memory. */
export const startBounded = async (options: ServerOptions): Promise<BoundedServer> => {
  const notes = temporaryFolder('loop')
  const file = join(notes.path, 'longest-block')
  const preload = fileURLToPath(new URL('loop-preload.mjs', import.meta.url))
  const server = await startSmacks({
    ...options,
    nodeArguments: [`--max-old-space-size=${heapBound}`, '--import', preload],
    env: { SMACKS_TEST_LOOP: file },
  })
  return {
    server,
    longestBlock: async () => {
      rmSync(file, { force: true })
      process.kill(server.pid, 'SIGUSR2')
      await expect
        .poll(() => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n'), { timeout: 30_000 })
        .toBe(true)
      return Number(readFileSync(file, 'utf8'))
    },
    stop: async () => {
      await server.stop()
      notes.remove()
    },
  }
}

/** Milliseconds between two honest messages. */
const pace = 20

/** Runs the attack while two people chat, and tells what it cost them. */
export const besideHonest = async (
  { server, longestBlock }: BoundedServer,
  next: () => TestUser,
  { task, annotate }: TestContext,
  attack: (house: House) => Promise<void>,
): Promise<void> => {
  const house = openHouse(server, next)
  try {
    const [one, other] = [await house.online(house.person()), await house.online(house.person())]
    await longestBlock()
    const before = server.memory()
    const chat = beginChat(one, other)
    await attack(house)
    const times = await chat.end()
    const [p99, block, grown] = [percentile(times, 0.99), await longestBlock(), server.memory() - before]
    await annotate(
      `${task.name}: honest p99 ${p99} ms of ${times.length}, loop blocked ${block} ms at most, ${Math.round(grown / 1e6)} MB more`,
      'attacked',
    )
  } finally {
    house.leave()
  }
}

/** Says something every few milliseconds until it is to end; each message must come, in order. Its times are in milliseconds. */
const beginChat = (from: XmppClient, to: XmppClient): { readonly end: () => Promise<ReadonlyArray<number>> } => {
  const sentAt: number[] = []
  const times: number[] = []
  let over = false
  const say = (): void => {
    from.message(to.jid, `honest ${sentAt.length}`)
    sentAt.push(performance.now())
  }
  const saying = setInterval(say, pace)
  const hearing = (async () => {
    while (!over || times.length < sentAt.length) {
      const message = await to.until(it => it.name === 'message')
      expect(bodyOf(message)).toBe(`honest ${times.length}`)
      times.push(Math.round(performance.now() - (sentAt[times.length] ?? 0)))
    }
  })()
  // Told when the attack is over.
  hearing.catch(() => undefined)
  return {
    end: async () => {
      clearInterval(saying)
      over = true
      say()
      await hearing
      return times
    },
  }
}

const percentile = (times: ReadonlyArray<number>, share: number): number =>
  [...times].sort((one, other) => one - other)[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
