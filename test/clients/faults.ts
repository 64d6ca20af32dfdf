/** What is done to the server and to the lines while clients talk. */
import { eventually, killAtOnce } from '../integration/ground.js'
import type { LineProxy } from '../support/line-proxy.js'
import type { RunningServer } from '../support/server.js'
import type { RunningClient } from './client.js'

export type Settings = Readonly<{ config?: Record<string, unknown>; limits?: Record<string, number> }>

export interface Ground {
  readonly server: RunningServer
  /** Starts the next server on the same data. */
  readonly startAgain: (settings?: Settings) => Promise<void>
  readonly clients: ReadonlyArray<RunningClient>
  readonly lines: ReadonlyArray<LineProxy>
  /** Whether the server has noticed for each client that its line is gone. */
  readonly allHibernate: () => boolean
}

export interface Fault {
  readonly name: string
  readonly settings?: Settings
  /** Who dials while no server is there is refused; else he waits, as behind a load balancer. */
  readonly refuses?: boolean
  readonly happen: (ground: Ground) => Promise<void>
}

const awayMilliseconds = 500
/** Long enough for each client to dial at least once. */
const refusedMilliseconds = 4_000

const stop = async ({ server }: Ground): Promise<void> => {
  const code = await server.terminate()
  if (code !== 0) throw new Error(`the server did not stop cleanly but with ${code}:\n${server.output()}`)
}

const moment = (milliseconds: number): Promise<void> => new Promise(resolve => setTimeout(resolve, milliseconds))

/** Every option that has to do with sessions, and what each account may have, as an operator might set it. */
const before: Settings = { config: { smacks_max_queue_size: 500, smacks_hibernation_time: 600 } }
const after: Settings = {
  config: {
    smacks_hibernation_time: 120,
    smacks_max_queue_size: 100,
    smacks_max_unacked_stanzas: 5,
    smacks_max_inactive_unacked_stanzas: 10,
    smacks_max_ack_delay: 10,
    smacks_max_old_sessions: 1,
    durability: 'disk',
  },
  limits: { hibernating_sessions_per_user: 1, resources_per_user: 2, silence_seconds: 60 },
}

export const faults: ReadonlyArray<Fault> = [
  {
    name: 'SIGTERM and start',
    happen: async ground => {
      await stop(ground)
      await moment(awayMilliseconds)
      await ground.startAgain()
    },
  },
  {
    name: 'kill -9 and start',
    happen: async ground => {
      await killAtOnce(ground.server)
      await moment(awayMilliseconds)
      await ground.startAgain()
    },
  },
  {
    name: 'SIGTERM, refused, start',
    refuses: true,
    happen: async ground => {
      await stop(ground)
      await moment(refusedMilliseconds)
      await ground.startAgain()
    },
  },
  {
    name: 'a device that slept',
    settings: { limits: { silence_seconds: 4 } },
    happen: async ({ clients, allHibernate }) => {
      for (const client of clients) client.sleep()
      await eventually(allHibernate, () => 'the server gives up no silent line')
      for (const client of clients) client.wake()
    },
  },
  {
    name: 'hand-over',
    happen: async ({ lines }) => {
      for (const line of lines) line.dropClients()
    },
  },
  {
    name: 'SIGTERM, other settings, start',
    settings: before,
    happen: async ground => {
      await stop(ground)
      await moment(awayMilliseconds)
      await ground.startAgain(after)
    },
  },
  {
    name: 'kill -9, other settings, start',
    settings: before,
    happen: async ground => {
      await killAtOnce(ground.server)
      await moment(awayMilliseconds)
      await ground.startAgain(after)
    },
  },
]
