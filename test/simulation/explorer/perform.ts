/** A move is made: events come of it, the core makes its steps, and their effects are put on the lines. */
import {
  type Account,
  type Config,
  connectionOf,
  describeIgnored,
  type Event,
  type Ignored,
  isMisuse,
  type StanzaFacts,
  sessionOf,
  type step,
} from '@smacks/core'
import { accountKey, endKey, eventKey, hasOtherOptions } from './key.js'
import { armedAfter, brokenLaw, type Effects } from './laws/index.js'
import { cut, type Draft, dialled, leave, put, takeFirst, tidy } from './lines.js'
import { askingIn, linkHappening, unused } from './links.js'
import { isSessions, isUseless, type Move, sessionAt, sides } from './moves.js'
import { enter, watch } from './onlooker.js'
import type { Budget, Element, Line, Side, State, Stream, World } from './state.js'

export type Step = typeof step

/** An event, of which the explorer knows the time. */
export type Happening = Event<string> extends infer E ? (E extends unknown ? Omit<E, 'at'> : never) : never

/** A world with the core that is to be tried in it. */
export interface Machine {
  readonly world: World
  /** What a side is under; `other` is the server, once its options changed. */
  readonly config: Readonly<Record<'other' | Side, Config>>
  readonly take: Readonly<Record<'other' | Side, ReturnType<Step>>>
  /**
   * The steps that were judged by the laws. These look at one account and one event alone, and most transitions of a
   * world make a step that many others make too.
   */
  readonly judged: Readonly<Record<Side, Set<string>>>
}

export const machineOf = (world: World, tried: Step): Machine => {
  const config = {
    client: { ...world.config, ...world.client },
    server: world.config,
    other: { ...world.config, ...world.other },
  }
  return {
    world,
    config,
    take: { client: tried(config.client), server: tried(config.server), other: tried(config.other) },
    judged: { client: new Set(), server: new Set() },
  }
}

/** Whoever wants to know each step of a move. */
export type Observe = (side: Side, event: Event<string>, effects: Effects) => void

export interface Moved {
  readonly state: State
  /** What is wrong, if anything is. */
  readonly broken: string | undefined
}

export const perform = (machine: Machine, state: State, move: Move, observe?: Observe): Moved => {
  const making: Making = { machine, draft: { ...state }, broken: undefined, observe }
  make(making, move)
  tidy(making.draft)
  return { state: making.draft, broken: making.broken }
}

/** Whose options a side has. */
export const optionsOf = ({ world }: Machine, state: Pick<State, 'budget'>, side: Side): 'other' | Side =>
  side === 'server' && hasOtherOptions(world, state) ? 'other' : side

/** What a step is made under. */
export const configOf = (machine: Machine, state: Pick<State, 'budget'>, side: Side, event: Happening): Config =>
  event._tag === 'ConfigChanged' ? event.config : machine.config[optionsOf(machine, state, side)]

/** A step as it was made, and what is wrong if it could not be. */
export interface Taken {
  readonly after: Account<string>
  readonly effects: Effects
  /** Why it was void, if it was. */
  readonly ignored: Ignored | undefined
  readonly fault: string | undefined
}

/** The core is total: whatever happens to an account, a step can be made. */
export const takeStep = (
  machine: Machine,
  state: Pick<State, 'budget'>,
  side: Side,
  before: Account<string>,
  event: Event<string>,
): Taken => {
  try {
    const [after, effects, ignored] = machine.take[optionsOf(machine, state, side)](before, event)
    const fault =
      ignored !== undefined && (after !== before || effects.length > 0) ? 'what is void has effects' : undefined
    return { after, effects, ignored, fault }
  } catch (error) {
    const fault = error instanceof Error ? error.message : String(error)
    return { after: before, effects: [], ignored: undefined, fault }
  }
}

interface Making {
  readonly machine: Machine
  readonly draft: Draft
  broken: string | undefined
  readonly observe: Observe | undefined
}

const sm3 = 'urn:xmpp:sm:3' as const

const happen = (making: Making, side: Side, happening: Happening): void => {
  const { draft, machine } = making
  const judged = machine.judged[side]
  const key = `${optionsOf(machine, draft, side)}${endKey(draft[side], draft.now)}`
  draft.now += 1
  const { account: before, armed, stale } = draft[side]
  const event = { ...happening, at: draft.now } as Event<string>
  const { after, effects, ignored, fault } = takeStep(machine, draft, side, before, event)
  making.broken ??= fault ?? misuse(ignored)
  making.observe?.(side, event, effects)
  const made = { config: configOf(machine, draft, side, event), before, event, after, effects, armed }
  const untrue = watch(draft, side, made)
  const now = armedAfter(made)
  const gone = now === armed ? stale : [...armed.filter(one => !now.includes(one)), ...stale].slice(0, 3)
  const { asked, counted } = draft[side]
  const its = after === before ? draft[side].key : accountKey(machine.world, after)
  draft[side] = { account: after, key: its, armed: now, stale: gone, asked, counted }
  making.broken ??= untrue ?? mistrust(draft, side)
  const step = `${key}&${eventKey(machine.world, event)}`
  if (judged.has(step)) return
  judged.add(step)
  making.broken ??= brokenLaw(made)
}

