/** The moves of a world whose client makes outgoing links: stanzas wait until it is connected, or nobody can be. */
import { type Draft, dialled, put } from './lines.js'
import { isSessions, sessionAt, sides } from './moves.js'
import type { Happening } from './perform.js'
import type { State, World } from './state.js'

/** `greet`: connected to a peer that has no stream management, or is not asked for it. */
export type LinkMove = { readonly does: 'connect' | 'greet' | 'unreachable' | 'want' }

export const linkMovesOf = (state: State): ReadonlyArray<LinkMove> => {
  const session = sessionAt(state, 'client')
  if (session?._tag === 'Negotiating') return [{ does: 'unreachable' }]
  if (session?._tag === 'Connecting') return [{ does: 'connect' }, { does: 'greet' }, { does: 'unreachable' }]
  return session === undefined && state.budget.binds > 0 ? [{ does: 'want' }] : []
}

export const describeLinkMove = ({ does }: LinkMove): string =>
  ({
    connect: 'the client connects and asks for stream management',
    greet: 'the client connects, and does not ask for stream management',
    unreachable: 'the client cannot connect',
    want: 'the client wants a connection',
  })[does]

/** What happens to the client; the server is told on the line. */
export const linkHappening = (draft: Draft, world: World, { does }: LinkMove): Happening => {
  const resource = 'phone'
  switch (does) {
    case 'want':
      return { _tag: 'ConnectionWanted', resource }
    case 'unreachable':
      return { _tag: 'ConnectionFailed', resource, condition: 'remote-server-not-found' }
    case 'connect':
      return {
        _tag: 'EnableRequested',
        resource,
        connection: bound(draft),
        version: 'urn:xmpp:sm:3',
        ...askingIn(world),
      }
    case 'greet':
      return { _tag: 'SessionBound', resource, connection: bound(draft) }
  }
}

/** What a client of this world asks for. */
export const askingIn = ({ resume, hold }: World): { readonly resume: boolean; readonly hold?: true } =>
  hold === undefined ? { resume } : { resume, hold }

/** The peer is about to learn whose line this is. */
const bound = (draft: Draft): string => {
  const connection = unused(draft) ?? dialled(draft)
  put(draft, 'client', connection, { _tag: 'Bind' })
  return connection
}

/** A line that stands, and that nobody talks on. */
export const unused = (draft: Draft): string | undefined =>
  draft.lines.find(
    line =>
      sides.every(side => line[side] === 'open' && !isSessions(draft, side, line)) &&
      !line.isCut &&
      line.toServer.length === 0,
  )?.id
