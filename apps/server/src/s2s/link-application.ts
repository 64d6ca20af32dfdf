/** What is done with what the loop hands out for links, as for any session. */
import type { Stanza } from '@smacks/codec'
import type { StanzaFacts, UnreachableCondition } from '@smacks/core'
import type { Application } from '@smacks/runtime'
import type { Links } from './links.js'

/** What the domain does about stanzas of other servers. */
export interface Domains {
  /** A stanza came from another server; its addresses are those of the link. */
  readonly receive: (stanza: Stanza) => void
  /** A stanza could not be sent: its sender here is told, with this condition. */
  readonly giveBack: (
    stanza: Stanza,
    facts: StanzaFacts,
    condition: UnreachableCondition | 'recipient-unavailable' | 'resource-constraint',
  ) => void
}

export const linkApplication = (links: Links, domains: Domains): Application<Stanza> => ({
  deliver: (_link, _resource, stanza) => domains.receive(stanza),
  returnToSender: (_link, _resource, stanza, facts, condition) =>
    domains.giveBack(stanza, facts, condition ?? 'recipient-unavailable'),
  // The link is the same: only what died under it is another. Once more, and then it goes back.
  redeliver: (_link, _resource, stanza, facts) => {
    const refused = links.send(stanza, { ...facts, again: true })
    if (refused !== undefined) domains.giveBack(stanza, facts, refused)
  },
  sessionEnded: link => links.wake(link),
})