/** Whoever keeps to the contract, as both sides do here, is never told that it misuses the core. */
const misuse = (ignored: Ignored | undefined): string | undefined =>
  ignored !== undefined && isMisuse(ignored) ? `${ignored.event} is ${describeIgnored(ignored)}` : undefined

/** Whether the core thinks of its `<r/>` what is true. */
const mistrust = (draft: Draft, side: Side): string | undefined => {
  const session = sessionAt(draft, side)
  if (session?._tag !== 'Active') return undefined
  const isAsked = draft[side].asked === session.connection
  if (session.inbound.handled !== draft[side].counted)
    return `its h is ${session.inbound.handled}, but ${draft[side].counted} were handled`
  return isAsked === session.request.awaiting
    ? undefined
    : `an <r/> is ${isAsked ? '' : 'not '}unanswered, and it thinks otherwise`
}

const spend = (draft: Draft, what: keyof Budget): void => {
  if (draft.budget[what] > 0) draft.budget = { ...draft.budget, [what]: draft.budget[what] - 1 }
}

const make = (making: Making, move: Move): void => {
  const { draft, machine } = making
  switch (move.does) {
    case 'submit':
      return submit(making, move.stream)
    case 'deliver':
      return deliver(making, draft.lines[move.line], move.side)
    case 'cut':
      spend(draft, 'cuts')
      return cut(draft, lineAt(draft, move.line).id)
    case 'lose':
      return lose(making, lineAt(draft, move.line), move.side)
    case 'dial':
      spend(draft, 'dials')
      return happen(making, 'client', { _tag: 'ResumeRequested', resource: 'phone', connection: dialled(draft) })
    case 'begin':
      return begin(making)
    case 'bind':
      return bind(making)
    case 'enable':
      return enable(making)
    case 'want':
      spend(draft, 'binds')
      return happen(making, 'client', linkHappening(draft, machine.world, move))
    case 'connect':
    case 'greet':
    case 'unreachable':
      return happen(making, 'client', linkHappening(draft, machine.world, move))
    case 'refuse':
      spend(draft, 'refusals')
      takeFirst(draft, lineAt(draft, move.line), 'server')
      put(draft, 'server', lineAt(draft, move.line).id, { _tag: 'Failed', version: sm3, condition: 'item-not-found' })
      return
    case 'fire':
      return fire(making, move)
    case 'count':
      return startAt(machine.world, draft, move.from)
    case 'stop':
      spend(draft, 'stops')
      return happen(making, stoppingIn(machine.world), { _tag: 'ServerStopping' })
    case 'suspend':
      spend(draft, 'stops')
      return happen(making, stoppingIn(machine.world), { _tag: 'ServerStopping', journalled: true })
    case 'restart':
      return restart(making, move.by)
    case 'set':
      spend(draft, 'clocks')
      return setClock(making, sides, move.by)
    case 'configure':
      return configure(making)
    case 'close':
      spend(draft, 'closes')
      return happen(making, move.side, { _tag: 'CloseRequested', resource: 'phone' })
    case 'other':
      return other(making, move.what)
    case 'page':
      return page(making, move.side)
    default:
      return tell(making, move, machine)
  }
}

/** Where links are made, the client is a server too. */
const stoppingIn = ({ start }: World): Side => (start === 'wanted' ? 'client' : 'server')

/** The process is killed and begins anew with its accounts: its ends of all lines are gone, and so are its timers. */
const restart = (making: Making, by: number | undefined): void => {
  const { draft } = making
  spend(draft, 'restarts')
  for (const { id } of draft.lines) leave(draft, 'server', id)
  const lastAlive = draft.now
  if (by !== undefined) setClock(making, ['client'], by)
  happen(making, 'server', { _tag: 'ServerRestarted', ...(by === undefined ? {} : { lastAlive }) })
}

/** There is one clock for all. */
const setClock = (making: Making, told: ReadonlyArray<Side>, by: number): void => {
  making.draft.now += by
  for (const side of told) happen(making, side, { _tag: 'ClockStepped', by })
}

