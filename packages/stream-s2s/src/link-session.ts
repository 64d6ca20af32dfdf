/** The one session of an outgoing link: where it is, what it is told, and what its phase means for the link. */
import type { Stanza } from '@smacks/codec'
import { type Event, type Resource, type Session, sessionOf } from '@smacks/core'
import type { AccountId, Clock, Runtime } from '@smacks/runtime'
import { outgoingResource } from './link-name.js'

/** The session of the link; nothing before anything was given to it, and after its end. */
export const linkSession = (runtime: Pick<Runtime<Stanza>, 'account'>, link: AccountId): Session<Stanza> | undefined =>
  sessionOf(runtime.account(link), outgoingResource)

/** An event of the session, but for its time and resource. */
export type LinkEvent = WithoutSession<Event<Stanza>>

type WithoutSession<E> = E extends { readonly resource: Resource } ? Omit<E, 'at' | 'resource'> : never

/** Tells the session of a link what happened now. */
export const dispatchToLink = (
  { runtime, clock }: { readonly runtime: Pick<Runtime<Stanza>, 'dispatch'>; readonly clock: Clock },
  link: AccountId,
  event: LinkEvent,
): void => runtime.dispatch(link, { ...event, at: clock.now(), resource: outgoingResource })

/** How a link stands: stanzas leave at once, or it is slow to acknowledge what it has, or they wait. */
export type LinkState = 'busy' | 'down' | 'ready'

/** How the link of this session stands. It is slow once as much is unacked as may wait for a link. */
export const linkStateOf = (session: Session<Stanza> | undefined, maxWaiting: number): LinkState => {
  switch (session?._tag) {
    case 'Unmanaged':
      return 'ready'
    case 'Active':
    case 'Enabling':
      return session.outbound.unacked.length < maxWaiting ? 'ready' : 'busy'
    default:
      return 'down'
  }
}

/** A session whose stanzas wait for a stream. */
export type WaitingSession = Extract<
  Session<Stanza>,
  { readonly _tag: 'Connecting' | 'Hibernating' | 'Negotiating' | 'Resuming' }
>

/** True if no stream takes what the session keeps. */
export const isWaiting = (session: Session<Stanza>): session is WaitingSession =>
  session._tag === 'Connecting' ||
  session._tag === 'Hibernating' ||
  session._tag === 'Negotiating' ||
  session._tag === 'Resuming'

/** True if no stream took anything of it yet. */
export const isUnsent = (session: Session<Stanza> | undefined): boolean =>
  session?._tag === 'Connecting' || session?._tag === 'Negotiating'

/** Stanzas that wait for a stream of the link. */
export const waitingIn = (session: Session<Stanza> | undefined): number =>
  session !== undefined && isWaiting(session) ? session.outbound.unacked.length : 0

/** True if the stream is established and nothing is unacked: it can be closed, and established again when it is needed. */
export const isIdle = (session: Session<Stanza>): boolean =>
  session._tag === 'Unmanaged' || (session._tag === 'Active' && session.outbound.unacked.length === 0)
