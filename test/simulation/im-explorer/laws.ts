/** What holds whenever the server is at rest. Each law returns what is wrong. */
import { parseElement } from '@smacks/codec'
import { isRight } from 'fp-ts/lib/Either.js'
import { encodePresence, presenceRecords } from '../../../packages/im/src/presence/record.js'
import type { SessionPresence } from '../../../packages/im/src/presence/session-presence.js'
import {
  isPendingIn,
  isPendingOut,
  isSeenByContact,
  seesContact,
} from '../../../packages/im/src/presence/subscription.js'
import { type RosterItem, subscriptionOf, unknownContact } from '../../../packages/im/src/roster/item.js'
import { openRosters } from '../../../packages/im/src/roster/roster-records.js'
import type { ImAccount } from '../../../packages/im/src/state.js'
import { type Client, jidOf } from './client.js'
import type { Life } from './process.js'
import type { World } from './world.js'

/** What instant messaging knows in memory, by account. */
export type Truth = ReadonlyMap<string, ImAccount>

export const truthOf = ({ clients, life }: World): Truth =>
  new Map(clients.map(({ account }) => [account, life.known(account)]))

/** All of them, of a server at rest. */
export const brokenAtRest = (world: World, truth: Truth): string | undefined =>
  faults(world) ?? memoryIsDurable(world, truth) ?? noGhosts(world, truth) ?? rostersAgree(truth)

const faults = ({ life }: World): string | undefined =>
  life.faults.length === 0 ? undefined : `something threw or was told: ${life.faults.map(String).join(', ')}`

/** What is in memory is what is on the disk: no more, and no less. */
const memoryIsDurable = ({ life }: World, truth: Truth): string | undefined => {
  for (const [account, { sessions, roster }] of truth) {
    const [known, written] = [presencesOf(sessions), writtenPresences(life, account)]
    if (known !== written) return `of ${account} is known ${known}, and written ${written}`
    const [held, kept] = [itemsOf(roster.items), itemsOf(writtenItems(life, account))]
    if (held !== kept) return `the roster of ${account} is ${held}, and written is ${kept}`
  }
  return undefined
}

export const presencesOf = (sessions: ReadonlyArray<SessionPresence>): string =>
  JSON.stringify(sessions.map(session => [session.resource, encodePresence(session)]).sort())

export const writtenPresences = ({ journal }: Life, account: string): string =>
  JSON.stringify([...journal.records(presenceRecords, account)].map(({ name, text }) => [name, text]))

const writtenItems = ({ journal }: Life, account: string): ReadonlyMap<string, RosterItem> =>
  openRosters({
    records: journal.records,
    runtime: { change: () => {}, whenRecorded: () => {} },
    onBadRecord: () => {},
    now: () => 1,
  }).read(account).items

export const itemsOf = (items: ReadonlyMap<string, RosterItem>): string =>
  JSON.stringify(
    [...items.values()]
      .map(({ jid, state, approved, listed, request }) => [jid, state, approved, listed, request])
      .sort(),
  )

/** Of whom something is known has a session. */
const noGhosts = ({ life }: World, truth: Truth): string | undefined => {
  for (const [account, { sessions }] of truth) {
    const there = life.runtime.account(account).sessions.map(({ resource }) => resource)
    const ghost = sessions.find(({ resource }) => !there.includes(resource))
    if (ghost !== undefined) return `${account}/${ghost.resource} has no session, and yet presence`
  }
  return undefined
}

/** RFC 6121, Appendix A: what one side of a subscription is, the other side knows. */
const rostersAgree = (truth: Truth): string | undefined => {
  for (const [one, { roster }] of truth)
    for (const [other, { roster: theirs }] of truth) {
      if (one === other) continue
      const { state } = roster.items.get(other) ?? unknownContact(other)
      const { state: mirrored } = theirs.items.get(one) ?? unknownContact(one)
      if (seesContact(state) !== isSeenByContact(mirrored) || isPendingOut(state) !== isPendingIn(mirrored))
        return `${other} is "${state}" for ${one}, who is "${mirrored}" for them`
    }
  return undefined
}

/** What the client shows its user is what the server knows. */
export const brokenPicture = (truth: Truth, client: Client): string | undefined => {
  const me = jidOf(client)
  const mine = truth.get(client.account)
  const session = mine?.sessions.find(({ resource }) => resource === client.resource)
  if (mine === undefined || session === undefined) return `${me} is there, and the server knows nothing of it`
  const gone = new Set(client.picture.keys())
  gone.delete(me)
  for (const [account, shown] of truth)
    for (const other of shown.sessions) {
      const them = `${account}/${other.resource}`
      if (them === me) continue
      const sees = client.picture.get(them)
      const allowed = allowedViews(client, session, shown, other)
      if (!allowed.includes(sees)) return `${me} sees ${them} as ${sees}, and not as ${allowed.join(' or ')}`
      gone.delete(them)
    }
  if (gone.size > 0) return `${me} goes on seeing ${[...gone].join(', ')}`
  return session.interested ? brokenRoster(client, mine) : undefined
}

/** What the client may see of another session. */
const allowedViews = (
  { account, resource }: Client,
  { available }: SessionPresence,
  shown: ImAccount,
  other: SessionPresence,
): ReadonlyArray<string | undefined> => {
  const isSubscribed =
    account === shown.jid || isSeenByContact((shown.roster.items.get(account) ?? unknownContact(account)).state)
  const isDirected =
    other.directed.includes(`${account}/${resource}`) || (available !== undefined && other.directed.includes(account))
  const directed = isDirected ? ['directed'] : []
  if (isSubscribed && available !== undefined && other.available !== undefined)
    return [statusOf(other.available.xml), ...directed]
  return [undefined, ...directed]
}

const statusOf = (xml: string): string => {
  const parsed = parseElement(xml)
  return isRight(parsed) ? (parsed.right.getChildText('status') ?? '') : xml
}

const brokenRoster = (client: Client, { roster }: ImAccount): string | undefined => {
  const shown = JSON.stringify([...client.roster].sort())
  const kept = JSON.stringify(
    [...roster.items.values()]
      .filter(({ listed }) => listed)
      .map(({ jid, state }) => [jid, `${subscriptionOf(state)} ${isPendingOut(state) ? 'subscribe' : ''}`])
      .sort(),
  )
  return shown === kept ? undefined : `${jidOf(client)} shows the roster ${shown}, and it is ${kept}`
}
