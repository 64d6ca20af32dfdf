/** Accounts and a world as plain data, for tests of the reducer by itself. */
import { parseJid } from '@smacks/codec'
import { toUndefined } from 'fp-ts/lib/Option.js'
import type { SubscriptionState } from '../../../packages/im/src/presence/subscription.js'
import { noStaleContacts } from '../../../packages/im/src/remote/stale-contacts.js'
import { rosterOf } from '../../../packages/im/src/roster/roster.js'
import { createServices, standardServices } from '../../../packages/im/src/services/registry.js'
import type { ServingView } from '../../../packages/im/src/services/service.js'
import type { ImAccount } from '../../../packages/im/src/state.js'

/** An account of these contacts, all in its roster, with no session. */
export const accountOf = (jid: string, contacts: Readonly<Record<string, SubscriptionState>> = {}): ImAccount => ({
  jid,
  roster: rosterOf({
    version: 1,
    items: new Map(
      Object.entries(contacts).map(([contact, state]) => [
        contact,
        { jid: contact, groups: [], state, approved: false, listed: true },
      ]),
    ),
    blocked: new Set(),
    isBlockListWritten: true,
  }),
  sessions: [],
  stale: noStaleContacts,
  isDeliveringStored: false,
})

/** A world in which everybody exists, there is room for all, and each link stands; but for what is said. */
export const worldOf = (domains: ReadonlyArray<string>, others: Partial<ServingView> = {}): ServingView => ({
  services: createServices(standardServices),
  records: () => [],
  now: 0,
  domains: new Set(domains),
  isFederated: true,
  storesOffline: true,
  isDataFull: false,
  version: '1',
  contactBytes: 1_000_000,
  accountExists: () => true,
  hasSession: () => true,
  addressIn: text => toUndefined(parseJid(text)),
  linkTo: () => 'ready',
  refusalToStore: () => undefined,
  hasRoomForStranger: () => true,
  ...others,
})
