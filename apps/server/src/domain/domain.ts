/** What the reference server does with stanzas (RFC 6121), once stream management has counted them. */
import type { Stanza } from '@smacks/codec'
import type { AccountId, Application } from '@smacks/runtime'

export interface Domain extends Application<Stanza> {
  /** A session was bound: it exists, without presence. */
  readonly sessionBound: (account: AccountId, resource: string) => void
}
