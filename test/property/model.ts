/**
 * What must hold of every step, said by a model that knows the events and the effects and nothing of how the
 * core came from the one to the other.
 */
import {
  type Account,
  type Active,
  type Config,
  type ConnectionId,
  connectionOf,
  distance,
  type Effect,
  type Event,
  freshOutbound,
  type Session,
  sessionOf,
  step,
  toArray,
} from '@smacks/core'
import { expect } from 'vitest'
import { deepFreeze } from '../spec/driver.js'
import { checkPages, type Lines, newLines, wroteOn } from './lines.js'
import { checkOwn } from './own.js'
import { type Command, eventOf, type Program, sizeOf, smIdOf, type World } from './program.js'
import { createShared } from './shared.js'
import { type Armed, armedAtFirst, checkTimers, timerKey } from './timers.js'

type Effects = ReadonlyArray<Effect<string>>

export interface Step {
  readonly config: Config
  readonly before: Account<string>
  readonly event: Event<string>
  readonly after: Account<string>
  readonly effects: Effects
}

/** Runs a program and checks each of its steps. Returns the steps that were made. */
export const runProgram = (program: Program): ReadonlyArray<Step> => {
  let { config } = program
  const model = newModel(program.start)
  const made: Array<Step> = []
  let account = deepFreeze(program.start)
  for (const command of program.commands) {
    const event = model.next(account, command)
    if (event === undefined) continue
    deepFreeze(event)
    const makeStep = step(config)
    if (event._tag === 'ConfigChanged') config = event.config
    const stepped = makeStep(account, event)
    expect(makeStep(account, event)).toEqual(stepped)
    const [after, effects] = stepped
    const one: Step = { config, before: account, event, after: deepFreeze(after), effects }
    model.check(one)
    made.push(one)
    account = after
  }
  return made
}

const newModel = (start: Account<string>) => {
  let freshNames = 0
  let now = 1_000_000_000
  const connections: Array<ConnectionId> = start.sessions.flatMap(session => connectionOf(session) ?? [])
  const unbound = new Set<ConnectionId>()
  const smIds: Array<string> = start.sessions.flatMap(session => smIdOf(session) ?? [])
  const armed = armedAtFirst(start)
  const closed = new Set<ConnectionId>()
  const asked = new Set<ConnectionId>()
  const settled = new Set<string>()
  const shared = createShared()
  const lines = newLines(start)
  const fresh = () => {
    freshNames += 1
    return freshNames
  }

  const next = (account: Account<string>, command: Command): Event<string> | undefined => {
    const world: World = { account, now, fresh, connections, unbound: [...unbound], smIds, armed: [...armed.values()] }
    const event = eventOf(world, command)
    if (event !== undefined) now = setsClock(event) ? event.at : Math.max(now, event.at)
    return event
  }

  const check = (one: Step): void => {
    checkSessions(one)
    checkVoid(one, armed)
    checkStanzas(one, settled, lines)
    shared.check(one, settled)
    checkOwn(one)
    checkConnections(one, closed)
    checkNoneIsLeftOpen(one)
    checkRequests(one, asked)
    checkTimers(one, armed)
    checkOrder(one)
    checkPages(one, lines)
    learn(one)
  }

  const learn = ({ before, event, effects, after }: Step): void => {
    for (const session of after.sessions) {
      const connection = connectionOf(session)
      if (connection !== undefined && !connections.includes(connection)) connections.push(connection)
      const smId = smIdOf(session)
      if (smId !== undefined && !smIds.includes(smId)) smIds.push(smId)
    }
    if (event._tag === 'ResumeReceived' || event._tag === 'FailedReceived') unbound.add(event.connection)
    for (const session of after.sessions) unbound.delete(connectionOf(session) ?? '')
    for (const effect of effects) if (isEnd(effect)) unbound.delete(effect.connection)
    for (const connection of closed) unbound.delete(connection)
    if (event._tag === 'ServerRestarted') {
      for (const connection of connections) closed.add(connection)
      unbound.clear()
    }
    // Where it was stale nothing happened, and the connection may well be another session's.
    if (after !== before && (event._tag === 'ConnectionLost' || event._tag === 'StreamClosed')) {
      unbound.delete(event.connection)
      closed.add(event.connection)
    }
  }

  return { next, check }
}

/** A full JID has one session, a connection belongs to one, and lists stay within their limits. */
const checkSessions = ({ config, before, after }: Step): void => {
  const resources = after.sessions.map(({ resource }) => resource)
  expect(new Set(resources).size).toBe(resources.length)
  const connections = after.sessions.flatMap(session => connectionOf(session) ?? [])
  expect(new Set(connections).size).toBe(connections.length)
  expect(after.oldSessions.length).toBeLessThanOrEqual(config.maxOldSessions)
  // Where nothing happened, the story may have begun with more.
  if (after === before) return
  expect(hibernatingIn(after)).toBeLessThanOrEqual(config.maxHibernatingSessions)
  for (const session of after.sessions)
    if ('outbound' in session) expect(session.outbound.unacked.length).toBeLessThanOrEqual(config.queueCeiling)
  checkBytes(config, after)
}

