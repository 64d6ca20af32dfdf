/** Two servers of ours in two folders, with a line between them that a test can cut in either direction of its making. */
import { join } from 'node:path'
import { type OurOptions, startOurs } from '../../support/federation/neighbour.js'
import { type House, makeUsers, openHouse } from '../../support/house.js'
import { type LineProxy, startLineProxy } from '../../support/line-proxy.js'
import { freePort, temporaryFolder } from '../../support/places.js'
import type { RunningServer } from '../../support/server.js'
import { smacks } from '../ground.js'

/** Names of the two. */
export const domains = { one: 'one.example', other: 'other.example' } as const
export type Side = keyof typeof domains

export interface Neighbourhood {
  /** The line that a side opens to the other. */
  readonly lineOf: (side: Side) => LineProxy
  /** Starts the server of a side; it may have run before. */
  readonly serve: (side: Side, options?: Partial<OurOptions>) => Promise<House>
  /** Runs the command `smacks` on the data of a side, beside its server. */
  readonly smacks: (side: Side, ...args: ReadonlyArray<string>) => Promise<string>
  /** All that all servers said. */
  readonly output: () => string
}

const users = makeUsers(4)

/** Plays in a new neighbourhood, and clears it away. */
export const inNeighbourhood = async (play: (neighbourhood: Neighbourhood) => Promise<void>): Promise<void> => {
  const folder = temporaryFolder('federation')
  const [one, other] = await Promise.all([freePort(), freePort()])
  const ports = { one, other }
  const lines = { one: await startLineProxy({ port: other }), other: await startLineProxy({ port: one }) }
  const servers: Array<RunningServer> = []
  const houses: Array<House> = []
  const output = (): string => servers.map(server => `${server.domain}:\n${server.output()}`).join('\n----\n')
  try {
    await play({
      lineOf: side => lines[side],
      output,
      smacks: (side, ...args) => smacks(join(folder.path, side), ...args),
      serve: async (side, options = {}) => {
        const away = side === 'one' ? 'other' : 'one'
        const server = await startOurs({
          domain: domains[side],
          users,
          folder: join(folder.path, side),
          serverPort: ports[side],
          hosts: { [domains[away]]: lines[side].port },
          ...options,
        })
        servers.push(server)
        const people = [...users]
        const house = openHouse(server, () => {
          const next = people.shift()
          if (next === undefined) throw new Error('all people of this side are taken')
          return next
        })
        houses.push(house)
        return house
      },
    })
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.stack : error}\n${output()}`, { cause: error })
  } finally {
    for (const house of houses) house.leave()
    await Promise.all(servers.map(server => server.stop()))
    await Promise.all([lines.one.stop(), lines.other.stop()])
    folder.remove()
  }
}
