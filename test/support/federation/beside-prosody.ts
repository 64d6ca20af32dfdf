/** Our server and a Prosody that federate, with a line between them in each direction that a test can cut. */
import { join } from 'node:path'
import { type House, makeUsers, openHouse } from '../house.js'
import { type LineProxy, startLineProxy } from '../line-proxy.js'
import { freePort, temporaryFolder } from '../places.js'
import type { RunningServer, TestUser } from '../server.js'
import { type OurOptions, startOurs } from './neighbour.js'
import { type ProsodyOptions, startProsodyNeighbour } from './prosody.js'

/** Names of the two. */
export const domains = { ours: 'ours.example', prosody: 'prosody.example' } as const

export interface BesideProsody {
  /** The line over which our server sends. */
  readonly toProsody: LineProxy
  /** The line over which Prosody sends. */
  readonly toOurs: LineProxy
  /** Starts our server; it may have run before. Its people are the same each time. */
  readonly serveOurs: (options?: Partial<OurOptions>) => Promise<House>
  readonly serveProsody: (options?: Partial<ProsodyOptions>) => Promise<House>
}

/** Plays beside a Prosody, and clears it all away. What the servers said is told with a failure. */
export const besideProsody = async <A>(
  play: (beside: BesideProsody) => Promise<A>,
  users: ReadonlyArray<TestUser> = makeUsers(6),
): Promise<A> => {
  const folder = temporaryFolder('prosody')
  const [ours, prosody] = await Promise.all([freePort(), freePort()])
  const [toProsody, toOurs] = await Promise.all([startLineProxy({ port: prosody }), startLineProxy({ port: ours })])
  const servers: Array<RunningServer> = []
  const houses: Array<House> = []
  const open = (server: RunningServer): House => {
    servers.push(server)
    const people = [...users]
    const house = openHouse(server, () => {
      const next = people.shift()
      if (next === undefined) throw new Error(`all people of ${server.domain} are taken`)
      return next
    })
    houses.push(house)
    return house
  }
  try {
    return await play({
      toProsody,
      toOurs,
      serveOurs: async options =>
        open(
          await startOurs({
            domain: domains.ours,
            users,
            folder: join(folder.path, 'ours'),
            serverPort: ours,
            hosts: { [domains.prosody]: toProsody.port },
            ...options,
          }),
        ),
      serveProsody: async options =>
        open(
          await startProsodyNeighbour({
            domain: domains.prosody,
            users,
            folder: join(folder.path, 'prosody'),
            serverPort: prosody,
            hosts: { [domains.ours]: toOurs.port },
            ...options,
          }),
        ),
    })
  } catch (error) {
    const said = servers.map(server => `${server.domain}:\n${server.output()}`).join('\n----\n')
    throw new Error(`${error instanceof Error ? error.stack : error}\n${said}`, { cause: error })
  } finally {
    for (const house of houses) house.leave()
    await Promise.all(servers.map(server => server.stop()))
    await Promise.all([toProsody.stop(), toOurs.stop()])
    folder.remove()
  }
}
