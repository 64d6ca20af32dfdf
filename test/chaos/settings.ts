/** The settings of the server that an operator may change between two starts, or while it runs. */
import type { Chance } from './chance.js'
import { mainDomain, otherDomain } from './identity.js'

export type Durability = 'disk' | 'memory' | 'process'

export interface Settings {
  readonly domains: ReadonlyArray<string>
  readonly durability: Durability
  readonly offlineStorage: boolean
  readonly hibernationSeconds: number
  readonly maxQueueSize: number
  readonly maxUnackedStanzas: number
  readonly maxAckDelay: number
  readonly maxOldSessions: number
  readonly hibernatingSessionsPerUser: number
}

/** What holds unless a world says otherwise: the server's own defaults. */
export const usualSettings: Omit<Settings, 'durability' | 'hibernationSeconds' | 'maxQueueSize'> = {
  domains: [mainDomain],
  offlineStorage: true,
  maxUnackedStanzas: 0,
  maxAckDelay: 30,
  maxOldSessions: 10,
  hibernatingSessionsPerUser: 10,
}

/** Any settings that a server may have whose sessions outlive it. */
export const drawSettings = (chance: Chance): Settings => ({
  domains: chance.fraction() < 0.7 ? [mainDomain, otherDomain] : [mainDomain],
  durability: chance.pick(['process', 'process', 'disk']),
  offlineStorage: chance.fraction() < 0.7,
  hibernationSeconds: chance.pick([1, 30, 600, 600]),
  maxQueueSize: chance.pick([5, 20, 500, 100_000]),
  maxUnackedStanzas: chance.pick([0, 0, 5, 50]),
  maxAckDelay: chance.pick([0, 1, 30]),
  maxOldSessions: chance.pick([5, 10, 50]),
  hibernatingSessionsPerUser: chance.pick([1, 1, 2, 10]),
})

/** As they stand in the configuration file: the top of it, and the keys of `[limits]`. */
export const settingsToml = (settings: Settings): { readonly top: string; readonly limits: string } => ({
  top: `
domains = ${JSON.stringify(settings.domains)}
durability = "${settings.durability}"
offline_storage = ${settings.offlineStorage}
smacks_max_queue_size = ${settings.maxQueueSize}
smacks_hibernation_time = ${settings.hibernationSeconds}
smacks_max_unacked_stanzas = ${settings.maxUnackedStanzas}
smacks_max_ack_delay = ${settings.maxAckDelay}
smacks_max_old_sessions = ${settings.maxOldSessions}
`,
  limits: `hibernating_sessions_per_user = ${settings.hibernatingSessionsPerUser}`,
})
