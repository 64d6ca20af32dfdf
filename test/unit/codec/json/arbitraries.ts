/** Any event, effect and account that the types allow, likely or not; the compiler asks for each member of each union. */
import type { Json } from '@smacks/codec'
import {
  type Account,
  type Effect,
  type Event,
  type FailedCondition,
  fromArray,
  loadPage,
  type Nonza,
  type Notice,
  type Session,
  type StreamError,
  type TimerName,
  unloadOldest,
} from '@smacks/core'
import { configArbitrary, counterArbitrary, stanzaFactsArbitrary } from '@smacks/testkit'
import fc from 'fast-check'
import * as Option from 'fp-ts/lib/Option.js'

type Of<U extends { readonly _tag: string }> = {
  readonly [Tag in U['_tag']]: fc.Arbitrary<Omit<Extract<U, { readonly _tag: Tag }>, '_tag'>>
}

/** Each member as often as any other. */
const anyOf = <U extends { readonly _tag: string }>(members: Of<U>): fc.Arbitrary<U> =>
  fc.oneof(
    ...Object.entries<fc.Arbitrary<object>>(members).map(([_tag, rest]) =>
      // What fast-check makes may be without a prototype, which no value of ours is.
      rest.map(fields => structuredClone({ _tag, ...fields }) as unknown as U),
    ),
  )

/** JSON values as they come back from text, where -0 is 0. */
export const payload: fc.Arbitrary<Json> = fc.jsonValue().map(value => JSON.parse(JSON.stringify(value)) as Json)

