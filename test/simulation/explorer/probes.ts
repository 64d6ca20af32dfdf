/**
 * Probes: what a confused or hostile peer, a late timer or an operator could say to an account, tried once in each state
 * an account can get to. The laws judge the answers; the states that follow are not explored.
 */
import {
  type Account,
  type Config,
  connectionOf,
  defaultConfig,
  type Event,
  type Instant,
  type Session,
  type StanzaFacts,
} from '@smacks/core'
import type { Happening } from './perform.js'
import type { End } from './state.js'

const sm3 = 'urn:xmpp:sm:3' as const
const sm2 = 'urn:xmpp:sm:2' as const

export const probesOf = (end: End, soon: Instant, size: number | undefined): ReadonlyArray<Event<string>> => {
  const probes = happeningsTo(end).map(probe =>
    probe._tag === 'StanzaSubmitted' && size !== undefined ? { ...probe, size } : probe,
  )
  return [soon, ...momentsOf(end, soon)].flatMap(at => probes.map(probe => ({ ...probe, at }) as Event<string>))
}

/** When an `<r/>` may be said again, all could be otherwise, and the timer that tells may be late. */
const momentsOf = ({ account }: End, soon: Instant): ReadonlyArray<Instant> =>
  account.sessions.flatMap(session =>
    session._tag === 'Active' && session.request.heldUntil > soon ? [session.request.heldUntil] : [],
  )

const happeningsTo = ({ account, stale }: End): ReadonlyArray<Happening> => [
  ...account.sessions.flatMap(session => [
    ...fromAStaleLine(session),
    ...fromItsLine(session),
    ...toIt(session),
    ...resumes(account, session),
    ...connects(account, session),
  ]),
  ...stale.map((timer): Happening => ({ _tag: 'TimerFired', ...timer })),
  ...account.oldSessions.map(({ smId }) => resume(smId, 0)),
  resume('unknown', 0),
  { _tag: 'SessionBound', resource: 'tablet', connection: 'N1' },
  { _tag: 'ConnectionWanted', resource: 'tablet' },
  { _tag: 'StanzaSubmitted', resource: 'tablet', stanza: 'x1', facts: { name: 'iq', type: 'get' } },
  { _tag: 'ServerStopping' },
  { _tag: 'ServerStopping', journalled: true },
  { _tag: 'ServerRestarted' },
  ...otherOptions.map((config): Happening => ({ _tag: 'ConfigChanged', config })),
]

/** Less of everything, and more. */
const otherOptions: ReadonlyArray<Config> = [
  { ...defaultConfig, requestHold: 0, maxHibernatingSessions: 0, maxOldSessions: 0, maxAckDelay: 0 },
  { ...defaultConfig, requestHold: 0, maxQueueSize: 1, queueCeiling: 1, offlineStorage: false },
  { ...defaultConfig, requestHold: 0, maxUnackedStanzas: 9, s2sResend: true },
]

/** Void, each of them. */
const fromAStaleLine = ({ resource }: Session<string>): ReadonlyArray<Happening> => talk(resource, 'stale', 1)

/** All that a line can say. */
const talk = (resource: string, connection: string, h: number): ReadonlyArray<Happening> => {
  const here = { resource, connection }
  return [
    { _tag: 'StanzaReceived', ...here, stanza: 'x1' },
    { _tag: 'AckReceived', ...here, version: sm3, h },
    { _tag: 'AckReceived', ...here, version: sm2, h },
    { _tag: 'MalformedAckReceived', ...here, version: sm3, reason: 'An <a/> needs an h.' },
    { _tag: 'RequestReceived', ...here, version: sm3 },
    { _tag: 'RequestReceived', ...here, version: sm2 },
    { _tag: 'EnableReceived', ...here, version: sm2, resume: true, freshId: 'sm-fresh' },
    { _tag: 'EnableReceived', ...here, version: sm3, resume: true, max: 0, freshId: 'sm-fresh' },
    { _tag: 'EnableReceived', ...here, version: sm3, resume: true, max: 1_000_000, freshId: 'sm-fresh' },
    { _tag: 'EnableReceived', ...here, version: sm3, resume: false, freshId: 'sm-fresh' },
    { _tag: 'EnableRequested', ...here, version: sm3, resume: true, max: 5 },
    { _tag: 'EnableRequested', ...here, version: sm3, resume: false, hold: true },
    { _tag: 'EnabledReceived', ...here, resume: true, id: 'sm-fresh', max: 7 },
    { _tag: 'EnabledReceived', ...here, resume: true, id: 'sm-fresh' },
    { _tag: 'EnabledReceived', ...here, resume: true },
    { _tag: 'EnabledReceived', ...here, resume: false, id: 'sm-fresh' },
    { _tag: 'FailedReceived', ...here, condition: 'item-not-found' },
    { _tag: 'FailedReceived', ...here, condition: 'item-not-found', h },
    { _tag: 'ResumedReceived', ...here, previd: 'another', h },
    { _tag: 'ClientInactive', ...here },
    { _tag: 'ClientActive', ...here },
    { _tag: 'ArchiveQueried', ...here },
    { _tag: 'ConnectionDrained', ...here },
    { _tag: 'ConnectionDrained', ...here, room: 1 },
    { _tag: 'ConnectionSilent', ...here },
    { _tag: 'ConnectionLost', ...here },
    { _tag: 'StreamClosed', ...here },
    { _tag: 'StreamRefused', ...here, error: { condition: 'policy-violation' } },
  ]
}

