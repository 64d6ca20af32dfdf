/**
 * Messages that several sessions were given (`MessageSubmitted`). Each has one disposition: once any of them acked it, it is
 * delivered; while any of them holds it, that one decides; the last that ends settles it.
 *
 * Nothing is noted when an ack comes. Each copy says which stanzas of which sessions the others are, and a count says what
 * a session acked; of one that is over its last count is kept for as long as it may be asked for.
 */
import { advance, type Counter, isBehind } from '../counter.js'
import type { EndReason } from '../end-reason.js'
import type { Recipient } from '../event.js'
import { firstPosition, positionAt } from '../session/layout.js'
import type { StanzaFacts } from '../stanza.js'
import type { Account, Delivery, EndedSession, LastAck, Outbound, Session } from '../state.js'

/** So many last acks are kept. Where one is missing, nothing was acked. */
export const maxLastAcks = 100

/** What ends in one step: an account as the step found it, and why which of its sessions end. */
export interface Ending<A> {
  readonly account: Account<A>
  readonly reasons: ReadonlyMap<string, EndReason>
  /** What they leave is settled later. */
  readonly isDeferred: boolean
}

// As it is submitted

/** The account with a serial for each session that the message goes to, and these as the deliveries they will be. */
export const enlist = <A>(
  account: Account<A>,
  recipients: ReadonlyArray<Recipient<A>>,
): readonly [Account<A>, ReadonlyArray<Delivery>] => {
  let next = Math.max(
    0,
    ...[...account.sessions, ...toSettle(account).map(({ session }) => session)].map(one => serialOf(one) ?? 0),
    ...lastAcksOf(account).map(one => one.serial),
  )
  const given = account.sessions.flatMap(session => {
    const place = recipients.findIndex(({ resource }) => resource === session.resource)
    const recipient = recipients[place]
    if (recipient === undefined) return []
    const serial = serialOf(session) ?? next + 1
    next = Math.max(next, serial)
    return [{ place, session: withSerial(session, serial), delivery: deliveryOf(session, serial, recipient) }]
  })
  const sessions = account.sessions.map(
    session => given.find(one => one.session.resource === session.resource)?.session ?? session,
  )
  const deliveries = [...given].sort((one, other) => one.place - other.place).map(({ delivery }) => delivery)
  return [{ ...account, sessions }, deliveries]
}

const deliveryOf = <A>(session: Session<A>, serial: number, { facts }: Recipient<A>): Delivery => ({
  serial,
  ...(session._tag === 'Unmanaged' ? {} : { position: nextPosition(session.outbound) }),
  ...(facts.copy === undefined ? {} : { copy: facts.copy }),
})

/** Where the next stanza will be. Its number may still become less, if a presence before it is superseded. */
const nextPosition = <A>(outbound: Outbound<A>): Counter => positionAt(outbound, outbound.unacked.length)

const withSerial = <A>(session: Session<A>, serial: number): Session<A> =>
  session._tag === 'Unmanaged' ? { ...session, serial } : { ...session, outbound: { ...session.outbound, serial } }

const serialOf = <A>(session: Session<A>): number | undefined =>
  session._tag === 'Unmanaged' ? session.serial : session.outbound.serial

const lastAcksOf = <A>({ lastAcks = [] }: Account<A>): ReadonlyArray<LastAck> => lastAcks

// As a session ends

/** What the other sessions mean for a copy of a message. */
export type Elsewhere =
  /** One of them has it. */
  | 'delivered'
  /** One of them may yet get it, and decides. */
  | 'held'
  /** None of them will ever get it. */
  | 'nobody'

/** Of a copy that waits in `session`, which ends. */
export const elsewhere = <A>(
  ending: Ending<A>,
  session: Session<A>,
  others: ReadonlyArray<Delivery>,
  facts: StanzaFacts,
): Elsewhere => {
  const rank = rankOf(facts.copy, serialOf(session))
  const standings = others.map(delivery => standingOf(ending, delivery, rank))
  if (standings.includes('delivered')) return 'delivered'
  return standings.includes('held') ? 'held' : 'nobody'
}

