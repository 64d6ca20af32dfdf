/**
 * The key of a state: two states of one key have the same future. Made by hand, since it is made for every transition.
 *
 * Times are left out. The core compares them in few ways: a timer's deadline is the one it is armed for (a law), `<r/>` is
 * held until a moment (one bit here), one session hibernates longer than another, one stanza is older than another (both as
 * orders here), and one has an earlier time than the one before it in its queue, where the clock was set back (a mark here). Times of submission are compared with the onlooker's by a law, and say nothing else.
 */
import { type Account, type Event, type Session, toArray } from '@smacks/core'
import type { Element, End, Line, State, World } from './state.js'

/** All but what may yet be spent. */
export const futureKey = (world: World, state: State): string => {
  const { client, server, lines, c, p, d } = state
  let key = `${optionsKey(world, state)}${endKey(client, state.now)}#${endKey(server, state.now)}#`
  for (const line of lines) key += lineKey(world, line)
  key += `${c.stands}${c.arrived}/${p.stands}${p.arrived}/${d.stands}`
  return world.hasOther ? `${key}/${state.order}` : key
}

export const stateKey = (world: World, state: State): string => {
  const {
    binds,
    changes,
    clocks,
    closes,
    cuts,
    dials,
    drains,
    losses,
    others,
    refusals,
    restarts,
    sights,
    silences,
    stops,
  } = state.budget
  return `${futureKey(world, state)}!${binds}${changes}${clocks}${closes}${cuts}${dials}${drains}${losses}${others}${refusals}${restarts}${sights}${silences}${stops}`
}

/** Which options the server is under: those it began with or the others. */
export const hasOtherOptions = (world: World, { budget }: Pick<State, 'budget'>): boolean =>
  (world.budget.changes - budget.changes) % 2 === 1

const optionsKey = (world: World, state: State): string => (hasOtherOptions(world, state) ? '*' : '')

export const endKey = ({ account, key: its, asked, armed }: End, now: number): string => {
  let key = its
  for (const session of account.sessions) if (session._tag === 'Active' && now < session.request.heldUntil) key += '^'
  for (const { resource, timer } of armed) key += timer.charAt(3) + resource.charAt(0)
  return asked === undefined ? key : `${key}?${asked}`
}

export const accountKey = (world: World, account: Account<string>): string => {
  let key = ''
  for (const session of account.sessions) key += sessionKey(world, session)
  if (account.sessions.length > 1) {
    const asleep = account.sessions.flatMap(session => ('since' in session ? [session.since] : []))
    if (asleep.length > 1) key += (asleep[0] ?? 0) <= (asleep[1] ?? 0) ? '<' : '>'
  }
  for (const { smId, h } of account.oldSessions) key += `${smId}=${steps(world, h)}`
  for (const { serial, position } of account.lastAcks ?? []) key += `~${serial}=${steps(world, position)}`
  return key
}

/** A counter, said from where the world started: short, and the same wherever it wraps. */
const steps = ({ start }: World, counter: number): number =>
  typeof start === 'string' || counter < start ? counter : counter - start

const phases = {
  Connecting: 'C',
  Unmanaged: 'U',
  Negotiating: 'N',
  Enabling: 'E',
  Active: 'A',
  Hibernating: 'H',
  Resuming: 'R',
} as const

const sessionKey = (world: World, session: Session<string>): string => {
  let key = `${phases[session._tag]}${session.resource.charAt(0)}`
  if ('connection' in session) key += session.connection
  if (session._tag === 'Unmanaged') return session.serial === undefined ? key : `${key}~${session.serial}`
  key += `,${steps(world, session.outbound.acked)}`
  if (session.outbound.serial !== undefined) key += `~${session.outbound.serial}`
  let before = Number.NEGATIVE_INFINITY
  for (const { stanza, at, others } of toArray(session.outbound.unacked)) {
    key += at < before ? `~${stanza}` : stanza
    for (const { serial, position } of others ?? [])
      key += `@${serial}${position === undefined ? '' : `.${steps(world, position)}`}`
    before = at
  }
  const { layout, unsent } = session.outbound
  if (unsent.count > 0) key += `u${unsent.count}`
  // Where things lie decides nothing but where to look for them.
  for (const { from, count } of layout.gaps) key += `g${steps(world, from)}-${count}`
  if (session._tag === 'Active' && session.unwritten > 0) key += `w${session.unwritten}`
  if (session._tag === 'Negotiating') return session.resume ? `${key}r` : key
  if (session._tag === 'Connecting' || session._tag === 'Enabling') return key
  const resumption =
    session._tag === 'Active'
      ? session.resumption._tag === 'Some'
        ? session.resumption.value
        : undefined
      : session.resumption
  key += `,${steps(world, session.inbound.handled)}${resumption?.smId ?? ''}`
  const { ackDelay, ackHold, hibernation, readProbe } = session.deadlines
  key += `${ackDelay === undefined ? 0 : 1}${ackHold === undefined ? 0 : 1}${hibernation === undefined ? 0 : 1}${readProbe === undefined ? 0 : 1}`
  if (session._tag !== 'Active') return key
  const { awaiting, requestedFor } = session.request
  key += `${awaiting ? 'w' : ''}${requestedFor._tag === 'Some' ? steps(world, requestedFor.value) : ''}`
  return `${key}${session.client === 'inactive' ? 'i' : ''}${session.usesArchive ? 'm' : ''}`
}

const lineKey = (world: World, line: Line): string => {
  let key = `[${line.id}${line.client === 'gone' ? 'g' : ''}${line.isCut ? '/' : '-'}${line.server === 'gone' ? 'g' : ''}`
  for (const element of line.toClient) key += elementKey(world, element)
  key += '|'
  for (const element of line.toServer) key += elementKey(world, element)
  return key
}

const elementKey = (world: World, element: Element): string => {
  switch (element._tag) {
    case 'Stanza':
      return element.stanza
    case 'Ack':
      return `a${steps(world, element.h)}`
    case 'Request':
      return 'r'
    case 'Resume':
      return `R${element.previd}=${steps(world, element.h)}`
    case 'Resumed':
      return `D${element.previd}=${steps(world, element.h)}`
    case 'Failed':
      return `F${element.h === undefined ? '' : steps(world, element.h)}`
    case 'Close':
      return element.isClean ? 'X' : 'x'
    case 'Bind':
      return 'B'
    case 'Enable':
      return element.resume ? 'E' : 'e'
    case 'Enabled':
      return `N${element.id ?? ''}`
  }
}

/** What happens, without its time. */
export const eventKey = (world: World, event: Event<string>): string => {
  let key: string = event._tag
  if ('resource' in event) key += event.resource
  if ('connection' in event) key += event.connection
  if ('version' in event) key += event.version
  if ('stanza' in event) key += event.stanza
  if ('recipients' in event) for (const { stanza } of event.recipients) key += stanza
  if ('previd' in event) key += event.previd
  if ('h' in event && event.h !== undefined) key += `=${steps(world, event.h)}`
  if ('timer' in event) key += event.timer
  if ('resume' in event) key += event.resume
  if ('hold' in event) key += 'h'
  if ('max' in event) key += `<${event.max}`
  if ('config' in event) key += JSON.stringify(event.config)
  if ('room' in event) key += `/${event.room}`
  if ('by' in event) key += event.by
  if ('lastAlive' in event && event.lastAlive !== undefined) key += `@${event.at - event.lastAlive}`
  if ('journalled' in event) key += 'j'
  return key
}
