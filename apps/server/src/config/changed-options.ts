import type { ServerConfig } from './server-config.js'

/** Those that change on a running server, as the configuration file spells them, besides all that begin with `smacks_`. */
const live: ReadonlySet<string> = new Set([
  'offline_storage',
  'log_level',
  '[limits] hibernating_sessions_per_user',
  '[limits] resources_per_user',
  '[limits] queue_bytes_per_session',
  '[limits] queue_bytes_per_user',
  '[limits] offline_bytes_per_user',
  '[limits] offline_bytes_per_sender',
  '[limits] contact_bytes_per_user',
  '[limits] data_bytes',
])

export interface ChangedOptions {
  /** What is in force now: the running configuration, with what could change. */
  readonly config: ServerConfig
  /** The options that changed, as the configuration file spells them. */
  readonly changed: ReadonlyArray<string>
  /** Those that have other values in the file, and keep the running ones until the next start. */
  readonly waiting: ReadonlyArray<string>
}

export const changedOptions = (running: ServerConfig, wanted: ServerConfig): ChangedOptions => {
  const differing = namesOf(running)
    .filter(({ name, text }) => text !== textOf(wanted, name))
    .map(({ name }) => name)
  const gone = namesOf(wanted)
    .filter(({ name }) => textOf(running, name) === undefined)
    .map(({ name }) => name)
  const all = [...new Set([...differing, ...gone])]
  const { limits } = wanted
  const { hibernatingSessionsPerUser, resourcesPerUser, queueBytesPerSession, queueBytesPerUser } = limits
  const { offlineBytesPerUser, offlineBytesPerSender, contactBytesPerUser, dataBytes } = limits
  return {
    config: {
      ...running,
      smacks: wanted.smacks,
      offlineStorage: wanted.offlineStorage,
      logLevel: wanted.logLevel,
      limits: {
        ...running.limits,
        hibernatingSessionsPerUser,
        resourcesPerUser,
        queueBytesPerSession,
        queueBytesPerUser,
        offlineBytesPerUser,
        offlineBytesPerSender,
        contactBytesPerUser,
        dataBytes,
      },
    },
    changed: all.filter(isLive),
    waiting: all.filter(name => !isLive(name)),
  }
}

const isLive = (name: string): boolean => name.startsWith('smacks_') || live.has(name)

interface Option {
  readonly name: string
  /** The value, comparable. */
  readonly text: string
}

const textOf = (config: ServerConfig, name: string): string | undefined =>
  namesOf(config).find(option => option.name === name)?.text

/** All options that have a value. Those of tables are named with it. */
const namesOf = (config: ServerConfig): ReadonlyArray<Option> =>
  Object.entries(config).flatMap(([key, value]: [string, unknown]) =>
    isTable(value)
      ? Object.entries(value).map(([member, one]) => ({ name: nameIn(key, member), text: written(one) }))
      : [{ name: snake(key), text: written(value) }],
  )

const isTable = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Map)

const nameIn = (table: string, key: string): string =>
  table === 'smacks' ? `smacks_${snake(key)}` : `[${table}] ${snake(key)}`

const snake = (key: string): string => key.replaceAll(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)

const written = (value: unknown): string => JSON.stringify(value instanceof Map ? [...value] : value) ?? ''
