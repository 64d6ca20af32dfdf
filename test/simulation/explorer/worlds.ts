/** The small worlds that are explored: each has little of everything and much of one thing. */
import { type Config, defaultConfig, type StanzaFacts } from '@smacks/core'
import type { Budget, Stream, World } from './state.js'

const nothing: Budget = {
  binds: 0,
  changes: 0,
  clocks: 0,
  closes: 0,
  cuts: 0,
  dials: 0,
  drains: 0,
  losses: 0,
  others: 0,
  refusals: 0,
  restarts: 0,
  sights: 0,
  silences: 0,
  stops: 0,
}

const chat = (id: string): StanzaFacts => ({
  name: 'message',
  type: 'chat',
  id,
  from: 'romeo@example.net',
  to: 'juliet@example.org/phone',
})
const toAccount = (id: string): StanzaFacts => ({ ...chat(id), to: 'juliet@example.org' })
const get: StanzaFacts = { name: 'iq', type: 'get', id: 'i1', to: 'juliet@example.org/phone' }
const state: StanzaFacts = {
  name: 'presence',
  type: 'available',
  state: true,
  from: 'romeo@example.net/orchard',
  to: 'juliet@example.org',
}
const gone: StanzaFacts = { ...state, type: 'unavailable' }
const other: StanzaFacts = { ...state, from: 'romeo@example.net/hall' }
const presence: StanzaFacts = { name: 'presence', type: 'available', to: 'juliet@example.org' }

interface Plan {
  readonly config?: Partial<Config>
  readonly client?: Partial<Config>
  readonly other?: Partial<Config>
  readonly stanzas: Partial<Readonly<Record<Stream, ReadonlyArray<StanzaFacts>>>>
  readonly budget: Partial<Budget>
  readonly start?: World['start']
  readonly resume?: boolean
  readonly hold?: true
  readonly isForBoth?: World['isForBoth']
  readonly room?: number
  readonly size?: number
  readonly keeps?: true
}

const world = (
  name: string,
  { config, client = {}, other, stanzas, budget, start = 0, resume = true, hold, isForBoth, keeps, room, size }: Plan,
): World => ({
  name,
  config: { ...defaultConfig, requestHold: 0, ...config },
  client,
  ...(other === undefined ? {} : { other }),
  stanzas: { c: stanzas.c ?? [], p: stanzas.p ?? [], d: stanzas.d ?? [] },
  budget: { ...nothing, ...budget },
  start,
  resume,
  hasOther: stanzas.d !== undefined,
  ...(isForBoth === undefined ? {} : { isForBoth }),
  ...(room === undefined ? {} : { room }),
  ...(size === undefined ? {} : { size }),
  ...(keeps === undefined ? {} : { keeps }),
  ...(hold === undefined ? {} : { hold }),
})