const standingOf = <A>({ account, reasons }: Ending<A>, delivery: Delivery, rank: number): Elsewhere => {
  const { serial, position, copy } = delivery
  const session = account.sessions.find(one => serialOf(one) === serial)
  if (session === undefined) {
    // It ended in another step than this one, and decides when its own turn comes.
    if (toSettle(account).some(one => holdsYet(one, delivery))) return 'held'
    const last = lastAcksOf(account).find(one => one.serial === serial)
    return last !== undefined && isCovered(position, last.position) ? 'delivered' : 'nobody'
  }
  const reason = reasons.get(session.resource)
  if (session._tag === 'Unmanaged') return reason !== undefined && isLoss(reason) ? 'nobody' : 'delivered'
  if (isCovered(position, ackedPosition(session.outbound))) return 'delivered'
  return reason === undefined || rankOf(copy, serial) < rank ? 'held' : 'nobody'
}

/** Not settled, and not acked: that is looked up in `lastAcks`. */
const holdsYet = <A>({ session, settled }: EndedSession<A>, { serial, position }: Delivery): boolean =>
  session._tag !== 'Unmanaged' &&
  position !== undefined &&
  session.outbound.serial === serial &&
  !isBehind(position, positionAt(session.outbound, settled))

/** Of those that end together the least settles it: one with the message itself, since from a copy it has to be taken out. */
const rankOf = (copy: true | undefined, serial = 0): number => (copy ? copyRank : 0) + serial
const copyRank = 2 ** 40

const isCovered = (position: Counter | undefined, acked: Counter): boolean =>
  position === undefined || !isBehind(acked, position)

/** What the `h` last received covers: all up to this position. */
const ackedPosition = <A>(outbound: Outbound<A>): Counter => advance(firstPosition(outbound), -1)

/** The line was dead, nobody knows for how long. */
const isLoss = (reason: EndReason): boolean => reason === 'lost' || reason === 'replaced'

/** The account that `session` left, with its last ack, if that may be asked for. */
export const rememberLastAck = <A>(account: Account<A>, session: Session<A>, reason: EndReason): Account<A> => {
  const serial = serialOf(session)
  if (serial === undefined && account.lastAcks === undefined) return account
  const { lastAcks = [], ...rest } = account
  if (!someMayHold(account)) return rest
  if (serial === undefined) return account
  // What was written where nobody counts may have arrived, but not if the line was dead.
  if (session._tag === 'Unmanaged' && isLoss(reason)) return account
  const all = [...lastAcks, { serial, position: session._tag === 'Unmanaged' ? 0 : ackedPosition(session.outbound) }]
  return { ...rest, lastAcks: all.length > maxLastAcks ? withoutLeast(all) : all }
}

/** The account without last acks that nobody may ask for any more. */
export const forgetLastAcks = <A>(account: Account<A>): Account<A> => {
  if (account.lastAcks === undefined || someMayHold(account)) return account
  const { lastAcks: _, ...rest } = account
  return rest
}

const someMayHold = <A>(account: Account<A>): boolean =>
  account.sessions.some(session => mayHold(session, 0)) ||
  toSettle(account).some(({ session, settled }) => mayHold(session, settled))

/** It may hold what another session was given, behind what is settled of it. */
const mayHold = <A>(session: Session<A>, settled: number): boolean =>
  session._tag !== 'Unmanaged' && session.outbound.serial !== undefined && session.outbound.unacked.length > settled

const toSettle = <A>({ settlements = [] }: Account<A>): ReadonlyArray<EndedSession<A>> =>
  settlements.flatMap(({ ended }) => ended)

/** Without the least serial, so that the greatest, from which the next one is made, stays. */
const withoutLeast = (all: ReadonlyArray<LastAck>): ReadonlyArray<LastAck> => {
  const least = Math.min(...all.map(({ serial }) => serial))
  return all.filter(({ serial }) => serial !== least)
}
