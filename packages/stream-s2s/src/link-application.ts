/** What is done with what the loop hands out: for links, and for everybody else. */
import type { Stanza } from '@smacks/codec'
import type { Domain } from '@smacks/im'
import type { AccountId, Application } from '@smacks/runtime'
import { readLink } from './link-name.js'
import type { Links } from './links.js'

/** The application of links. */
export const linkApplication = (
  links: Pick<Links, 'isUnmanaged' | 'wake'>,
  domain: Pick<Domain, 'linkLost' | 'receive' | 'returnFromLink' | 'sendAgain'>,
): Required<Application<Stanza>> => ({
  deliver: (_link, _resource, stanza) => domain.receive(stanza),
  returnToSender: (_link, _resource, stanza, facts, condition) =>
    domain.returnFromLink(stanza, facts, condition ?? 'recipient-unavailable'),
  redeliver: (_link, _resource, stanza, facts, submittedAt) => domain.sendAgain(stanza, facts, submittedAt),
  // A link is nobody who could come and read it.
  mayStoreOffline: (_link, stanza, facts) => {
    domain.returnFromLink(stanza, facts, 'recipient-unavailable')
    return false
  },
  // Nothing is remembered of a link beside what the loop itself has of it.
  changeRefused: () => {},
  sessionEnded: (link, _resource, reason) => {
    links.wake(link)
    const name = readLink(link)
    if (name !== undefined && reason !== 'closed' && reason !== 'stopped')
      domain.linkLost(name.here, name.there, links.isUnmanaged(link))
  },
})

/** Hands what is of links to the one application, and all else to the other. */
export const applicationOf = (
  isLink: (id: AccountId) => boolean,
  links: Required<Application<Stanza>>,
  accounts: Required<Application<Stanza>>,
): Required<Application<Stanza>> => {
  const of = (id: AccountId): Required<Application<Stanza>> => (isLink(id) ? links : accounts)
  return {
    deliver: (id, ...rest) => of(id).deliver(id, ...rest),
    returnToSender: (id, ...rest) => of(id).returnToSender(id, ...rest),
    redeliver: (id, ...rest) => of(id).redeliver(id, ...rest),
    mayStoreOffline: (id, ...rest) => of(id).mayStoreOffline(id, ...rest),
    changeRefused: id => of(id).changeRefused(id),
    sessionEnded: (id, ...rest) => of(id).sessionEnded(id, ...rest),
  }
}