/** `more` makes a world larger: so many more stanzas, cuts and dials. */
export const worldsOf = (more: number): ReadonlyArray<World> => {
  const many: Many = (of, count) => Array.from({ length: count + more }, (_, index) => of(`m${index + 1}`))
  return [
    world('cuts and resumptions', {
      stanzas: { c: many(chat, 1), p: many(chat, 1) },
      budget: { cuts: 1 + more, dials: 2 + more },
    }),
    world('across 2^32, acked by twos', {
      config: { maxUnackedStanzas: 1 },
      stanzas: { c: many(chat, 2), p: many(chat, 2) },
      budget: { cuts: 1, dials: 1 + more },
      start: 2 ** 32 - 2,
    }),
    world('half-open lines and racing resumptions', {
      config: { maxUnackedStanzas: 1 },
      stanzas: { c: many(chat, 0), p: many(chat, 1) },
      budget: { losses: 2, dials: 2 + more },
    }),
    world('resumption refused, bound anew', {
      config: { maxQueueSize: 1 + more },
      stanzas: { c: many(chat, 1), p: [...many(chat, 1), presence] },
      budget: { cuts: 1, dials: 1, refusals: 1, binds: 1 },
    }),
    world('stream management is only now enabled', {
      config: { requestHold: 3_600 },
      stanzas: { c: many(chat, 1), p: [...many(chat, 0), get] },
      budget: { cuts: 1, dials: 1 + more },
      start: 'bare',
    }),
    world('without resumption', {
      stanzas: { c: many(chat, 1), p: many(chat, 1) },
      budget: { cuts: 1, binds: 1, silences: 1 },
      start: 'bare',
      resume: false,
    }),
    world('silence and probes', {
      config: { maxUnackedStanzas: 1, maxInactiveUnackedStanzas: 2 },
      client: { maxAckDelay: 0 },
      stanzas: { c: many(chat, 0), p: many(chat, 1) },
      budget: { silences: 2, cuts: 1, dials: 1 + more, sights: 2, drains: 1 },
    }),
    world('the stream is closed, the server stops', {
      stanzas: { c: many(chat, 1), p: many(chat, 1) },
      budget: { closes: 1, stops: 1, cuts: 1, dials: 1 + more },
      start: 2 ** 32 - 1,
    }),
    world('two sessions', {
      config: { maxHibernatingSessions: 1, maxOldSessions: 1 },
      stanzas: { p: many(chat, 1), d: many(toAccount, 1) },
      budget: { cuts: 1, dials: 1 + more, others: 2, stops: 1 },
    }),
    world('two sessions without offline storage', {
      config: { offlineStorage: false },
      stanzas: { p: [...many(chat, 1), get], d: [presence] },
      budget: { cuts: 1, dials: 1 + more, others: 1, closes: 1 },
    }),
    world('two sessions, one of them without resumption', {
      stanzas: { c: many(chat, 0), p: [...many(chat, 0), chat('x1'), toAccount('x2')], d: many(chat, 0) },
      budget: { cuts: 1, others: 1, closes: 1 },
      start: 'bare',
      resume: false,
    }),
    world('one message for both sessions', {
      stanzas: { p: many(toAccount, 1), d: many(toAccount, 1) },
      budget: { cuts: 1, dials: 1 + more, others: 1, stops: 1 },
      isForBoth: 'together',
    }),
    world('one message for both sessions, submitted to each by itself', {
      stanzas: { p: many(toAccount, 1), d: many(toAccount, 1) },
      budget: { cuts: 1, stops: 1 },
      isForBoth: 'apart',
    }),
    world('a message for both sessions, behind presences for one', {
      stanzas: { p: [state, toAccount('m1'), state], d: [toAccount('m1')] },
      budget: { cuts: 1, dials: 1 + more, closes: 1, others: 1 },
      isForBoth: 'together',
    }),
    world('a message for both sessions, behind a gap', {
      stanzas: { p: [state, state, toAccount('m1')], d: [toAccount('m1')] },
      budget: { cuts: 1, dials: 1 + more, closes: 1, others: 1 },
      isForBoth: 'together',
      room: 1,
    }),
    world('a message for both sessions, while one is sent a page', {
      stanzas: {
        p: [...many(toAccount, 1), state, toAccount('x1'), state],
        d: [...many(toAccount, 1), toAccount('x1')],
      },
      budget: { cuts: 1, dials: 1 + more, others: 1 },
      isForBoth: 'together',
      room: 1,
    }),
    world('the options change while presences supersede others', {
      other: { maxQueueSize: 1, queueCeiling: 2 + more },
      stanzas: { p: [state, chat('m1'), state, ...many(chat, 0)] },
      budget: { cuts: 1, dials: 1 + more, changes: 1 },
      start: 2 ** 32 - 2,
      room: 1,
    }),
    ...linkWorldsOf(more, many),
    world('the server is killed and starts again', {
      stanzas: { c: many(chat, 1), p: many(chat, 1) },
      budget: { cuts: 1, dials: 1 + more, restarts: 1 + more },
    }),
    world('it starts again, with two sessions', {
      config: { maxHibernatingSessions: 1 },
      stanzas: { p: many(chat, 1), d: many(toAccount, 1) },
      budget: { cuts: 1, dials: 1 + more, others: 1, restarts: 1 },
    }),
    world('it starts again, and one of two sessions cannot be resumed', {
      stanzas: { c: many(chat, 0), p: [...many(chat, 1), toAccount('x2')], d: many(chat, 0) },
      budget: { others: 1, restarts: 1 },
      start: 'bare',
      resume: false,
    }),
    world('the options of the server change', {
      other: { maxQueueSize: 1, queueCeiling: 2 + more, maxUnackedStanzas: 2 },
      stanzas: { c: many(chat, 0), p: many(chat, 3) },
      budget: { cuts: 1, dials: 1 + more, changes: 2 },
    }),
    world('they change between its end and its start, with two sessions', {
      other: { maxHibernatingSessions: 1, maxOldSessions: 0, offlineStorage: false },
      stanzas: { p: many(chat, 1), d: many(toAccount, 1) },
      budget: { cuts: 1, dials: 1 + more, others: 1, restarts: 1, changes: 1 },
    }),
    world('what is sent again goes out in pages', {
      stanzas: { c: many(chat, 0), p: many(chat, 3) },
      budget: { cuts: 1, dials: 2 + more },
      room: 1,
    }),
    world('both send again in pages, across 2^32', {
      config: { maxUnackedStanzas: 1 },
      stanzas: { c: many(chat, 2), p: many(chat, 2) },
      budget: { cuts: 1, dials: 1 + more },
      start: 2 ** 32 - 2,
      room: 1,
    }),
    world('presences supersede those that were not sent', {
      stanzas: { p: [state, ...many(chat, 0), state, chat('x1'), gone] },
      budget: { cuts: 1, dials: 1 + more, restarts: 1 },
      start: 2 ** 32 - 2,
      room: 1,
    }),
    world('presences for a server wait each for itself', {
      stanzas: { c: [state, state] },
      budget: { cuts: 1, dials: 1 + more },
    }),
    world('presences in a full queue', {
      config: { queueCeiling: 3 },
      stanzas: { p: [state, chat('x1'), state, other, ...many(chat, 1)] },
      budget: { cuts: 1, dials: 1 + more },
    }),
    world('the clock is set, and the server starts again', {
      config: { maxHibernatingSessions: 1 },
      stanzas: { p: many(chat, 2), d: [] },
      budget: { clocks: 2, cuts: 1, dials: 1 + more, others: 1, restarts: 1 + more },
    }),
    world('the clock is set while acks are awaited', {
      config: { requestHold: 0.02, maxUnackedStanzas: 1 },
      stanzas: { c: many(chat, 1), p: many(chat, 2) },
      budget: { clocks: 2, cuts: 1, dials: 1, silences: 1, stops: 1 },
      start: 'bare',
    }),
    world('the server stops, and its sessions wait', {
      stanzas: { c: many(chat, 1), p: many(chat, 1) },
      budget: { cuts: 1, dials: 1 + more, silences: 1, stops: 1 },
      keeps: true,
    }),
    world('a link stops, and what waits for it waits on', {
      stanzas: { c: many(chat, 1) },
      budget: { cuts: 1, dials: 1 + more, silences: 1, stops: 1 },
      start: 'wanted',
      keeps: true,
    }),
    world('more bytes than a queue may hold', {
      config: { maxQueueBytes: 80_000, maxAccountQueueBytes: 1_000_000 },
      stanzas: { c: many(chat, 1), p: [state, ...many(chat, 1), state] },
      budget: { cuts: 1, dials: 1 + more },
      size: 40_000,
    }),
    world('more bytes than two sessions may hold together', {
      config: { maxAccountQueueBytes: 80_000 },
      stanzas: { p: many(chat, 2), d: many(toAccount, 1) },
      budget: { cuts: 1, dials: 1 + more, others: 1 },
      size: 40_000,
    }),
    world('fewer bytes may wait from now on', {
      other: { maxQueueBytes: 80_000, maxAccountQueueBytes: 80_000 },
      stanzas: { p: many(chat, 2), d: many(toAccount, 0) },
      budget: { cuts: 1, dials: 1 + more, others: 1, changes: 1 },
      size: 40_000,
    }),
    world('more than a queue may hold', {
      config: { queueCeiling: 3 },
      stanzas: { c: many(chat, 4), p: many(chat, 0) },
      budget: { cuts: 1, dials: 1 + more },
    }),
  ]
}