/** What waits has no more bytes than allowed, and is counted with never less than it has, nor with a chunk more. */
const checkBytes = (config: Config, { sessions }: Account<string>): void => {
  let ofAll = 0
  for (const session of sessions) {
    const bytes = queueOf(session).reduce((sum, stanza) => sum + sizeOf(stanza), 0)
    expect(bytes).toBeLessThanOrEqual(config.maxQueueBytes)
    ofAll += bytes
    const { sizes, unacked } = 'outbound' in session ? session.outbound : freshOutbound
    expect((sizes?.total ?? 0) - bytes).toBeGreaterThanOrEqual(0)
    expect((sizes?.total ?? 0) - bytes).toBeLessThan(64 * 1024)
    if (sizes === undefined) continue
    expect(sizes.chunks.reduce((sum, { size }) => sum + size, 0)).toBe(sizes.total)
    expect(sizes.chunks.reduce((sum, { count }) => sum + count, 0)).toBe(unacked.length)
    expect(sizes.chunks.every(({ count }) => count > 0)).toBe(true)
  }
  expect(ofAll).toBeLessThanOrEqual(config.maxAccountQueueBytes)
}

const hibernatingIn = ({ sessions }: Account<string>): number =>
  sessions.filter(({ _tag }) => _tag === 'Hibernating').length

/** Events of a connection that is not the session's, timers that are not armed, and failed resumes change nothing. */
const checkVoid = ({ before, event, after, effects }: Step, armed: Armed): void => {
  if ('resource' in event && 'connection' in event && event._tag !== 'SessionBound') {
    const session = sessionOf(before, event.resource)
    if (session === undefined || (connectionOf(session) ?? event.connection) !== event.connection)
      expectNothing(before, after, effects)
    // A connection is one session's, whoever names it for another.
    if (session?._tag === 'Connecting' && before.sessions.some(one => connectionOf(one) === event.connection))
      expectNothing(before, after, effects)
  }
  if (event._tag === 'ConnectionWanted' && sessionOf(before, event.resource) !== undefined)
    expectNothing(before, after, effects)
  if (event._tag === 'TimerFired') {
    const isArmed = armed.get(timerKey(event))?.due === event.due
    if (!isArmed) expectNothing(before, after, effects)
    // While <resumed/> is awaited the time of hibernation does not end.
    else if (sessionOf(before, event.resource)?._tag !== 'Resuming') expect(after).not.toBe(before)
  }
  if (event._tag === 'ResumeReceived') {
    const answers = effects.flatMap(effect =>
      effect._tag === 'SendNonza' && effect.connection === event.connection ? [effect.nonza._tag] : [],
    )
    expect(['Failed', 'Resumed']).toContain(answers[0])
    if (answers[0] === 'Failed') {
      expect(after).toBe(before)
      expect(effects).toHaveLength(1)
    }
  }
}

const expectNothing = (before: unknown, after: unknown, effects: Effects): void => {
  expect(after).toBe(before)
  expect(effects).toEqual([])
}

/** A stanza is in one queue, or acked, or has one disposition; it is never in two places, and never comes back. */
const checkStanzas = ({ before, event, after, effects }: Step, settled: Set<string>, lines: Lines): void => {
  const submissions = submittedIn(event)
  const submitted = submissions.map(({ stanza }) => stanza)
  const held = before.sessions.flatMap(queueOf)
  const left = after.sessions.flatMap(queueOf)
  const dispositions = effects.flatMap(dispositionOf)
  const released = before.sessions.flatMap(session => [
    ...releasedFrom(session, event, after, lines),
    ...supersededIn(session, event, lines),
  ])
  const passed = submitted.filter(stanza => !left.includes(stanza) && !dispositions.includes(stanza))
  // Without stream management a stanza is sent and that is all.
  for (const stanza of passed) {
    const resource = submissions.find(one => one.stanza === stanza)?.resource ?? ''
    expect(sessionOf(before, resource)?._tag).toBe('Unmanaged')
    expect(effects).toContainEqual(expect.objectContaining({ _tag: 'SendStanza', stanza }))
  }
  const waited = before.sessions.flatMap(session => sentFirst(session, event, after))
  expect(effects.flatMap(effect => (effect._tag === 'SendStanza' && waited.length > 0 ? [effect.stanza] : []))).toEqual(
    waited,
  )
  expect([...left, ...dispositions, ...released, ...passed].sort()).toEqual([...held, ...submitted].sort())
  for (const stanza of left) expect(settled.has(stanza)).toBe(false)
  for (const stanza of [...dispositions, ...released, ...passed]) {
    expect(settled.has(stanza)).toBe(false)
    settled.add(stanza)
  }
  for (const session of before.sessions) {
    const now = sessionOf(after, session.resource)
    if (now === undefined || isNewSession(event, session)) continue
    const kept = queueOf(session).filter(stanza => !released.includes(stanza))
    const added = submissions.filter(({ resource }) => resource === session.resource).map(({ stanza }) => stanza)
    expect(queueOf(now)).toEqual(now._tag === 'Unmanaged' ? [] : [...kept, ...added])
  }
}

