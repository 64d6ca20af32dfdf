/**
 * A world: a server and its clients. It is settled, then the server dies and comes back again and again, then all calm
 * down and are judged.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Chance } from './chance.js'
import { type ChaosClient, createChaosClient } from './client.js'
import { listener } from './habits.js'
import { createLedger, type Ledger } from './ledger.js'
import { contactsOf, type Population } from './population.js'
import { createServerLife, type ServerLife } from './server-life.js'
import { type Durability, drawSettings, type Settings, usualSettings } from './settings.js'

export interface World {
  readonly life: ServerLife
  readonly ledger: Ledger
  readonly clients: ReadonlyArray<ChaosClient>
  readonly population: Population
  readonly chance: Chance
  /** What went wrong that no ledger knows. */
  readonly complaints: Array<string>
  readonly patienceMilliseconds: number
  /** From the next start on the settings stay what they were at the first. */
  readonly keepSettings: () => void
}

export interface WorldOptions {
  readonly population: Population
  readonly durability: Durability
  readonly chance: Chance
  /** The server tells before it is durable, as no server should. */
  readonly isHasty?: boolean
  /** The folder of another build, which runs until the upgrade. */
  readonly earlier?: string | undefined
  /** So long nothing may happen before it is given up. */
  readonly patienceMilliseconds?: number
}

const password = 'secret'

/** Server and clients are up, and know each other. */
export const settleWorld = async (options: WorldOptions): Promise<World> => {
  const { population, chance, isHasty = false, patienceMilliseconds = 20_000 } = options
  const { present, absent } = population
  const { settings, keepSettings, changeSettings } = settingsOf(options)
  const { earlier } = options
  const life = await createServerLife({ users: [...present, ...absent], password, settings, isHasty, earlier })
  const ledger = createLedger({ endsUnheard: population.changesSettings })
  const clients: Array<ChaosClient> = []
  const world: World = {
    ...{ life, ledger, clients, population, chance, complaints: [], patienceMilliseconds, keepSettings },
  }
  try {
    const { outcome } = await life.start()
    if (outcome === 'dead') throw new Error(`the server does not start:\n${life.lastWords()}`)
    for (const [index, name] of present.entries())
      clients.push(
        createChaosClient({
          name,
          password,
          ...(index % 2 === 0 ? { port: life.port } : { port: life.directTlsPort, certificate: life.certificate }),
          peers: { present, absent },
          habits: population.habits(index),
          chance: chance.fork(),
          ledger,
        }),
      )
    await meet(world)
    changeSettings()
    return world
  } catch (error) {
    await endWorld(world)
    throw error
  }
}

/** The settings of each start: always the same, or others each time from when all have met until all calms down. */
const settingsOf = ({ population, durability, chance }: WorldOptions) => {
  const { hibernationSeconds, maxQueueSize, domains } = population
  const usual: Settings = { ...usualSettings, durability, hibernationSeconds, maxQueueSize, domains }
  const draws = chance.fork()
  let isChanging = false
  return {
    settings: () => (isChanging ? drawSettings(draws) : usual),
    changeSettings: () => {
      isChanging = population.changesSettings
    },
    keepSettings: () => {
      isChanging = false
    },
  }
}

/** Each subscribes to the presence of its contacts; from then on presence is counted. */
const meet = async (world: World): Promise<void> => {
  const { clients } = world
  const until = async (what: string, isSo: () => boolean): Promise<void> => {
    if (!(await settles(world, isSo))) throw new Error(`waited in vain until ${what}`)
  }
  await until('all clients are up', () => clients.every(client => client.isUp()))
  if (!world.population.haveContacts) return
  for (const [index, client] of clients.entries())
    for (const contact of contactsOf(index, clients.length))
      client.send(`<presence type='subscribe' to='user${contact}@localhost'/>`)
  await until('all are subscribed', () =>
    clients.every(
      ({ contacts, isQuiet }, index) =>
        isQuiet() &&
        contacts.subscribed().size === contactsOf(index, clients.length).length &&
        contacts.counted('available') >= contacts.subscribed().size,
    ),
  )
  for (const { contacts } of clients) contacts.count()
}

