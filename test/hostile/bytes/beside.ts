/**
 * Attacks on the memory of the built server, which has 256 MB for all its values, while two honest people chat. The server
 * stays up, and all that the two say arrives once and in order. How long it took them and for how long the loop was
 * blocked at most is told on the last screen: times depend on the machine, so no test fails by them.
 */
import type { TestContext } from 'vitest'
import type { BoundedServer } from '../../support/bounded-server.js'
import { beginChat, percentile } from '../../support/honest-chat.js'
import { type House, openHouse } from '../../support/house.js'
import type { TestUser } from '../../support/server.js'

/** Runs the attack while two people chat, and tells what it cost them. */
export const besideHonest = async (
  { server, inside }: BoundedServer,
  next: () => TestUser,
  { task, annotate }: TestContext,
  attack: (house: House) => Promise<void>,
): Promise<void> => {
  const house = openHouse(server, next)
  try {
    const [one, other] = [await house.online(house.person()), await house.online(house.person())]
    const before = await inside()
    const chat = beginChat(one, other)
    await attack(house)
    await chat.end()
    const after = await inside()
    const grown = Math.round((after.heap - before.heap) / 1e6)
    await annotate(
      `${task.name}: honest p99 ${percentile(chat.times, 0.99)} ms of ${chat.times.length}, loop blocked ${after.block} ms at most, ${grown} MB more are held`,
      'attacked',
    )
  } finally {
    house.leave()
  }
}
