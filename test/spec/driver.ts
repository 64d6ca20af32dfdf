/**
 * Drives one account through the core with plain words. The payload is the stanza's name. Whatever goes in is
 * frozen to its depths, so that every test shows as well that the core changes nothing it was given.
 */
import {
  type Account,
  type Config,
  type ConnectionId,
  connectionOf,
  defaultConfig,
  type Effect,
  type Event,
  emptyAccount,
  type Nonza,
  type Phase,
  type Session,
  type SmVersion,
  type StanzaFacts,
  type StreamError,
  sessionOf,
  step,
  type TimerName,
  toArray,
  type UnreachableCondition,
} from '@smacks/core'

export type Effects = ReadonlyArray<Effect<string>>
type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

/** An event, of which the driver knows the time. */
export type Happening = Without<Event<string>, 'at'>

export const sm3: SmVersion = 'urn:xmpp:sm:3'
export const sm2: SmVersion = 'urn:xmpp:sm:2'

/** A chat message to the account's resource `phone`. */
export const chat = (id: string): StanzaFacts => ({
  name: 'message',
  type: 'chat',
  id,
  from: 'romeo@example.net/orchard',
  to: 'juliet@example.org/phone',
})

export interface Submitted {
  readonly stanza: string
  readonly facts: StanzaFacts
}

export interface EnableOptions {
  readonly resume?: boolean
  readonly max?: number
  readonly version?: SmVersion
  readonly freshId?: string
}

/** Which session, and on which connection; by default the session `phone` on its own connection. */
export interface Where {
  readonly resource?: string
  readonly connection?: ConnectionId
}

export const drive = (options: Partial<Config> = {}, start: Account<string> = emptyAccount) => {
  const makeStep = step({ ...defaultConfig, requestHold: 0, ...options })
  let account = deepFreeze(start)
  let now = 1_000_000

  const happen = (happening: Happening): Effects => {
    const event = deepFreeze({ ...happening, at: now } as Event<string>)
    const [next, effects] = makeStep(account, event)
    account = deepFreeze(next)
    return deepFreeze(effects)
  }

  /** A resource that is named means its connection, unless that is named too. */
  const at = ({ resource = 'phone', connection }: Where) => {
    const session = sessionOf(account, resource)
    return { resource, connection: connection ?? (session && connectionOf(session)) ?? 'no connection' }
  }
  const many = <T>(things: ReadonlyArray<T>, one: (thing: T) => Effects): Effects => things.flatMap(one)

  return {
    happen,
    account: () => account,
    now: () => now,
    session: (resource = 'phone'): Session<string> => {
      const session = sessionOf(account, resource)
      if (session === undefined) throw new Error(`no session of ${resource}`)
      return session
    },
    phase: (resource = 'phone'): Phase | undefined => sessionOf(account, resource)?._tag,
    pass: (seconds: number) => {
      now += seconds * 1000
    },

    bind: (resource = 'phone', connection: ConnectionId = `to ${resource}`) =>
      happen({ _tag: 'SessionBound', resource, connection }),
    enable: (asked: EnableOptions = {}, where: Where = {}) => {
      const { resource, connection } = at(where)
      const { resume = true, version = sm3, freshId = `SM-ID of ${resource}` } = asked
      const max = asked.max === undefined ? {} : { max: asked.max }
      return happen({ _tag: 'EnableReceived', resource, connection, version, resume, freshId, ...max })
    },
    resume: (h: number, connection = 'new', previd = 'SM-ID of phone', version: SmVersion = sm3) =>
      happen({ _tag: 'ResumeReceived', connection, version, previd, h }),
    submit: (...stanzas: ReadonlyArray<string>) =>
      many(stanzas, stanza => happen({ _tag: 'StanzaSubmitted', resource: 'phone', stanza, facts: chat(stanza) })),
    submitAs: (facts: Partial<StanzaFacts>, stanza = 'm', resource = 'phone') =>
      happen({ _tag: 'StanzaSubmitted', resource, stanza, facts: { ...chat(stanza), ...facts } }),
    receive: (...stanzas: ReadonlyArray<string>) =>
      many(stanzas, stanza => happen({ _tag: 'StanzaReceived', ...at({}), stanza })),
    ack: (h: number, where: Where = {}) => happen({ _tag: 'AckReceived', ...at(where), version: sm3, h }),
    request: (where: Where = {}) => happen({ _tag: 'RequestReceived', ...at(where), version: sm3 }),
    lose: (where: Where = {}) => happen({ _tag: 'ConnectionLost', ...at(where) }),
    closeStream: (where: Where = {}) => happen({ _tag: 'StreamClosed', ...at(where) }),
    silence: (where: Where = {}) => happen({ _tag: 'ConnectionSilent', ...at(where) }),
    drain: () => happen({ _tag: 'ConnectionDrained', ...at({}) }),
    inactive: () => happen({ _tag: 'ClientInactive', ...at({}) }),
    active: () => happen({ _tag: 'ClientActive', ...at({}) }),
    queryArchive: () => happen({ _tag: 'ArchiveQueried', ...at({}) }),
    refuse: (error: StreamError, where: Where = {}) => happen({ _tag: 'StreamRefused', ...at(where), error }),
    stop: () => happen({ _tag: 'ServerStopping' }),
    /** Lets the armed timer fire at its time. */
    fire: (timer: TimerName, resource = 'phone'): Effects => {
      const session = sessionOf(account, resource)
      const due = session !== undefined && 'deadlines' in session ? session.deadlines[timer] : undefined
      if (due === undefined) throw new Error(`the timer ${timer} of ${resource} is not armed`)
      now = Math.max(now, due)
      return happen({ _tag: 'TimerFired', resource, timer, due })
    },

    // The initiating role
    want: (resource = 'phone') => happen({ _tag: 'ConnectionWanted', resource }),
    unreachable: (condition: UnreachableCondition = 'remote-server-not-found', resource = 'phone') =>
      happen({ _tag: 'ConnectionFailed', resource, condition }),
    requestEnable: (resume = true, max?: number, where: Where = {}) =>
      happen({ _tag: 'EnableRequested', ...at(where), version: sm3, resume, ...(max === undefined ? {} : { max }) }),
    enabled: (attributes: { readonly resume?: boolean; readonly id?: string; readonly max?: number } = {}) =>
      happen({ _tag: 'EnabledReceived', ...at({}), resume: false, ...attributes }),
    requestResume: (connection = 'new') => happen({ _tag: 'ResumeRequested', resource: 'phone', connection }),
    resumed: (h: number, previd = 'SM-ID of phone') => happen({ _tag: 'ResumedReceived', ...at({}), previd, h }),
    failed: (h?: number) =>
      happen({ _tag: 'FailedReceived', ...at({}), condition: 'item-not-found', ...(h === undefined ? {} : { h }) }),
  }
}

