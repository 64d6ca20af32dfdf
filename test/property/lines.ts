/** What was written to which connection, as the effects say, and what must hold of it. */
import { type Account, type ConnectionId, connectionOf, type Session, toArray } from '@smacks/core'
import { expect } from 'vitest'
import type { Step } from './model.js'

export interface Lines {
  /** All that was written anywhere. */
  readonly sent: Set<string>
  readonly on: Map<ConnectionId, Set<string>>
  /** Connections that are to say when they are drained. */
  readonly awaited: Set<ConnectionId>
}

/** What a program begins with was written, unless there was no connection. */
export const newLines = (start: Account<string>): Lines => {
  const lines: Lines = { sent: new Set(), on: new Map(), awaited: new Set() }
  for (const session of start.sessions) {
    const connection = connectionOf(session)
    if (session._tag === 'Connecting' || session._tag === 'Negotiating') continue
    for (const stanza of queueOf(session)) lines.sent.add(stanza)
    if (connection !== undefined && session._tag !== 'Resuming') lines.on.set(connection, new Set(queueOf(session)))
  }
  return lines
}

export const wroteOn = ({ on }: Lines, connection: ConnectionId, stanza: string): boolean =>
  on.get(connection)?.has(stanza) === true

/**
 * Notes what a step wrote. Of what waits, a connection carries the oldest; each stanza once, in their order; and if it does
 * not carry all, it is to say when it can take more.
 */
export const checkPages = ({ after, effects, event }: Step, lines: Lines): void => {
  if (event._tag === 'ConnectionDrained') lines.awaited.delete(event.connection)
  for (const effect of effects) {
    if (effect._tag === 'AwaitDrain') lines.awaited.add(effect.connection)
    if (effect._tag !== 'SendStanza') continue
    expect(wroteOn(lines, effect.connection, effect.stanza)).toBe(false)
    const written = lines.on.get(effect.connection) ?? new Set()
    lines.on.set(effect.connection, written.add(effect.stanza))
    lines.sent.add(effect.stanza)
  }
  for (const session of after.sessions) {
    if (session._tag !== 'Active' && session._tag !== 'Enabling') continue
    const queue = queueOf(session)
    const carried = queue.filter(stanza => wroteOn(lines, session.connection, stanza))
    expect(carried).toEqual(queue.slice(0, carried.length))
    if (carried.length === queue.length) continue
    expect(lines.awaited).toContain(session.connection)
    expect(session).toMatchObject({ _tag: 'Active', unwritten: queue.length - carried.length })
  }
}

const queueOf = (session: Session<string>): ReadonlyArray<string> =>
  'outbound' in session ? toArray(session.outbound.unacked).map(({ stanza }) => stanza) : []