const setsClock = ({ _tag }: Event<string>): boolean => _tag === 'ClockStepped' || _tag === 'ServerRestarted'

/** What an event submits, and to which session. */
export const submittedIn = (
  event: Event<string>,
): ReadonlyArray<{ readonly resource: string; readonly stanza: string }> => {
  if (event._tag === 'StanzaSubmitted') return [event]
  return event._tag === 'MessageSubmitted' ? event.recipients : []
}

/** What waited for a first connection goes over it, all of it, in its order. */
const sentFirst = (session: Session<string>, event: Event<string>, after: Account<string>): ReadonlyArray<string> => {
  const now = sessionOf(after, session.resource)
  const isConnected = isUnsent(session) && now !== undefined && !isUnsent(now)
  if (!isConnected) return []
  expect(connectionOf(now)).toBe('connection' in event ? event.connection : undefined)
  return queueOf(session)
}

/** No connection took anything of it. */
const isUnsent = ({ _tag }: Session<string>): boolean => _tag === 'Connecting' || _tag === 'Negotiating'

const isNewSession = (event: Event<string>, session: Session<string>): boolean =>
  event._tag === 'SessionBound' &&
  !isUnsent(session) &&
  event.resource === session.resource &&
  connectionOf(session) !== event.connection

const queueOf = (session: Session<string>): ReadonlyArray<string> =>
  'outbound' in session ? toArray(session.outbound.unacked).map(({ stanza }) => stanza) : []

const dispositionOf = (effect: Effect<string>): ReadonlyArray<string> => {
  switch (effect._tag) {
    case 'StoreOffline':
    case 'ReturnToSender':
    case 'Redeliver':
    case 'Discard':
      return [effect.stanza]
    default:
      return []
  }
}

/** What the peer's `h` covers, if it is one the session can take; or all, where the peer wants no stream management. */
const releasedFrom = (
  session: Session<string>,
  event: Event<string>,
  after: Account<string>,
  lines: Lines,
): ReadonlyArray<string> => {
  const queue = queueOf(session)
  // Sent where nobody counts.
  if (isUnsent(session) && sessionOf(after, session.resource)?._tag === 'Unmanaged') return queue
  if (!('outbound' in session) || !isAddressed(session, event, after)) return []
  if (event._tag === 'FailedReceived' && session._tag === 'Enabling') return queue
  const h = 'h' in event ? event.h : undefined
  if (h === undefined) return []
  const count = distance(session.outbound.acked, h)
  const got = queue.filter(stanza =>
    event._tag === 'AckReceived' ? wroteOn(lines, event.connection, stanza) : lines.sent.has(stanza),
  )
  return count <= got.length ? queue.slice(0, count) : []
}

/** What this stanza makes pointless to send, if nobody ever did. */
const supersededIn = (session: Session<string>, event: Event<string>, { sent }: Lines): ReadonlyArray<string> => {
  if (event._tag !== 'StanzaSubmitted' || event.resource !== session.resource || event.facts.state !== true) return []
  if (!('role' in session) || session.role !== 'receiving') return []
  return toArray(session.outbound.unacked)
    .filter(({ facts, stanza }) => {
      const isSame = facts.state === true && facts.from === event.facts.from && facts.to === event.facts.to
      return isSame && !sent.has(stanza)
    })
    .map(({ stanza }) => stanza)
}

const isAddressed = (session: Session<string>, event: Event<string>, after: Account<string>): boolean => {
  const isHeard =
    'connection' in event &&
    'resource' in event &&
    event.resource === session.resource &&
    event.connection === connectionOf(session)
  switch (event._tag) {
    case 'AckReceived':
      return isHeard && session._tag === 'Active' && session.version === event.version
    case 'FailedReceived':
      return isHeard && (session._tag === 'Resuming' || session._tag === 'Enabling')
    case 'ResumedReceived':
      return isHeard && session._tag === 'Resuming' && smIdOf(session) === event.previd
    case 'ResumeReceived': {
      const now = sessionOf(after, session.resource)
      return now !== undefined && connectionOf(now) === event.connection && connectionOf(session) !== event.connection
    }
    default:
      return false
  }
}

