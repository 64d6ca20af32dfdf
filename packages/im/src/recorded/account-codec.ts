/** What instant messaging knows of an account, as JSON. What can be counted is counted anew. */
import { factsCodec, jsonCodecs } from '@smacks/codec'
import * as Either from '#fp-ts/Either'
import * as t from '#io-ts'
import type { Available, SessionPresence } from '../presence/session-presence.js'
import { type SubscriptionState, subscriptionStates } from '../presence/subscription.js'
import { withStale } from '../remote/stale.js'
import { noStaleContacts, type Stale } from '../remote/stale-contacts.js'
import type { RosterItem } from '../roster/item.js'
import { rosterOf } from '../roster/roster.js'
import type { ImAccount } from '../state.js'
import { stale } from './event-codec.js'
import { type Wording, wordsIn, xmlIn } from './xml-codecs.js'

const { flag, instant, list, optional, record, text, word } = jsonCodecs

type JsonCodec<A> = jsonCodecs.JsonCodec<A>

const state = word(Object.fromEntries(subscriptionStates.map(each => [each, true])) as Record<SubscriptionState, true>)

/** The account without what is counted. */
interface Written {
  readonly jid: string
  readonly roster: {
    readonly version: number
    readonly items: ReadonlyArray<RosterItem>
    readonly blocked: ReadonlyArray<string>
    readonly isBlockListWritten: boolean
  }
  readonly sessions: ReadonlyArray<SessionPresence>
  readonly stale: ReadonlyArray<Stale>
  readonly isDeliveringStored: boolean
}

const writtenIn = (wording: Wording): JsonCodec<Written> => {
  const words = wordsIn(wording)
  const xml = xmlIn(wording)
  const item = record<RosterItem>('a roster item', {
    jid: text,
    name: optional(words),
    groups: list(words),
    state,
    approved: flag,
    request: optional(xml),
    listed: flag,
  })
  const available = record<Available>('an available presence', { xml, facts: factsCodec, priority: instant })
  const session = record<SessionPresence>('the presence of a session', {
    resource: text,
    available: optional(available),
    directed: list(text),
    interested: flag,
    interestedInBlocks: flag,
    carbonsSince: optional(instant),
  })
  return record<Written>('an account', {
    jid: text,
    roster: record<Written['roster']>('a roster', {
      version: instant,
      items: list(item),
      blocked: list(text),
      isBlockListWritten: flag,
    }),
    sessions: list(session),
    stale: list(stale),
    isDeliveringStored: flag,
  })
}

/** The codec; what people wrote gets into the JSON as `wording` says. */
export const imAccountCodec = (wording: Wording): JsonCodec<ImAccount> => {
  const written = writtenIn(wording)
  return new t.Type<ImAccount, ReturnType<typeof written.encode>, unknown>(
    written.name,
    (value): value is ImAccount => typeof value === 'object' && value !== null && 'roster' in value,
    (value, context) => Either.map(read)(written.validate(value, context)),
    account => written.encode(write(account)),
  )
}

const write = ({ jid, roster, sessions, stale: contacts, isDeliveringStored }: ImAccount): Written => ({
  jid,
  roster: {
    version: roster.version,
    items: [...roster.items.values()],
    blocked: [...roster.blocked],
    isBlockListWritten: roster.isBlockListWritten,
  },
  sessions,
  stale: [...contacts.byContact.values()],
  isDeliveringStored,
})

const read = ({ jid, roster, sessions, stale: contacts, isDeliveringStored }: Written): ImAccount => ({
  jid,
  roster: rosterOf({
    version: roster.version,
    items: new Map(roster.items.map(item => [item.jid, item])),
    blocked: new Set(roster.blocked),
    isBlockListWritten: roster.isBlockListWritten,
  }),
  sessions,
  stale: contacts.reduce(withStale, noStaleContacts),
  isDeliveringStored,
})