/** An operator thinks better of it. */
const configure = (making: Making): void => {
  const { draft, machine } = making
  const config = machine.config[optionsOf(machine, draft, 'server') === 'other' ? 'server' : 'other']
  happen(making, 'server', { _tag: 'ConfigChanged', config })
  spend(draft, 'changes')
}

const lineAt = (draft: Draft, index: number): Line => {
  const line = draft.lines[index]
  if (line === undefined) throw new Error(`there is no line ${index} in this state`)
  return line
}

/** What a session's own connection tells it. */
const tell = (
  making: Making,
  move: Extract<Move, { readonly does: 'drain' | 'sight' | 'silence' }>,
  { world }: Machine,
): void => {
  const side = move.does === 'silence' ? move.side : 'server'
  const session = sessionAt(making.draft, side)
  const connection = session && connectionOf(session)
  if (connection === undefined)
    throw new Error(`in ${world.name} the ${side} has no connection that could ${move.does}`)
  const where = { resource: 'phone', connection }
  spend(making.draft, ({ drain: 'drains', sight: 'sights', silence: 'silences' } as const)[move.does])
  if (move.does === 'drain') return happen(making, side, { _tag: 'ConnectionDrained', ...where })
  if (move.does === 'silence') return happen(making, side, { _tag: 'ConnectionSilent', ...where })
  happen(making, side, { _tag: move.state === 'active' ? 'ClientActive' : 'ClientInactive', ...where })
}

const submit = (making: Making, stream: Stream): void => {
  const { draft, machine } = making
  const stanza = enter(draft, stream)
  const facts = machine.world.stanzas[stream][draft[stream].stands.length - 1]
  if (facts === undefined) throw new Error(`${machine.world.name} has no ${stanza}`)
  const [side, resource] =
    stream === 'c' ? (['client', 'phone'] as const) : (['server', stream === 'p' ? 'phone' : 'desktop'] as const)
  const isForBoth = stream === 'p' && facts.name === 'message' ? machine.world.isForBoth : undefined
  const sized = sizedIn(machine.world)
  if (isForBoth !== 'together') happen(making, side, { _tag: 'StanzaSubmitted', resource, stanza, facts, ...sized })
  if (isForBoth === 'apart') submitToOther(making, facts)
  if (isForBoth !== 'together') return
  const recipients = [
    { resource, stanza, facts, ...sized },
    { resource: 'desktop', stanza: enter(draft, 'd'), facts, ...sized },
  ]
  happen(making, side, { _tag: 'MessageSubmitted', recipients })
}

const sizedIn = ({ size }: World): { readonly size?: number } => (size === undefined ? {} : { size })

/** The same message, at the same time. */
const submitToOther = (making: Making, facts: StanzaFacts): void => {
  making.draft.now -= 1
  happen(making, 'server', {
    _tag: 'StanzaSubmitted',
    resource: 'desktop',
    stanza: enter(making.draft, 'd'),
    facts,
    ...sizedIn(making.machine.world),
  })
}

const deliver = (making: Making, line: Line | undefined, side: Side): void => {
  const { draft, machine } = making
  const element = line && takeFirst(draft, line, side)
  if (line === undefined || element === undefined) throw new Error('nothing is on its way there')
  if (element._tag !== 'Close') return happen(making, side, eventOf(machine.world, draft, line.id, element))
  if (isSessions(draft, side, line))
    happen(making, side, {
      _tag: element.isClean ? 'StreamClosed' : 'ConnectionLost',
      resource: 'phone',
      connection: line.id,
    })
  leave(draft, side, line.id)
}

const eventOf = (
  world: World,
  draft: Draft,
  connection: string,
  element: Exclude<Element, { readonly _tag: 'Close' }>,
): Happening => {
  const here = { resource: 'phone', connection }
  switch (element._tag) {
    case 'Stanza':
      return { _tag: 'StanzaReceived', ...here, stanza: element.stanza }
    case 'Ack':
      return { _tag: 'AckReceived', ...here, version: element.version, h: element.h }
    case 'Request':
      return { _tag: 'RequestReceived', ...here, version: element.version }
    case 'Resume':
      return {
        _tag: 'ResumeReceived',
        connection,
        version: element.version,
        previd: element.previd,
        h: element.h,
        ...roomIn(world),
      }
    case 'Resumed':
      return { _tag: 'ResumedReceived', ...here, previd: element.previd, h: element.h, ...roomIn(world) }
    case 'Failed':
      return {
        _tag: 'FailedReceived',
        ...here,
        condition: element.condition,
        ...(element.h === undefined ? {} : { h: element.h }),
      }
    case 'Bind':
      return { _tag: 'SessionBound', ...here }
    case 'Enable':
      draft.freshSmId += 1
      return {
        _tag: 'EnableReceived',
        ...here,
        version: element.version,
        resume: element.resume,
        freshId: `sm${draft.freshSmId}`,
      }
    case 'Enabled': {
      const { resume, id, max } = element
      return {
        _tag: 'EnabledReceived',
        ...here,
        resume,
        ...(id === undefined ? {} : { id }),
        ...(max === undefined ? {} : { max }),
      }
    }
  }
}