/** What is sent goes over a connection of a session, and never after its close. */
const checkConnections = ({ before, event, after, effects }: Step, closed: Set<ConnectionId>): void => {
  const known = new Set([...before.sessions, ...after.sessions].map(connectionOf))
  for (const effect of effects) {
    if (effect._tag !== 'SendNonza' && effect._tag !== 'SendStanza' && !isEnd(effect)) continue
    const isAnswer = event._tag === 'ResumeReceived' && effect.connection === event.connection
    expect(known.has(effect.connection) || isAnswer).toBe(true)
    expect(closed.has(effect.connection)).toBe(false)
    if (effect._tag === 'SendStanza') checkStanzaIsSessions(effect, before, after)
    if (isEnd(effect)) {
      closed.add(effect.connection)
      expect(after.sessions.map(connectionOf)).not.toContain(effect.connection)
    }
  }
}

const isEnd = (effect: Effect<string>) => effect._tag === 'CloseConnection' || effect._tag === 'DropConnection'

/** Right before its end the peer learns what was handled, and before that nothing else is said any more. */
const checkLastAck = ({ connection, version, inbound }: Active<string>, effects: Effects): void => {
  const said = effects.filter(effect => 'connection' in effect && effect.connection === connection)
  expect(said.at(-2)).toEqual({
    _tag: 'SendNonza',
    connection,
    nonza: { _tag: 'Ack', version, h: inbound.handled },
  })
}

/** A connection that a session leaves is dropped if it hibernates and closed otherwise, unless the line dropped or the peer wants it for a new bind. */
const checkNoneIsLeftOpen = ({ before, event, after, effects }: Step): void => {
  if (event._tag === 'ConnectionLost' || event._tag === 'FailedReceived' || event._tag === 'ServerRestarted') return
  const kept = after.sessions.map(connectionOf)
  for (const session of before.sessions) {
    const connection = connectionOf(session)
    if (connection === undefined || kept.includes(connection)) continue
    // It may hibernate, and be one too many at once.
    const isEvicted = effects.some(
      effect => effect._tag === 'EndSession' && effect.resource === session.resource && effect.reason === 'evicted',
    )
    // One that resumes and has too much queued is evicted too, but has not fallen back.
    const mayWait = session._tag === 'Active' || (session._tag === 'Resuming' && submittedIn(event).length === 0)
    const waits = sessionOf(after, session.resource)?._tag === 'Hibernating' || (mayWait && isEvicted)
    const ended = effects.filter(effect => isEnd(effect) && effect.connection === connection)
    expect(ended.map(({ _tag }) => _tag)).toEqual([waits ? 'DropConnection' : 'CloseConnection'])
    if (session._tag === 'Active') checkLastAck(session, effects)
  }
}

/** It is queued in the session whose connection it goes over, unless that counts nothing. */
const checkStanzaIsSessions = (
  { connection, stanza }: Extract<Effect<string>, { _tag: 'SendStanza' }>,
  before: Account<string>,
  after: Account<string>,
): void => {
  const session = after.sessions.find(one => connectionOf(one) === connection)
  expect(session ?? before).toBeDefined()
  if (session !== undefined && session._tag !== 'Unmanaged') expect(queueOf(session)).toContain(stanza)
}

/** At most one `<r/>` is unanswered on a connection. */
const checkRequests = ({ before, event, effects }: Step, asked: Set<ConnectionId>): void => {
  if (event._tag === 'AckReceived') {
    const session = sessionOf(before, event.resource)
    if (session?._tag === 'Active' && session.version === event.version) asked.delete(event.connection)
  }
  for (const effect of effects)
    if (effect._tag === 'SendNonza' && effect.nonza._tag === 'Request') {
      expect(asked.has(effect.connection)).toBe(false)
      asked.add(effect.connection)
    }
}

/** The order that the contract of effects promises. */
const checkOrder = ({ effects }: Step): void => {
  effects.forEach((effect, index) => {
    const rest = effects.slice(index + 1)
    if (effect._tag === 'EndSession')
      for (const later of rest)
        if ('resource' in later && later.resource === effect.resource)
          expect(['Redeliver', 'DisarmTimer', 'Notify']).toContain(later._tag)
    if (effect._tag === 'Redeliver' && effects.some(({ _tag }) => _tag === 'EndSession'))
      expect(effects.slice(0, index)).toContainEqual(
        expect.objectContaining({ _tag: 'EndSession', resource: effect.resource }),
      )
    if (effect._tag === 'SendNonza' && effect.nonza._tag === 'Resumed')
      expect(effects.slice(0, index)).toContainEqual(
        expect.objectContaining({ _tag: 'AdoptConnection', connection: effect.connection }),
      )
    if (effect._tag === 'SendStanza')
      for (const later of rest)
        if (later._tag === 'SendNonza' && later.connection === effect.connection)
          expect(later.nonza._tag).not.toBe('Resumed')
  })
}
