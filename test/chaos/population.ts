/** Who lives in a world: who sends, who dawdles, who stays away, who never comes, and who watches whom. */
import type { Names } from './composer.js'
import type { Habits } from './habits.js'

export interface Population {
  readonly title: string
  readonly present: Names
  /** They never log in before the end. */
  readonly absent: ReadonlyArray<string>
  readonly habits: (index: number) => Habits
  /** smacks_max_queue_size. */
  readonly maxQueueSize: number
  /** smacks_hibernation_time, in seconds. */
  readonly hibernationSeconds: number
  /** Every session is resumed, always. */
  readonly resumesAll: boolean
  /** A while of traffic between two deaths lasts so many milliseconds, at least and at most. */
  readonly traffic: readonly [number, number]
}

type MadePopulation = (clients: number) => Population

const restless = { chance: 0.05, milliseconds: 500 }
const never = { chance: 0, milliseconds: 0 }

/** All that is usual: some ack late, some stay away for a while, all resume. */
const ordinary: MadePopulation = clients => ({
  title: 'Ordinary queues',
  ...names(clients),
  maxQueueSize: 100_000,
  hibernationSeconds: 600,
  resumesAll: true,
  traffic: [20, 700],
  habits: index => ({
    window: 30,
    acksEvery: index % 4 === 1 ? 60 : 1,
    staysAway: index % 4 === 2 ? { chance: 0.5, milliseconds: 3_000 } : restless,
    cuts: 0.004,
    mayBeRefused: false,
    keepsToAddress: false,
  }),
})

/**
 * Queues grow far beyond `smacks_max_queue_size`: of clients that are connected and do not ack, which go on, and of
 * clients that stay away, which are refused, begin anew, and must get all the same what waited for them in storage.
 */
const longQueues: MadePopulation = clients => ({
  title: 'Queues that are too long',
  ...names(clients),
  maxQueueSize: 20,
  hibernationSeconds: 600,
  resumesAll: false,
  traffic: [20, 1_000],
  habits: index => ({
    window: index % 4 === 2 ? 10 : 30,
    acksEvery: index % 4 === 1 ? 200 : 1,
    staysAway: index % 4 === 2 ? { chance: 0.8, milliseconds: 15_000 } : never,
    cuts: 0.004,
    mayBeRefused: true,
    keepsToAddress: true,
  }),
})

/**
 * Sessions time out while their clients are away: what waited in them is stored, and comes to the session that such a
 * client begins anew.
 */
const timeouts: MadePopulation = clients => ({
  title: 'Sessions that time out',
  ...names(clients),
  maxQueueSize: 100_000,
  hibernationSeconds: 1,
  resumesAll: false,
  traffic: [500, 3_000],
  habits: index => ({
    window: 30,
    acksEvery: index % 4 === 1 ? 60 : 1,
    staysAway: index % 4 === 2 ? { chance: 0.7, milliseconds: 5_000 } : never,
    cuts: index % 4 === 2 ? 0.02 : 0.004,
    mayBeRefused: true,
    keepsToAddress: true,
  }),
})

export const populations = { ordinary, longQueues, timeouts } as const

/** Whose presence it is subscribed to, by index. */
export const contactsOf = (index: number, clients: number): ReadonlyArray<number> =>
  [...new Set([1, 7].map(step => (index + step) % clients))].filter(other => other !== index)

const names = (clients: number): Pick<Population, 'absent' | 'present'> => ({
  present: ['user0', ...Array.from({ length: clients - 1 }, (_, index) => `user${index + 1}`)],
  absent: Array.from({ length: Math.ceil(clients / 8) }, (_, index) => `absent${index}`),
})
