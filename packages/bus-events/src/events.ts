/** The events by the names that push modules of other servers know (XEP-0357, `mod_cloud_notify`). */
import type { BusEvent } from '@smacks/runtime'

type Named<A, Tag extends BusEvent<A>['_tag']> = Extract<BusEvent<A>, { readonly _tag: Tag }>

/**
 * What a listener is given, by the event's name. Each names its session (`account`, `resource`) and the time
 * (`at`, milliseconds since 1970).
 */
export interface SmacksEvents<A> {
  /** An `<r/>` is unanswered for `smacks_max_ack_delay`; `unacked` are the newest stanzas at risk, oldest first, behind `inStorage` others. */
  readonly 'smacks-ack-delayed': Named<A, 'AckDelayed'>
  /** The line dropped; `unacked`, behind `inStorage` others, waits for a resumption until `deadline`. */
  readonly 'smacks-hibernation-start': Named<A, 'HibernationStarted'>
  /** A `stanza` came for a hibernating session; `queueLength` counts it. */
  readonly 'smacks-hibernation-stanza-queued': Named<A, 'HibernationStanzaQueued'>
  /** Hibernation since `hibernatedSince` is over: `outcome` is `resumed`, or why the session ended. */
  readonly 'smacks-hibernation-end': Named<A, 'HibernationEnded'>
}

/** The names that can be listened to. */
export type SmacksEventName = keyof SmacksEvents<never>

/** The name under which a notice goes over the bus. */
export const eventName = (tag: BusEvent<never>['_tag']): SmacksEventName => names[tag]

const names: Readonly<Record<BusEvent<never>['_tag'], SmacksEventName>> = {
  AckDelayed: 'smacks-ack-delayed',
  HibernationStarted: 'smacks-hibernation-start',
  HibernationStanzaQueued: 'smacks-hibernation-stanza-queued',
  HibernationEnded: 'smacks-hibernation-end',
}