/** Every `h` from too low to too high, by one and by far. */
const fromItsLine = (session: Session<string>): ReadonlyArray<Happening> => {
  const connection = connectionOf(session)
  if (connection === undefined) return []
  const here = { resource: session.resource, connection }
  const previd = smIdOf(session)
  return [
    ...talk(session.resource, connection, sentBy(session)),
    ...counts(session).flatMap(
      (h): ReadonlyArray<Happening> => [
        { _tag: 'AckReceived', ...here, version: sm3, h },
        { _tag: 'FailedReceived', ...here, condition: 'item-not-found', h },
        { _tag: 'ResumedReceived', ...here, previd, h },
      ],
    ),
    { _tag: 'SessionBound', resource: 'tablet', connection },
    { _tag: 'ResumeRequested', ...here },
    resume(previd, sentBy(session), sm3, connection),
  ]
}

const smIdOf = (session: Session<string>): string => {
  if (!('resumption' in session)) return 'none'
  if (session._tag !== 'Active') return session.resumption.smId
  return session.resumption._tag === 'Some' ? session.resumption.value.smId : 'none'
}

const sentBy = (session: Session<string>): number =>
  'outbound' in session ? (session.outbound.acked + session.outbound.unacked.length) % 2 ** 32 : 0

const counts = (session: Session<string>): ReadonlyArray<number> => {
  if (!('outbound' in session)) return [0, 1]
  const { acked, unacked, unsent } = session.outbound
  const steps = [
    0,
    1,
    unacked.length - unsent.count,
    unacked.length,
    unacked.length + 1,
    -1,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 31 + 1,
  ]
  return [...new Set(steps)].map(count => (acked + count + 2 ** 32) % 2 ** 32)
}

const kinds: ReadonlyArray<StanzaFacts> = [
  { name: 'message', type: 'chat', id: 'x1', to: 'juliet@example.org' },
  { name: 'presence', type: 'unavailable' },
  {
    name: 'presence',
    type: 'unavailable',
    state: true,
    from: 'romeo@example.net/orchard',
    to: 'juliet@example.org',
  },
]

const toIt = ({ resource }: Session<string>): ReadonlyArray<Happening> => [
  ...kinds.map((facts): Happening => ({ _tag: 'StanzaSubmitted', resource, stanza: 'x1', facts })),
  { _tag: 'CloseRequested', resource },
  { _tag: 'SessionBound', resource, connection: 'N1' },
  { _tag: 'ResumeRequested', resource, connection: 'N1' },
  ...(['ackDelay', 'ackHold', 'hibernation', 'readProbe'] as const).map(
    (timer): Happening => ({ _tag: 'TimerFired', resource, timer, due: 1 }),
  ),
]

const resumes = (account: Account<string>, session: Session<string>): ReadonlyArray<Happening> => {
  const previd = smIdOf(session)
  const taken = account.sessions.flatMap(one => connectionOf(one) ?? [])
  return [
    ...counts(session).map(h => resume(previd, h)),
    resume(previd, sentBy(session), sm2),
    ...taken.map(connection => resume(previd, sentBy(session), sm3, connection)),
  ]
}

/** On a line that is free, and on those that are some session's already. */
const connects = ({ sessions }: Account<string>, { resource }: Session<string>): ReadonlyArray<Happening> => [
  { _tag: 'ConnectionWanted', resource },
  { _tag: 'ConnectionFailed', resource, condition: 'remote-server-timeout' },
  ...['N1', ...sessions.flatMap(one => connectionOf(one) ?? [])].flatMap(
    (connection): ReadonlyArray<Happening> => [
      { _tag: 'EnableRequested', resource, connection, version: sm3, resume: false },
      { _tag: 'EnableRequested', resource, connection, version: sm3, resume: true, hold: true },
      { _tag: 'SessionBound', resource, connection },
    ],
  ),
]

const resume = (previd: string, h: number, version: typeof sm2 | typeof sm3 = sm3, connection = 'N1'): Happening => ({
  _tag: 'ResumeReceived',
  connection,
  version,
  previd,
  h,
})
