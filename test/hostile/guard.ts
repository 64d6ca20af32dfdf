/**
 * What every hostile case is held against: a user whose session hibernates while the server is attacked. Whatever
 * happens, what was sent to them waits, once and in order, and is there when they resume.
 */
import { expect } from 'vitest'
import { type House, openHouse } from '../support/house.js'
import type { RunningServer, TestUser } from '../support/server.js'
import { bodyOf } from '../support/xml.js'

export interface Guarded {
  readonly house: House
  readonly server: RunningServer
}

/** How far the server's resident memory may grow while it is attacked, in bytes. */
export const memoryBound = 160 * 1024 * 1024

export const whileSomebodySleeps = async (
  server: RunningServer,
  next: () => TestUser,
  attack: (guarded: Guarded) => Promise<void>,
): Promise<void> => {
  const house = openHouse(server, next)
  try {
    const sleeper = await house.managed(house.person())
    const friend = await house.online(house.person())
    sleeper.reset()
    for (const body of ['before 1', 'before 2']) friend.message(sleeper.jid, body)
    await friend.untilFence()
    const before = server.memory()

    await attack({ house, server })

    friend.message(sleeper.jid, 'after')
    await friend.expectNothing()
    const awake = await house.resumed(sleeper)
    const came = await awake.untilFence()
    expect(came.map(bodyOf).filter(it => it !== undefined)).toEqual(['before 1', 'before 2', 'after'])
    expect(server.memory() - before).toBeLessThan(memoryBound)
  } finally {
    house.leave()
  }
}
