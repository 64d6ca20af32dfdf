/** What the lines between the two do with what is put on them. */
import type { ConnectionId } from '@smacks/core'
import { isSessions, isUseless, sides } from './moves.js'
import { type Element, type Line, otherSide, type Side, type State } from './state.js'

/** A state in the making: its parts are replaced, never changed. */
export type Draft = { -readonly [K in keyof State]: State[K] }

const nothing: ReadonlyArray<never> = []

export const coming = (line: Line, to: Side): ReadonlyArray<Element> =>
  to === 'client' ? line.toClient : line.toServer

const withComing = (line: Line, to: Side, elements: ReadonlyArray<Element>): Line =>
  to === 'client' ? { ...line, toClient: elements } : { ...line, toServer: elements }

export const change = (draft: Draft, id: ConnectionId, how: (line: Line) => Line): void => {
  draft.lines = draft.lines.map(line => (line.id === id ? how(line) : line))
}

/** A name that no connection has which anybody still knows of, so that equal futures are equal states. */
export const dialled = (draft: Draft): ConnectionId => {
  let number = 1
  while (isKnown(draft, `L${number}`)) number += 1
  const id = `L${number}`
  forgetName(draft, id)
  draft.lines = [
    ...draft.lines,
    { id, toClient: nothing, toServer: nothing, client: 'open', server: 'open', isCut: false },
  ]
  return id
}

/** What was written to a line of this name was written to another. */
const forgetName = (draft: Draft, id: ConnectionId): void => {
  for (const stream of ['c', 'p', 'd'] as const)
    if (draft[stream].on.includes(id))
      draft[stream] = { ...draft[stream], on: draft[stream].on.map(on => (on === id ? 'an earlier line' : on)) }
}

const isKnown = (draft: Draft, id: ConnectionId): boolean =>
  draft.lines.some(line => line.id === id) ||
  sides.some(side => draft[side].account.sessions.some(session => 'connection' in session && session.connection === id))

/** Something is said. False if the line was closed before by the one who says it. */
export const put = (draft: Draft, from: Side, id: ConnectionId, element: Element): boolean => {
  const line = draft.lines.find(one => one.id === id)
  // The other session's lines are not looked at.
  if (line === undefined) return !id.startsWith('L')
  if (line[from] === 'gone') return false
  const to = otherSide(from)
  if (!isUseless(line, from)) change(draft, id, one => withComing(one, to, [...coming(one, to), element]))
  return true
}

/** The first of what is on its way, taken off the line. */
export const takeFirst = (draft: Draft, line: Line, to: Side): Element | undefined => {
  const [first, ...rest] = coming(line, to)
  change(draft, line.id, one => withComing(one, to, rest))
  return first
}

/** This end of the line is no more: what was asked on it will not be answered. */
export const leave = (draft: Draft, side: Side, id: ConnectionId): void => {
  change(draft, id, line => withComing({ ...line, [side]: 'gone' }, side, nothing))
  if (draft[side].asked === id) draft[side] = { ...draft[side], asked: undefined }
}

export const cut = (draft: Draft, id: ConnectionId): void =>
  change(draft, id, line => ({ ...line, isCut: true, toClient: nothing, toServer: nothing }))

/** Forgets lines that can do nothing any more. */
export const tidy = (draft: Draft): void => {
  for (const line of draft.lines)
    for (const side of sides) {
      const isOver = isUseless(line, side) || isIdle(draft, line)
      if (line[side] === 'open' && coming(line, side).length === 0 && isOver && !isSessions(draft, side, line))
        leave(draft, side, line.id)
    }
  if (draft.lines.some(isForgotten)) draft.lines = draft.lines.filter(line => !isForgotten(line))
}

const isForgotten = ({ client, server }: Line): boolean => client === 'gone' && server === 'gone'

/** Nobody uses it and nobody is going to. */
const isIdle = (draft: Draft, line: Line): boolean =>
  draft.budget.binds === 0 &&
  line.toClient.length + line.toServer.length === 0 &&
  sides.every(side => !isSessions(draft, side, line))