/** Nobody says anything new; what is under way arrives, also at those who were never there. */
export const calmDown = async (world: World): Promise<void> => {
  const { clients, ledger, complaints, chance, population, life } = world
  for (const client of clients) client.talk(false)
  const everybody = [...clients]
  const newcomers = population.absent.map(name =>
    createChaosClient({
      name,
      password,
      port: life.port,
      peers: { present: population.present, absent: [] },
      habits: listener,
      chance: chance.fork(),
      ledger,
    }),
  )
  everybody.push(...newcomers)
  const isCalm = await settles(
    world,
    () => ledger.open() === 0 && everybody.every(client => client.isQuiet()),
    () => ledger.delivered(),
  )
  if (!isCalm) complaints.push(`not all is quiet: ${unquiet(everybody)}`)
  // Whatever comes twice would come soon.
  await sleep(300)
  for (const newcomer of newcomers) {
    complaints.push(...newcomer.surprises())
    newcomer.end()
  }
}

const unquiet = (clients: ReadonlyArray<ChaosClient>): string => {
  const names = clients
    .filter(client => !client.isQuiet())
    .map(({ name, isUp }) => `${name}${isUp() ? '' : ' (not up)'}`)
  return names.length === 0 ? 'messages are missing' : names.join(', ')
}

/** Rosters are as they were answered; contacts saw nothing of all that, and see now that clients leave. */
export const judgeContacts = async (world: World): Promise<void> => {
  const { clients, complaints, population } = world
  for (const { contacts, send } of clients) send(contacts.askForRoster())
  if (!(await settles(world, () => clients.every(({ contacts }) => contacts.hasRoster()))))
    complaints.push('not every client got its roster')
  if (!population.haveContacts) return
  const contactsAt = (index: number): ReadonlyArray<ChaosClient> =>
    contactsOf(index, clients.length).flatMap(contact => clients[contact] ?? [])
  // Whoever had to begin anew was gone for a moment, and was told anew who is there.
  const watchers = clients.filter((client, index) =>
    [client, ...contactsAt(index)].every(({ tally }) => tally().beganAnew === 0),
  )
  for (const { name, contacts } of watchers)
    if (contacts.counted('available') + contacts.counted('unavailable') > 0)
      complaints.push(
        `${name} saw its contacts ${contacts.counted('unavailable')} times unavailable and ${contacts.counted('available')} times available`,
      )
  for (const { contacts } of clients) contacts.count()
  const isLeaving = (client: ChaosClient): boolean => clients.indexOf(client) % 2 === 0
  for (const client of clients) if (isLeaving(client)) client.leave()
  const leaversOf = (client: ChaosClient): number => contactsAt(clients.indexOf(client)).filter(isLeaving).length
  const staying = clients.filter(client => !isLeaving(client))
  await settles(world, () => staying.every(client => client.contacts.counted('unavailable') >= leaversOf(client)))
  for (const client of staying)
    if (client.contacts.counted('unavailable') !== leaversOf(client))
      complaints.push(
        `${leaversOf(client)} contacts of ${client.name} left; it saw ${client.contacts.counted('unavailable')} leave`,
      )
}

export const endWorld = async ({ life, clients }: Pick<World, 'clients' | 'life'>): Promise<void> => {
  for (const client of clients) client.end()
  await life.remove()
}

/** True once it is so; false if nothing moved for long. */
export const settles = async (
  { patienceMilliseconds }: Pick<World, 'patienceMilliseconds'>,
  isSo: () => boolean,
  moved: () => number = () => 0,
): Promise<boolean> => {
  let last = moved()
  let since = performance.now()
  while (!isSo()) {
    if (performance.now() - since > patienceMilliseconds) return false
    await sleep(20)
    if (moved() === last) continue
    last = moved()
    since = performance.now()
  }
  return true
}