const lose = (making: Making, line: Line, side: Side): void => {
  if (!isUseless(line, side)) spend(making.draft, 'losses')
  happen(making, side, { _tag: 'ConnectionLost', resource: 'phone', connection: line.id })
  leave(making.draft, side, line.id)
}

/** Both ends of the one line are bound; the other session has a line of its own that nobody looks at. */
const begin = (making: Making): void => {
  if (making.machine.world.start === 'wanted') return beginLink(making)
  for (const side of sides) happen(making, side, { _tag: 'SessionBound', resource: 'phone', connection: 'L1' })
  if (!making.machine.world.hasOther) return
  const where = { resource: 'desktop', connection: 'D1' }
  happen(making, 'server', { _tag: 'SessionBound', ...where })
  happen(making, 'server', { _tag: 'EnableReceived', ...where, version: sm3, resume: true, freshId: 'sm-desktop' })
}

/** The other session of the client's account has a line of its own, and no more is heard of it. */
const beginLink = (making: Making): void => {
  happen(making, 'client', { _tag: 'ConnectionWanted', resource: 'phone' })
  happen(making, 'client', { _tag: 'SessionBound', resource: 'desktop', connection: 'D1' })
}

const bind = (making: Making): void => {
  const { draft } = making
  spend(draft, 'binds')
  const connection = unused(draft) ?? dialled(draft)
  put(draft, 'client', connection, { _tag: 'Bind' })
  happen(making, 'client', { _tag: 'SessionBound', resource: 'phone', connection })
  enable(making)
}

const enable = (making: Making): void => {
  const session = sessionAt(making.draft, 'client')
  const connection = (session && connectionOf(session)) ?? 'none'
  happen(making, 'client', {
    _tag: 'EnableRequested',
    resource: 'phone',
    connection,
    version: sm3,
    ...askingIn(making.machine.world),
  })
}

const page = (making: Making, side: Side): void => {
  const session = sessionAt(making.draft, side)
  const connection = (session && connectionOf(session)) ?? 'none'
  happen(making, side, { _tag: 'ConnectionDrained', resource: 'phone', connection, ...roomIn(making.machine.world) })
}

const roomIn = ({ room }: World): { readonly room?: number } => (room === undefined ? {} : { room })

const fire = (making: Making, { side, resource, timer }: Extract<Move, { readonly does: 'fire' }>): void => {
  const { draft } = making
  const armed = draft[side].armed.find(one => one.resource === resource && one.timer === timer)
  if (armed === undefined) throw new Error(`the timer ${timer} of ${resource} is not armed`)
  draft.now = Math.max(draft.now, armed.due - 1)
  happen(making, side, { _tag: 'TimerFired', resource, timer, due: armed.due })
}

/** Both ends have counted so many stanzas, each way. */
const startAt = (world: World, draft: Draft, from: number): void => {
  for (const side of sides) {
    const { account } = draft[side]
    const sessions = account.sessions.map(session =>
      session._tag === 'Active' && session.resource === 'phone'
        ? { ...session, inbound: { handled: from }, outbound: { ...session.outbound, acked: from } }
        : session,
    )
    const counted = { ...account, sessions }
    draft[side] = { ...draft[side], account: counted, key: accountKey(world, counted), counted: from }
  }
}

const other = (making: Making, what: 'ack' | 'lose' | 'resume'): void => {
  const { draft } = making
  if (what !== 'ack') spend(draft, 'others')
  const session = sessionOf(draft.server.account, 'desktop')
  const h =
    session !== undefined && 'outbound' in session
      ? (session.outbound.acked + session.outbound.unacked.length) % 2 ** 32
      : 0
  const connection = (session && connectionOf(session)) ?? 'D2'
  const where = { resource: 'desktop', connection }
  if (what === 'lose') return happen(making, 'server', { _tag: 'ConnectionLost', ...where })
  if (what === 'ack') return happen(making, 'server', { _tag: 'AckReceived', ...where, version: sm3, h })
  happen(making, 'server', { _tag: 'ResumeReceived', connection, version: sm3, previd: 'sm-desktop', h })
}
