/** The events by the names that push modules of other servers know (XEP-0357, `mod_cloud_notify`). */
import type { Instant } from '@smacks/core'
import type { BusEvent } from '@smacks/runtime'

type Named<A, Tag extends BusEvent<A>['_tag']> = Extract<BusEvent<A>, { readonly _tag: Tag }>

/** Somebody could not show to be who they said. */
export interface AuthenticationFailure {
  readonly _tag: 'AuthenticationFailure'
  readonly at: Instant
  /** The peer's address, without its port. */
  readonly address: string
  /** Whom it said to be, as far as it did: a bare JID, or a server's domain. Whether there is such an account is not told. */
  readonly account?: string
  /** Of SASL, or `dialback`; absent if none was chosen. */
  readonly mechanism?: string
  /** The condition that the peer was told (RFC 6120 §6.5). */
  readonly reason: string
}

/** All that goes over the bus. */
export type AnyEvent<A> = AuthenticationFailure | BusEvent<A>

/**
 * What a listener is given, by the event's name. Each of those of stream management names its session (`account`, `resource`) and the time
 * (`at`, milliseconds since 1970).
 */
export interface SmacksEvents<A> {
  /** An `<r/>` is unanswered for `smacks_max_ack_delay`; `unacked` are the stanzas at risk, oldest first. */
  readonly 'smacks-ack-delayed': Named<A, 'AckDelayed'>
  /** The line dropped; `unacked` waits for a resumption until `deadline`. */
  readonly 'smacks-hibernation-start': Named<A, 'HibernationStarted'>
  /** A `stanza` came for a hibernating session; `queueLength` counts it. */
  readonly 'smacks-hibernation-stanza-queued': Named<A, 'HibernationStanzaQueued'>
  /** Hibernation since `hibernatedSince` is over: `outcome` is `resumed`, or why the session ended. */
  readonly 'smacks-hibernation-end': Named<A, 'HibernationEnded'>
  readonly 'authentication-failure': AuthenticationFailure
}

/** The names that can be listened to. */
export type SmacksEventName = keyof SmacksEvents<never>

/** The name under which a notice goes over the bus. */
export const eventName = (tag: AnyEvent<never>['_tag']): SmacksEventName => names[tag]

const names: Readonly<Record<AnyEvent<never>['_tag'], SmacksEventName>> = {
  AuthenticationFailure: 'authentication-failure',
  AckDelayed: 'smacks-ack-delayed',
  HibernationStarted: 'smacks-hibernation-start',
  HibernationStanzaQueued: 'smacks-hibernation-stanza-queued',
  HibernationEnded: 'smacks-hibernation-end',
}
