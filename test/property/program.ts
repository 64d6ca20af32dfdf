/**
 * Random programs over one account. A program is a list of commands, each a choice with two numbers; what it
 * means is found when it is run, from the account as it is then. So most commands make sense, they shrink
 * well, and some are nonsense on purpose: stale connections, old timers, an `h` that cannot be.
 */
import {
  type Account,
  advance,
  type Config,
  type ConnectionId,
  connectionOf,
  defaultConfig,
  type Event,
  type Session,
  type SmVersion,
  type StanzaFacts,
  type TimerName,
  toArray,
} from '@smacks/core'
import fc from 'fast-check'
import { sm2, sm3 } from '../spec/driver.js'
import { asking, start } from './start.js'

const weights = {
  want: 2,
  unreachable: 1,
  bind: 3,
  enable: 4,
  requestEnable: 2,
  enabled: 3,
  submit: 12,
  share: 5,
  answer: 3,
  receive: 5,
  ack: 7,
  wrongAck: 1,
  request: 2,
  silence: 2,
  drain: 2,
  inactive: 1,
  active: 1,
  archive: 1,
  lose: 5,
  close: 1,
  requestClose: 1,
  refuse: 1,
  resume: 6,
  requestResume: 4,
  resumed: 4,
  failed: 2,
  fire: 5,
  staleTimer: 1,
  stale: 3,
  stop: 2,
  restart: 2,
  configure: 2,
  setClock: 2,
} as const

export interface Command {
  readonly kind: keyof typeof weights
  /** Chooses among sessions, SM-IDs, timers. */
  readonly which: number
  /** Chooses how many, how far, how long. */
  readonly much: number
}

export interface Program {
  readonly config: Config
  readonly start: Account<string>
  readonly commands: ReadonlyArray<Command>
}

const command: fc.Arbitrary<Command> = fc.record({
  kind: fc.oneof(
    ...Object.entries(weights).map(([kind, weight]) => ({
      weight,
      arbitrary: fc.constant(kind as Command['kind']),
    })),
  ),
  which: fc.nat(1_000),
  much: fc.nat(30),
})

/** Now and then the same again and again: so a queue grows beyond its limits, and a line stays silent. */
const oneOrMore: fc.Arbitrary<ReadonlyArray<Command>> = fc.oneof(
  { weight: 7, arbitrary: command.map(one => [one]) },
  {
    weight: 1,
    arbitrary: fc.tuple(command, fc.integer({ min: 2, max: 6 })).map(([one, times]) => Array(times).fill(one)),
  },
)

/** Limits so low that programs reach them. */
const config: fc.Arbitrary<Config> = fc
  .record({
    hibernationTime: fc.constantFrom(0, 60, 600),
    maxQueueSize: fc.constantFrom(2, 5, 500),
    maxUnackedStanzas: fc.constantFrom(0, 0, 2),
    maxInactiveUnackedStanzas: fc.constantFrom(1, 4),
    maxAckDelay: fc.constantFrom(0, 30),
    maxOldSessions: fc.constantFrom(0, 2, 10),
    s2sResend: fc.boolean(),
    offlineStorage: fc.boolean(),
    maxHibernatingSessions: fc.constantFrom(0, 1, 2, 10),
    probeTimeout: fc.constantFrom(5, 30),
    requestHold: fc.constantFrom(0, 0.02),
    queueCeiling: fc.constantFrom(3, 8, 100_000),
    maxQueueBytes: fc.constantFrom(60_000, 150_000, defaultConfig.maxQueueBytes),
    maxAccountQueueBytes: fc.constantFrom(40_000, 100_000, 200_000, defaultConfig.maxAccountQueueBytes),
    maxQueueBytesInMemory: fc.constantFrom(50_000, defaultConfig.maxQueueBytesInMemory),
  })
  .map(options => ({ ...defaultConfig, ...options }))

export const program = (maxLength: number): fc.Arbitrary<Program> =>
  fc
    .record({
      config,
      start,
      commands: fc.array(oneOrMore, { maxLength, size: 'max' }).map(bursts => bursts.flat().slice(0, maxLength)),
    })
    .map(one => ({ ...one, config: allowing(one.start, one.config) }))