type Many = (of: (id: string) => StanzaFacts, count: number) => ReadonlyArray<StanzaFacts>

/** Where the client makes links, or holds what it is to send. */
const linkWorldsOf = (more: number, many: Many): ReadonlyArray<World> => [
  world('a link is wanted, stands, and is wanted again', {
    client: { s2sResend: true },
    stanzas: { c: [chat('m1'), { ...chat('m2'), again: true }, ...many(chat, 0)] },
    budget: { cuts: 1, dials: 1 + more, binds: 1, stops: 1 },
    start: 'wanted',
  }),
  world('a link that is not resumed', {
    // Reducer 1 has no other limit than the one that is looked at here.
    client: { queueCeiling: 2 + more, s2sResend: true, limitsAlwaysHold: false },
    stanzas: { c: many(chat, 3), p: many(chat, 0) },
    budget: { cuts: 1, binds: 1, closes: 1 },
    start: 'wanted',
    resume: false,
  }),
  world('a link holds what waits until stream management is enabled', {
    client: { s2sResend: true },
    stanzas: { c: many(chat, 2), p: many(chat, 0) },
    budget: { cuts: 1, dials: 1 + more, binds: 1, refusals: 1, silences: 1, stops: 1 },
    start: 'wanted',
    hold: true,
    keeps: true,
  }),
  world('a link holds what waits, and asks for no resumption', {
    stanzas: { c: many(chat, 1) },
    budget: { cuts: 1, binds: 1 },
    start: 'wanted',
    resume: false,
    hold: true,
  }),
  world('a client holds what is submitted until stream management is enabled', {
    config: { queueCeiling: 2 + more },
    stanzas: { c: many(chat, 3), p: many(chat, 0) },
    budget: { cuts: 1, dials: 1 + more, closes: 1 },
    start: 'bare',
    hold: true,
  }),
]
