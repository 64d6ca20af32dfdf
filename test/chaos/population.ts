/** Who lives in a world: who sends, who dawdles, who stays away, who never comes, and who watches whom. */
import type { Habits, Names } from './client.js'

export interface Population {
  readonly present: Names
  /** They never log in before the end. */
  readonly absent: ReadonlyArray<string>
  readonly habits: (index: number) => Habits
  /** smacks_max_queue_size. */
  readonly maxQueueSize: number
  /** Every session is resumed, always. */
  readonly resumesAll: boolean
}

/** No queue becomes too long: every session must be resumed. */
export const ordinaryPopulation = (clients: number): Population => ({
  ...names(clients),
  maxQueueSize: 100_000,
  resumesAll: true,
  habits: index => ({
    window: 30,
    acksEvery: index % 4 === 1 ? 60 : 1,
    staysAway: index % 4 === 2 ? { chance: 0.5, milliseconds: 3_000 } : { chance: 0.05, milliseconds: 500 },
    cuts: 0.004,
    mayBeRefused: false,
    keepsToAddress: false,
  }),
})

/**
 * Queues grow far beyond `smacks_max_queue_size`: of clients that are connected and do not ack, which may go on, and of
 * clients that stay away, which are refused, begin anew, and must get all the same what waited for them.
 */
export const longQueuePopulation = (clients: number): Population => ({
  ...names(clients),
  maxQueueSize: 40,
  resumesAll: false,
  habits: index => ({
    window: index % 4 === 2 ? 0 : 30,
    acksEvery: index % 4 === 1 ? 200 : 1,
    staysAway: index % 4 === 2 ? { chance: 0.7, milliseconds: 5_000 } : { chance: 0, milliseconds: 0 },
    cuts: 0.004,
    mayBeRefused: true,
    keepsToAddress: true,
  }),
})

/** One that only listens. */
export const listener: Habits = {
  window: 0,
  acksEvery: 1,
  staysAway: { chance: 0, milliseconds: 0 },
  cuts: 0,
  mayBeRefused: false,
  keepsToAddress: true,
}

/** Whose presence it is subscribed to, by index. */
export const contactsOf = (index: number, clients: number): ReadonlyArray<number> =>
  [...new Set([1, 7].map(step => (index + step) % clients))].filter(other => other !== index)

const names = (clients: number): Pick<Population, 'absent' | 'present'> => ({
  present: ['user0', ...Array.from({ length: clients - 1 }, (_, index) => `user${index + 1}`)],
  absent: Array.from({ length: Math.ceil(clients / 8) }, (_, index) => `absent${index}`),
})