/** Limits hold after every step, so no program starts beyond one. */
const allowing = ({ sessions }: Account<string>, options: Config): Config => ({
  ...options,
  maxHibernatingSessions: Math.max(
    options.maxHibernatingSessions,
    sessions.filter(({ _tag }) => _tag === 'Hibernating').length,
  ),
})

/** What the shell of a random program knows beside the account. */
export interface World {
  readonly account: Account<string>
  readonly now: number
  /** Names for connections, SM-IDs and stanzas, never used twice. */
  readonly fresh: () => number
  /** Connections that were some session's once, or still are. */
  readonly connections: ReadonlyArray<ConnectionId>
  /** Authenticated connections that no session has, since a `<resume/>` on them failed. */
  readonly unbound: ReadonlyArray<ConnectionId>
  readonly smIds: ReadonlyArray<string>
  readonly armed: ReadonlyArray<{ readonly resource: string; readonly timer: TimerName; readonly due: number }>
}

const resources = ['phone', 'desktop', 'tablet']
const timers: ReadonlyArray<TimerName> = ['ackDelay', 'ackHold', 'hibernation', 'readProbe']
const kinds: ReadonlyArray<Omit<StanzaFacts, 'from' | 'id' | 'to'>> = [
  { name: 'message', type: 'chat' },
  { name: 'message', type: 'normal' },
  { name: 'message', type: 'groupchat' },
  { name: 'message', type: 'error' },
  { name: 'message', type: 'chat', copy: true },
  { name: 'message', type: 'chat', archived: true },
  { name: 'message', type: 'chat', again: true },
  { name: 'message', type: 'chat', transient: true },
  { name: 'message', type: 'chat', neverReturned: true },
  { name: 'iq', type: 'get' },
  { name: 'iq', type: 'get', again: true },
  { name: 'iq', type: 'result' },
  { name: 'presence', type: 'available' },
  { name: 'presence', type: 'available', state: true },
  { name: 'presence', type: 'available', state: true },
  { name: 'presence', type: 'unavailable', state: true },
]

const sender = 'romeo@example.net'

const pick = <T>(choices: ReadonlyArray<T>, which: number): T | undefined => choices[which % choices.length]