export type Drive = ReturnType<typeof drive>

/** A client that has bound `phone` and enabled stream management with resumption. */
export const enabled = (options: Partial<Config> = {}): Drive => {
  const driven = drive(options)
  driven.bind()
  driven.enable()
  return driven
}

/** The initiating side of the same: we are the client. */
export const initiated = (options: Partial<Config> = {}): Drive => {
  const driven = drive(options)
  driven.bind()
  driven.requestEnable()
  driven.enabled({ resume: true, id: 'SM-ID of phone' })
  return driven
}

/** The state of `phone` with both counts where a test wants them, as if so many stanzas had gone before. */
export const withCounts = (driven: Drive, handled: number, acked: number): Account<string> => ({
  ...driven.account(),
  sessions: driven
    .account()
    .sessions.map(session =>
      session._tag === 'Active'
        ? { ...session, inbound: { handled }, outbound: { ...session.outbound, acked } }
        : session,
    ),
})

// What was done, by kind

export const nonzas = (effects: Effects): ReadonlyArray<Nonza> =>
  effects.flatMap(effect => (effect._tag === 'SendNonza' ? [effect.nonza] : []))
export const sentStanzas = (effects: Effects): ReadonlyArray<string> =>
  effects.flatMap(effect => (effect._tag === 'SendStanza' ? [effect.stanza] : []))
export const tags = (effects: Effects): ReadonlyArray<string> => effects.map(effect => effect._tag)
export const closed = (effects: Effects): ReadonlyArray<Extract<Effect<string>, { _tag: 'CloseConnection' }>> =>
  effects.flatMap(effect => (effect._tag === 'CloseConnection' ? [effect] : []))

/** The disposition of each settled stanza: `m1: StoreOffline`. */
export const dispositions = (effects: Effects): ReadonlyArray<string> =>
  effects.flatMap(effect => {
    switch (effect._tag) {
      case 'StoreOffline':
      case 'ReturnToSender':
      case 'Redeliver':
        return [`${effect.stanza}: ${effect._tag}`]
      case 'Discard':
        return [`${effect.stanza}: Discard (${effect.reason})`]
      default:
        return []
    }
  })

/** The unacked stanzas of a session, oldest first. */
export const unacked = (driven: Drive, resource = 'phone'): ReadonlyArray<string> => {
  const session = driven.session(resource)
  return 'outbound' in session ? toArray(session.outbound.unacked).map(({ stanza }) => stanza) : []
}

/** How many stanzas of the peer a session handled: its `h`. */
export const handledBy = (driven: Drive, resource = 'phone'): number => {
  const session = driven.session(resource)
  if (!('inbound' in session)) throw new Error(`the session of ${resource} counts nothing`)
  return session.inbound.handled
}

export const deepFreeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const part of Object.values(value)) deepFreeze(part)
  }
  return value
}
