/** Who lives in a world: who sends, who dawdles, who stays away, who never comes, and who watches whom. */
import type { Names } from './composer.js'
import type { Habits } from './habits.js'
import { companionOf, mainDomain, otherDomain } from './identity.js'

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
  readonly domains: ReadonlyArray<string>
  /** An operator changes settings at each start, and now and then while the server runs. */
  readonly changesSettings: boolean
  /** Accounts that an operator removes and adds again, now and then between two starts. */
  readonly replaced: ReadonlyArray<string>
  /** They are subscribed to each other's presence, and that is judged. */
  readonly haveContacts: boolean
  /** Every session is resumed, always. */
  readonly resumesAll: boolean
  /** A while of traffic between two deaths lasts so many milliseconds, at least and at most. */
  readonly traffic: readonly [number, number]
}

type MadePopulation = (clients: number) => Population

const restless = { chance: 0.05, milliseconds: 500 }
const never = { chance: 0, milliseconds: 0 }

/** What most worlds have in common. */
const settled = { domains: [mainDomain], changesSettings: false, replaced: [], haveContacts: true } as const

/** All that is usual: some ack late, some stay away for a while, all resume. */
const ordinary: MadePopulation = clients => ({
  ...settled,
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
    mayBeForgotten: false,
    keepsToAddress: false,
    keepsRoster: true,
  }),
})

/**
 * Queues grow far beyond `smacks_max_queue_size`: of clients that are connected and do not ack, which go on, and of
 * clients that stay away, which are refused, begin anew, and must get all the same what waited for them in storage.
 */
const longQueues: MadePopulation = clients => ({
  ...settled,
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
    mayBeForgotten: false,
    keepsToAddress: true,
    keepsRoster: true,
  }),
})

/**
 * Sessions time out while their clients are away: what waited in them is stored, and comes to the session that such a
 * client begins anew.
 */
const timeouts: MadePopulation = clients => ({
  ...settled,
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
    mayBeForgotten: false,
    keepsToAddress: true,
    keepsRoster: true,
  }),
})

/**
 * The operator changes what there is to change: options and limits at each start and while the server runs, a domain that is
 * served now and then, accounts that are removed and added again. Some accounts have a second device.
 */
const changes: MadePopulation = clients => {
  const { present, absent } = names(clients)
  const companions = present.filter((_, index) => index % 3 === 1).map(companionOf)
  const others = ['other0', 'other1']
  const replaced = ['replaced0', 'replaced1']
  const all: Names = [...present, ...companions, ...others, ...replaced]
  return {
    title: 'Settings that change',
    present: all,
    absent: [...absent, 'otherabsent0'],
    maxQueueSize: 500,
    hibernationSeconds: 600,
    domains: [mainDomain, otherDomain],
    changesSettings: true,
    replaced,
    haveContacts: false,
    resumesAll: false,
    traffic: [200, 1_500],
    habits: index => {
      const name = all[index] ?? ''
      const mayBeForgotten = others.includes(name) || replaced.includes(name)
      return {
        window: 20,
        acksEvery: index % 4 === 1 ? 60 : 1,
        staysAway: index % 2 === 0 ? { chance: 0.6, milliseconds: 5_000 } : never,
        cuts: 0.006,
        mayBeRefused: true,
        mayBeForgotten,
        keepsToAddress: true,
        keepsRoster: !mayBeForgotten && !companions.includes(name),
      }
    },
  }
}

export const populations = { ordinary, longQueues, timeouts, changes } as const

/** Whose presence it is subscribed to, by index. */
export const contactsOf = (index: number, clients: number): ReadonlyArray<number> =>
  [...new Set([1, 7].map(step => (index + step) % clients))].filter(other => other !== index)

const names = (clients: number): Pick<Population, 'absent' | 'present'> => ({
  present: ['user0', ...Array.from({ length: clients - 1 }, (_, index) => `user${index + 1}`)],
  absent: Array.from({ length: Math.ceil(clients / 8) }, (_, index) => `absent${index}`),
})