/** The event that a command stands for, if the world allows one. */
export const eventOf = (world: World, { kind, which, much }: Command): Event<string> | undefined => {
  const { account } = world
  const at = world.now + (much % 5) * 10
  const resource = pick(resources, which) ?? 'phone'
  const any = pick(account.sessions, which)
  const of = (phase: Session<string>['_tag']) => {
    const session = pick(
      account.sessions.filter(({ _tag }) => _tag === phase),
      which,
    )
    const connection = session && connectionOf(session)
    return session && { at, resource: session.resource, connection: connection ?? 'none' }
  }
  const connected = pick(
    account.sessions.filter(session => connectionOf(session) !== undefined),
    which,
  )
  const here = connected && { at, resource: connected.resource, connection: connectionOf(connected) ?? 'none' }
  const newConnection = () => pick(world.unbound, much) ?? `c${world.fresh()}`
  const version: SmVersion = much === 0 ? sm2 : sm3

  switch (kind) {
    case 'want':
      return { _tag: 'ConnectionWanted', at, resource }
    case 'unreachable':
      return any && much < 20
        ? {
            _tag: 'ConnectionFailed',
            at,
            resource: any.resource,
            condition: much % 2 === 0 ? 'remote-server-not-found' : 'remote-server-timeout',
          }
        : undefined
    case 'bind':
      // Now and then on a connection that is taken, which must be void.
      return {
        _tag: 'SessionBound',
        at,
        resource,
        connection: much === 0 ? (here?.connection ?? newConnection()) : newConnection(),
      }
    case 'enable': {
      const where = of(much < 25 ? 'Unmanaged' : 'Active')
      return (
        where && {
          _tag: 'EnableReceived',
          ...where,
          version: sm3,
          resume: much % 5 !== 4,
          freshId: `s${world.fresh()}`,
          ...(much % 7 === 6 ? { max: much } : {}),
        }
      )
    }
    case 'requestEnable': {
      const where = of(much < 12 ? 'Unmanaged' : 'Connecting')
      if (where === undefined || much < 12) return where && { _tag: 'EnableRequested', ...where, ...asking(much) }
      // Now and then on a connection that is taken, which must be void.
      const connection = much === 12 ? (here?.connection ?? newConnection()) : newConnection()
      return { _tag: 'EnableRequested', ...where, connection, ...asking(much) }
    }
    case 'enabled': {
      const where = of('Negotiating') ?? of('Enabling')
      if (much < 4) return where && { _tag: 'FailedReceived', ...where, condition: 'service-unavailable' }
      return where && { _tag: 'EnabledReceived', ...where, resume: much % 6 !== 5, id: `s${world.fresh()}` }
    }
    case 'submit': {
      const id = `m${world.fresh()}`
      const to = which % 3 === 0 ? 'juliet@example.org' : `juliet@example.org/${resource}`
      const from = which % 2 === 0 ? 'romeo@example.net/orchard' : 'nurse@example.org/hall'
      const facts = { ...(pick(kinds, much) ?? kinds[0]), id, from, to } as StanzaFacts
      return { _tag: 'StanzaSubmitted', at, resource: any?.resource ?? resource, stanza: id, facts, ...sized(id) }
    }
    case 'share':
      return sharedAmong(world, at, which, much)
    case 'answer': {
      const asked = any && 'outbound' in any ? toArray(any.outbound.unacked) : []
      const { facts } =
        pick(
          asked.filter(one => one.facts.name === 'iq'),
          much,
        ) ??
        pick(asked, much) ??
        {}
      return (
        any && {
          _tag: 'IqAnswered',
          at,
          resource: any.resource,
          id: facts?.id ?? 'unknown',
          to: much === 0 ? 'somebody@else.example' : sender,
          ...(much % 3 === 0 && facts?.to !== undefined ? { from: facts.to } : {}),
        }
      )
    }
    case 'receive':
      return here && { _tag: 'StanzaReceived', ...here, stanza: `n${world.fresh()}` }
    case 'ack':
      return here && { _tag: 'AckReceived', ...here, version, h: someH(connected, much, writtenTo) }
    case 'wrongAck': {
      if (much % 3 === 0)
        return here && { _tag: 'MalformedAckReceived', ...here, version: sm3, reason: 'An <a/> needs an h.' }
      return here && { _tag: 'AckReceived', ...here, version: sm3, h: wrongH(connected, much) }
    }
    case 'request':
      return here && { _tag: 'RequestReceived', ...here, version }
    case 'silence':
      return here && { _tag: 'ConnectionSilent', ...here }
    case 'drain':
      return here && { _tag: 'ConnectionDrained', ...here, ...someRoom(much) }
    case 'inactive':
      return here && { _tag: 'ClientInactive', ...here }
    case 'active':
      return here && { _tag: 'ClientActive', ...here }
    case 'archive':
      return here && { _tag: 'ArchiveQueried', ...here }
    case 'lose':
      return here && { _tag: 'ConnectionLost', ...here }
    case 'close':
      return here && { _tag: 'StreamClosed', ...here }
    case 'requestClose':
      return any && much < 15 ? { _tag: 'CloseRequested', at, resource: any.resource } : undefined
    case 'refuse':
      return here && { _tag: 'StreamRefused', ...here, error: { condition: 'policy-violation' } }
    case 'resume': {
      const previd = pick(world.smIds, which) ?? 'unknown'
      const session = account.sessions.find(one => smIdOf(one) === previd)
      const connection = much === 1 ? (here?.connection ?? newConnection()) : newConnection()
      const h = much === 2 ? wrongH(session, which) : someH(session, much, sentTo)
      return { _tag: 'ResumeReceived', at, connection, version, previd, h, ...someRoom(which) }
    }
    case 'requestResume': {
      const where = of('Hibernating')
      return where && { _tag: 'ResumeRequested', ...where, connection: newConnection() }
    }
    case 'resumed': {
      const where = of('Resuming')
      const session = account.sessions.find(one => one.resource === where?.resource)
      const previd = much === 0 ? 'another' : (smIdOf(session) ?? 'unknown')
      return (
        where && {
          _tag: 'ResumedReceived',
          ...where,
          previd,
          h: much === 1 ? wrongH(session, which) : someH(session, much, sentTo),
          ...someRoom(which),
        }
      )
    }
    case 'failed': {
      const where = of('Resuming')
      const session = account.sessions.find(one => one.resource === where?.resource)
      return (
        where && {
          _tag: 'FailedReceived',
          ...where,
          condition: 'item-not-found',
          ...(much % 2 === 0 ? {} : { h: much % 3 === 0 ? wrongH(session, which) : someH(session, much, sentTo) }),
        }
      )
    }
    case 'fire': {
      const timer = [...world.armed].sort((one, other) => one.due - other.due)[0]
      return timer && { _tag: 'TimerFired', at: Math.max(world.now, timer.due), ...timer }
    }
    case 'staleTimer':
      return { _tag: 'TimerFired', at, resource, timer: pick(timers, much) ?? 'ackDelay', due: world.now - much }
    case 'stale': {
      const stale = staleEvent({ at, resource, connection: pick(world.connections, much) ?? 'none' }, which)
      // A connection that is over is never used again.
      return stale?._tag === 'EnableRequested' && isWaiting(account, stale) ? undefined : stale
    }
    case 'stop':
      if (much < 5) return { _tag: 'ServerStopping', at }
      return much < 15 ? { _tag: 'ServerStopping', at, journalled: true } : undefined
    case 'restart':
      if (much >= 10) return undefined
      // The clock may have been set while nobody was there.
      return much < 5
        ? { _tag: 'ServerRestarted', at }
        : { _tag: 'ServerRestarted', at: at + clockStep(which), lastAlive: world.now }
    case 'configure':
      return { _tag: 'ConfigChanged', at, config: otherConfig(which, much) }
    case 'setClock':
      return { _tag: 'ClockStepped', at: world.now + clockStep(which), by: clockStep(which) }
  }
}

