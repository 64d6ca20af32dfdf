/** What the runtime hands out: of links to whoever uses them, of accounts to the application of accounts. */
import type { Stanza } from '@smacks/codec'
import type { Instant, StanzaFacts, UnreachableCondition } from '@smacks/core'
import type { AccountId, Application, RecoverySteps } from '@smacks/runtime'
import { readLink } from './link-name.js'
import type { Links } from './links.js'

/** Whoever takes what comes over links, and what does not get over one. */
export interface LinkUser {
  /** A stanza came from another server: its `from` and `to` are of the two domains of the link. */
  readonly receive: (stanza: Stanza) => void
  /** A stanza that was given to a link did not get there: its sender is to be told, with this condition. */
  readonly returnFromLink: (
    stanza: Stanza,
    facts: StanzaFacts,
    condition: 'recipient-unavailable' | UnreachableCondition,
  ) => void
  /** A stanza that did not get there is to be routed again (`smacks_s2s_resend`). */
  readonly sendAgain: (stanza: Stanza, facts: StanzaFacts, submittedAt: Instant) => void
  /**
   * A link between a served domain and another, in either direction, is gone, and what was on its way may be lost. Without
   * stream management (`isUnmanaged`) it is not known what that was.
   */
  readonly linkLost: (local: string, remote: string, isUnmanaged: boolean) => void
}

/** The application of links. */
export const linkApplication = (
  links: Pick<Links, 'isUnmanaged' | 'recover' | 'wake'>,
  user: LinkUser,
): Required<Application<Stanza>> => ({
  deliver: (_link, _resource, stanza) => user.receive(stanza),
  returnToSender: (_link, _resource, stanza, facts, condition) =>
    user.returnFromLink(stanza, facts, condition ?? 'recipient-unavailable'),
  redeliver: (_link, _resource, stanza, facts, submittedAt) => user.sendAgain(stanza, facts, submittedAt),
  // A link has no offline storage: nobody would come and read it.
  mayStoreOffline: (_link, stanza, facts) => {
    user.returnFromLink(stanza, facts, 'recipient-unavailable')
    return false
  },
  // Nothing is stored for a link besides its session.
  changeRefused: () => {},
  sessionEnded: (link, _resource, reason) => {
    links.wake(link)
    const name = readLink(link)
    if (name !== undefined && reason !== 'closed' && reason !== 'stopped')
      user.linkLost(name.local, name.remote, links.isUnmanaged(link))
  },
  recovery: { restore: () => {}, abandoned: () => [], resume: () => links.recover() },
})

/** Routes what concerns links to one application, and all else to another. After a restart accounts go before links. */
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
    recovery: inTurn(accounts.recovery, links.recovery),
  }
}

const inTurn = (first: RecoverySteps, second: RecoverySteps): RecoverySteps => ({
  restore: () => {
    first.restore()
    second.restore()
  },
  abandoned: all => {
    const ids = [...all]
    return [...first.abandoned(ids), ...second.abandoned(ids)]
  },
  resume: () => {
    first.resume()
    second.resume()
  },
})
