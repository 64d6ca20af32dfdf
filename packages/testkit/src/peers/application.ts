/** The application of a peer: it does nothing with stanzas but to note what became of them. */

import type { Stanza } from '@smacks/codec'
import type { EndReason, Resource, StanzaFacts } from '@smacks/core'
import type { Application } from '@smacks/runtime'

/** What the application was told. */
export type Told =
  /** A stanza of the other peer is handled. */
  | { readonly _tag: 'Handled'; readonly resource: Resource; readonly stanza: Stanza }
  /** A stanza came back: nobody got it. */
  | { readonly _tag: 'Returned'; readonly resource: Resource; readonly stanza: Stanza; readonly facts: StanzaFacts }
  /** A stanza is to be routed anew, since its session is gone. */
  | { readonly _tag: 'Rerouted'; readonly resource: Resource; readonly stanza: Stanza; readonly facts: StanzaFacts }
  | { readonly _tag: 'Ended'; readonly resource: Resource; readonly reason: EndReason }

export const noteInto = (told: Array<Told>): Application<Stanza> => ({
  deliver: (_account, resource, stanza) => void told.push({ _tag: 'Handled', resource, stanza }),
  returnToSender: (_account, resource, stanza, facts) => void told.push({ _tag: 'Returned', resource, stanza, facts }),
  redeliver: (_account, resource, stanza, facts) => void told.push({ _tag: 'Rerouted', resource, stanza, facts }),
  sessionEnded: (_account, resource, reason) => void told.push({ _tag: 'Ended', resource, reason }),
})