/** Bytes that a stanza has, by its name; of some they are not told, and of those that programs begin with. */
export const sizeOf = (stanza: string): number => {
  const [, digits] = /^[gm](\d+)/.exec(stanza) ?? []
  return digits === undefined || Number(digits) % 5 === 0 ? 0 : (Number(digits) * 7_919) % 50_000
}

const sized = (stanza: string): { readonly size?: number } => (sizeOf(stanza) === 0 ? {} : { size: sizeOf(stanza) })

/** An hour, both ways. */
const clockStep = (which: number): number => (which % 2 === 0 ? 3_600_000 : -3_600_000)

/** One message for sessions of clients, to some as a copy, and now and then to one that is gone. */
const sharedAmong = ({ account, fresh }: World, at: number, which: number, much: number): Event<string> | undefined => {
  const all = resources.filter(resource => {
    const session = account.sessions.find(one => one.resource === resource)
    return session === undefined ? much % 7 === 6 && which % 2 === 0 : !isOurs(session)
  })
  if (all.length === 0) return undefined
  const id = `g${fresh()}`
  const type = much % 5 === 4 ? 'groupchat' : 'chat'
  const recipients = all.map((resource, index) => ({
    resource,
    stanza: `${id}@${resource}`,
    ...sized(`${id}@${resource}`),
    facts: {
      name: 'message',
      type,
      id,
      from: sender,
      to: which % 3 === 0 ? `juliet@example.org/${all[0]}` : 'juliet@example.org',
      // The first gets the message itself.
      ...(index > 0 && ((which >> index) & 1) === 1 ? { copy: true } : {}),
    } as StanzaFacts,
  }))
  return { _tag: 'MessageSubmitted', at, recipients: much % 2 === 0 ? recipients : recipients.reverse() }
}