const stanza = payload
const text = fc.string({ unit: 'binary' })
const facts = stanzaFactsArbitrary()
const h = counterArbitrary()
const at = fc.oneof(
  fc.nat(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(time => time + 0),
)
const due = at
const max = fc.oneof(fc.nat(), fc.constant(Number.MAX_SAFE_INTEGER), fc.constant(0.5))
const version = fc.constantFrom('urn:xmpp:sm:2' as const, 'urn:xmpp:sm:3' as const)
const resume = fc.boolean()
const timer = fc.constantFrom<TimerName>('ackDelay', 'ackHold', 'hibernation', 'readProbe')
const condition = fc.constantFrom<FailedCondition>('item-not-found', 'unexpected-request', 'undefined-condition')
const unreachable = fc.constantFrom('remote-server-not-found' as const, 'remote-server-timeout' as const)
const reason = fc.oneof(
  unreachable,
  fc.constantFrom('closed', 'evicted', 'expired', 'failed', 'lost', 'refused', 'replaced', 'stopped'),
)
const tooHigh = fc.record({ h, sendCount: h })

const streamError: fc.Arbitrary<StreamError> = fc.record(
  {
    condition: fc.constantFrom('bad-format', 'conflict', 'undefined-condition', 'unsupported-version'),
    text,
    tooHigh: fc.record({ h, sendCount: h, version }),
  },
  { requiredKeys: ['condition'] },
)

const session = { at, resource: text }
const connection = { ...session, connection: text }
const room = fc.nat()

export const event: fc.Arbitrary<Event<Json>> = anyOf<Event<Json>>({
  AckReceived: fc.record({ ...connection, version, h }),
  ArchiveQueried: fc.record(connection),
  ClientActive: fc.record(connection),
  ClientInactive: fc.record(connection),
  ClockStepped: fc.record({ at, by: at }),
  CloseRequested: fc.record(session),
  ConnectionDrained: fc.record({ ...connection, room }, { requiredKeys: ['at', 'resource', 'connection'] }),
  ConnectionFailed: fc.record({ ...session, condition: unreachable }),
  ConnectionLost: fc.record(connection),
  ConnectionSilent: fc.record(connection),
  ConnectionWanted: fc.record(session),
  EnableReceived: fc.record(
    { ...connection, version, resume, max, freshId: text },
    { requiredKeys: ['at', 'resource', 'connection', 'version', 'resume', 'freshId'] },
  ),
  EnableRequested: fc.record(
    { ...connection, version, resume, max, hold: fc.constant(true) },
    { requiredKeys: ['at', 'resource', 'connection', 'version', 'resume'] },
  ),
  EnabledReceived: fc.record(
    { ...connection, resume, id: text, max },
    { requiredKeys: ['at', 'resource', 'connection', 'resume'] },
  ),
  FailedReceived: fc.record(
    { ...connection, condition, h },
    { requiredKeys: ['at', 'resource', 'connection', 'condition'] },
  ),
  IqAnswered: fc.record(
    { ...session, id: text, to: text, from: text },
    { requiredKeys: ['at', 'resource', 'id', 'to'] },
  ),
  MalformedAckReceived: fc.record({ ...connection, version, reason: text }),
  MessageSubmitted: fc.record({
    at,
    recipients: fc.array(
      fc.record({ resource: text, stanza, facts, size: fc.nat() }, { requiredKeys: ['resource', 'stanza', 'facts'] }),
      { maxLength: 3 },
    ),
  }),
  QueueSettled: fc.record({ at, queues: fc.array(fc.record({ resource: text, count: fc.nat() }), { maxLength: 3 }) }),
  RequestReceived: fc.record({ ...connection, version }),
  ResumeReceived: fc.record(
    { at, connection: text, version, previd: text, h, room },
    { requiredKeys: ['at', 'connection', 'version', 'previd', 'h'] },
  ),
  ResumeRequested: fc.record(connection),
  ResumedReceived: fc.record(
    { ...connection, previd: text, h, room },
    { requiredKeys: ['at', 'resource', 'connection', 'previd', 'h'] },
  ),
  ConfigChanged: fc.record({ at, config: configArbitrary() }),
  ServerRestarted: fc.record({ at, lastAlive: at }, { requiredKeys: ['at'] }),
  ServerStopping: fc.record({ at, journalled: fc.constant(true as const) }, { requiredKeys: ['at'] }),
  SessionBound: fc.record(connection),
  StanzaReceived: fc.record(
    { ...connection, stanza, facts },
    { requiredKeys: ['at', 'resource', 'connection', 'stanza'] },
  ),
  StanzaSubmitted: fc.record(
    { ...session, stanza, facts, size: fc.nat() },
    { requiredKeys: ['at', 'resource', 'stanza', 'facts'] },
  ),
  StreamClosed: fc.record(connection),
  StreamRefused: fc.record({ ...connection, error: streamError }),
  TimerFired: fc.record({ ...session, timer, due }),
})

const delivery = fc.record(
  { serial: fc.nat(), position: h, copy: fc.constant(true as const) },
  { requiredKeys: ['serial'] },
)
const unacked = fc.array(
  fc.record(
    { stanza, facts, at, others: fc.array(delivery, { maxLength: 2 }) },
    { requiredKeys: ['stanza', 'facts', 'at'] },
  ),
  { maxLength: 4 },
)

const notice: fc.Arbitrary<Notice<Json>> = anyOf<Notice<Json>>({
  AckDelayed: fc.record({ unacked, inStorage: fc.nat() }, { requiredKeys: ['unacked'] }),
  HibernationStarted: fc.record(
    { unacked, inStorage: fc.nat(), deadline: due },
    { requiredKeys: ['unacked', 'deadline'] },
  ),
  HibernationStanzaQueued: fc.record({ stanza, facts, queueLength: fc.nat() }),
  HibernationEnded: fc.record({ outcome: fc.oneof(fc.constant('resumed' as const), reason), hibernatedSince: at }),
})

const nonza: fc.Arbitrary<Nonza> = anyOf<Nonza>({
  Ack: fc.record({ version, h }),
  Enable: fc.record({ version, resume, max }, { requiredKeys: ['version', 'resume'] }),
  Enabled: fc.record({ version, resume, id: text, max, location: text }, { requiredKeys: ['version', 'resume'] }),
  Failed: fc.record({ version, condition, h, tooHigh }, { requiredKeys: ['version', 'condition'] }),
  Request: fc.record({ version }),
  Resume: fc.record({ version, previd: text, h }),
  Resumed: fc.record({ version, previd: text, h }),
})

const settled = fc.record({ resource: text, stanza, facts, submittedAt: at })

export const effect: fc.Arbitrary<Effect<Json>> = anyOf<Effect<Json>>({
  AdoptConnection: fc.record({ connection: text, resource: text }),
  ArmTimer: fc.record({ resource: text, timer, due }),
  AwaitDrain: fc.record({ connection: text }),
  CloseConnection: fc.record({ connection: text, error: streamError }, { requiredKeys: ['connection'] }),
  DropConnection: fc.record({ connection: text }),
  Deliver: fc.record({ resource: text, stanza }),
  DisarmTimer: fc.record({ resource: text, timer }),
  Discard: fc.record({
    resource: text,
    stanza,
    facts,
    reason: fc.constantFrom(
      'answer',
      'answered',
      'archived',
      'copy',
      'delivered',
      'error',
      'held',
      'presence',
      'transient',
    ),
  }),
  EndSession: fc.record({ resource: text, reason }),
  ForgetKept: fc.record({ resource: text, from: h, count: fc.nat() }),
  ForgetOldSession: fc.record({ smId: text }),
  KeepUnacked: fc.record({ resource: text, from: h, unacked }),
  Notify: fc.record({ resource: text, notice }),
  Redeliver: settled,
  RememberOldSession: fc.record({ smId: text, h, at }),
  ReturnToSender: fc.record(
    { resource: text, stanza, facts, submittedAt: at, condition: unreachable },
    { requiredKeys: ['resource', 'stanza', 'facts', 'submittedAt'] },
  ),
  SendNonza: fc.record({ connection: text, nonza }),
  SendStanza: fc.record(
    { connection: text, stanza, facts, delayedSince: at },
    { requiredKeys: ['connection', 'stanza', 'facts'] },
  ),
  StoreOffline: settled,
})

const role = fc.constantFrom('initiating' as const, 'receiving' as const)
const resumption = fc.record({ smId: text, seconds: max })
const inbound = fc.record({ handled: h })
/** Queues whose first values may be unloaded, and some of these in a page. */
const queue = fc
  .tuple(
    unacked.map(values => fromArray(values)),
    fc.nat(6),
    fc.option(fc.record({ index: fc.nat(6), values: unacked })),
  )
  .map(([queued, count, page]) => {
    const left = unloadOldest(queued, count)
    return page === null || left.unloaded === 0 ? left : loadPage(left, page)
  })
const answered = fc.array(
  fc.record({ id: text, to: text, from: text, sent: h }, { requiredKeys: ['id', 'to', 'sent'] }),
  { maxLength: 2 },
)
const outbound = fc.record(
  {
    acked: h,
    spilled: fc.nat(6),
    unacked: queue,
    // Where nothing is unsent no presence is either.
    unsent: fc.oneof(
      fc.constant({ count: 0, presences: [] }),
      fc.record({
        count: fc.integer({ min: 1, max: 6 }),
        presences: fc.array(
          fc.record({ key: text, position: h, size: fc.nat() }, { requiredKeys: ['key', 'position'] }),
          { maxLength: 3 },
        ),
      }),
    ),
    layout: fc.record({ skipped: h, gaps: fc.array(fc.record({ from: h, count: fc.nat() }), { maxLength: 3 }) }),
    serial: fc.nat(),
    answered,
    sizes: fc.record({
      total: fc.nat(),
      closed: fc.array(fc.record({ count: fc.nat(), size: fc.nat() }), { maxLength: 3 }),
      open: fc.record({ count: fc.nat(), size: fc.nat() }),
    }),
  },
  { requiredKeys: ['acked', 'spilled', 'unacked', 'unsent', 'layout'] },
)
const armed = fc.option(due, { nil: undefined })
const deadlines = fc.record({ ackDelay: armed, ackHold: armed, readProbe: armed })
const optionOf = <A>(some: fc.Arbitrary<A>): fc.Arbitrary<Option.Option<A>> =>
  fc.oneof(fc.constant(Option.none), some.map(Option.some))
const phase = { resource: text, version, outbound }
const disconnected = { ...phase, resumption, inbound, deadlines: fc.record({ hibernation: due }), since: at }

const sessions: fc.Arbitrary<ReadonlyArray<Session<Json>>> = fc.uniqueArray(
  anyOf<Session<Json>>({
    Active: fc.record({
      ...phase,
      role,
      connection: text,
      resumption: optionOf(resumption),
      inbound,
      unwritten: fc.nat(6),
      request: fc.record({ awaiting: fc.boolean(), requestedFor: optionOf(h), heldUntil: at }),
      deadlines,
      client: fc.constantFrom('active' as const, 'inactive' as const),
      usesArchive: fc.boolean(),
    }),
    Connecting: fc.record({ resource: text, outbound, since: at }),
    Enabling: fc.record({ ...phase, connection: text }),
    Hibernating: fc.record({ ...disconnected, role, usesArchive: fc.boolean() }),
    Negotiating: fc.record({ ...phase, connection: text, resume: fc.boolean(), since: at }),
    Resuming: fc.record({ ...disconnected, connection: text }),
    Unmanaged: fc.record(
      { resource: text, connection: text, serial: fc.nat() },
      { requiredKeys: ['resource', 'connection'] },
    ),
  }),
  { maxLength: 3, selector: ({ resource }) => resource },
)

export const account: fc.Arbitrary<Account<Json>> = fc.record(
  {
    sessions,
    oldSessions: fc.array(fc.record({ smId: text, h, at }, { noNullPrototype: true }), { maxLength: 3 }),
    lastAcks: fc.array(fc.record({ serial: fc.nat(), position: h }, { noNullPrototype: true }), { maxLength: 3 }),
    settlements: fc.array(
      fc.record(
        {
          isLast: fc.boolean(),
          ended: sessions.chain(all =>
            fc.constant(all.map(session => ({ session, reason: 'expired' as const, settled: all.length }))),
          ),
        },
        { noNullPrototype: true },
      ),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: ['sessions', 'oldSessions'], noNullPrototype: true },
)