/** A session in which we are the client. */
export const isOurs = (session: Session<string>): boolean =>
  ['Connecting', 'Enabling', 'Negotiating', 'Resuming'].includes(session._tag) ||
  ('role' in session && session.role === 'initiating')

/** What an operator may want next: often lower limits than those that there were. */
const otherConfig = (which: number, much: number): Config => ({
  ...defaultConfig,
  requestHold: 0,
  maxQueueSize: pick([2, 500], which) ?? 2,
  maxUnackedStanzas: pick([0, 2, 5], which) ?? 0,
  maxAckDelay: pick([30, 0], much) ?? 30,
  maxOldSessions: pick([0, 1, 10], much) ?? 0,
  offlineStorage: which % 2 === 0,
  s2sResend: which % 3 === 0,
  maxHibernatingSessions: pick([0, 1, 2, 10], which) ?? 0,
  queueCeiling: pick([1, 3, 100_000], much) ?? 1,
  maxQueueBytes: pick([30_000, 100_000], which) ?? 0,
  maxAccountQueueBytes: pick([150_000, 40_000], much) ?? 0,
})

const isWaiting = (account: Account<string>, { resource }: { readonly resource: string }): boolean =>
  account.sessions.some(session => session._tag === 'Connecting' && session.resource === resource)

/** Something from a connection that may be another's, closed, or long gone. */
const staleEvent = (
  where: { readonly at: number; readonly resource: string; readonly connection: ConnectionId },
  which: number,
): Event<string> | undefined =>
  pick<Event<string>>(
    [
      { _tag: 'StanzaReceived', ...where, stanza: 'stale' },
      { _tag: 'AckReceived', ...where, version: sm3, h: which },
      { _tag: 'RequestReceived', ...where, version: sm3 },
      { _tag: 'ConnectionLost', ...where },
      { _tag: 'StreamClosed', ...where },
      { _tag: 'ConnectionSilent', ...where },
      { _tag: 'ConnectionDrained', ...where },
      { _tag: 'EnableReceived', ...where, version: sm3, resume: true, freshId: `stale ${which}` },
      { _tag: 'EnabledReceived', ...where, resume: true, id: `stale ${which}` },
      { _tag: 'ResumedReceived', ...where, previd: 'stale', h: which },
      { _tag: 'FailedReceived', ...where, condition: 'item-not-found' },
      { _tag: 'EnableRequested', ...where, version: sm3, resume: true },
    ],
    which,
  )

export const smIdOf = (session: Session<string> | undefined): string | undefined => {
  if (session === undefined || !('resumption' in session)) return undefined
  const { resumption } = session
  if (!('_tag' in resumption)) return resumption.smId
  return resumption._tag === 'Some' ? resumption.value.smId : undefined
}

/** An `h` that can be: from what was acked up to all that was sent. */
const someH = (session: Session<string> | undefined, much: number, covered: (session: Counting) => number): number => {
  if (session === undefined || session._tag === 'Unmanaged') return much
  // Now and then as much as waits, whether it was sent or not.
  const most = much % 11 === 10 ? session.outbound.unacked.length : covered(session)
  return advance(session.outbound.acked, much > 15 ? most : much % (most + 1))
}

type Counting = Exclude<Session<string>, { readonly _tag: 'Unmanaged' }>

/** How many of the unacked stanzas the peer can have got at all. */
const sentTo = ({ outbound }: Counting): number => outbound.unacked.length - outbound.unsent.count

/** How many it can have got on the connection that it has. */
const writtenTo = (session: Counting): number =>
  session.outbound.unacked.length - (session._tag === 'Active' ? session.unwritten : 0)

/** Room for a page, often less than all. */
const someRoom = (much: number): { readonly room?: number } => (much % 3 === 0 ? {} : { room: much % 4 })

/** One that cannot: too high or backwards, near and far. */
const wrongH = (session: Session<string> | undefined, much: number): number => {
  if (session === undefined || !('outbound' in session)) return much
  const { acked, unacked } = session.outbound
  const off = 1 + (much % 7) * 1_000
  return much % 2 === 0 ? advance(acked, unacked.length + off) : advance(acked, -off)
}
