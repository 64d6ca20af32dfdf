/** Mends what is journalled of one account. No server may have the journal open meanwhile. */
import {
  type Account,
  advance,
  type Counter,
  distance,
  isVacant,
  type Positions,
  positionsOf,
  type Session,
} from '@smacks/core'
import { type AccountId, createFold, type Folded } from '@smacks/runtime'
import { isLeft, isRight, right } from '#fp-ts/Either'
import { bytesOfChange, bytesOfRemoval, bytesOfText, DiskReservation } from './disk-reservation.js'
import { configOf, countedIn, type InspectionOptions, storedOf } from './inspection.js'
import { checkAccount, resourceKey } from './keys.js'
import { lastRow } from './log-rows.js'
import { pendingActs } from './pending-acts.js'
import type { Quarantined } from './quarantine.js'
import { linesOf, refuseNewerRows, type Stored } from './stored.js'

/** `forget`: nothing is left. `keep-readable`: what could be read before the first fault becomes the account's state. */
export type Repair = 'forget' | 'keep-readable'

export interface RepairReport {
  readonly account: AccountId
  /** Sessions that the server will recover. */
  readonly sessions: number
  /** Lines of the log that went into these, and lines that were given up. */
  readonly entriesKept: number
  readonly entriesLost: number
  /** Unacked stanzas in storage that went. */
  readonly keptForgotten: number
}

/**
 * Mends an account in one transaction, whether it is in quarantine or not, and takes it out of there. With `forget` all
 * its sessions and their stanzas go; old sessions, offline messages and records stay. With `keep-readable` the snapshot
 * and the lines of the log before the first that does not decode come back as a snapshot; a session whose kept stanzas
 * are not all there is lost. The journal must have been closed since its process ended: what its log says of LMDB has to be
 * there. Throws an `Error` if it was not, if nothing is journalled of the account, if a newer program wrote the log, or if the disk is full.
 */
export const repairAccount = <A>(options: InspectionOptions<A>, account: AccountId, how: Repair): RepairReport => {
  checkAccount(account)
  const stored = storedOf(options)
  if (pendingActs(stored).rows.length > 0)
    throw new Error('the log has what is not in data.mdb yet: open the journal and close it before it is repaired')
  const found = storedOfAccount(stored, account)
  const kept = [...stored.kept.all(account)].length
  const last = lastRow(stored.folder, stored.rows)
  if (found === undefined && kept === 0) throw new Error(`nothing is journalled of ${account}`)
  const { lines, upTo: covered } = found ?? nothingStored
  const { folded, entries } = how === 'forget' ? nothingReadable : readable(options, stored, found ?? nothingStored)
  const state = countedIn(stored.kept, account, folded)
  const left = readableOf(stored, account, state)
  const { sessions } = left
  const text = folded === undefined || isVacant(left) ? undefined : stored.codecs.encodeState(left, folded.config)
  const removed = (lines.length + kept) * bytesOfRemoval
  new DiskReservation(stored.env).reserve(3 * bytesOfChange + bytesOfText(text?.length ?? 0) + removed)
  return stored.env.transactionSync(() => {
    const upTo = Math.max(covered, last)
    stored.quarantine.drop(account)
    // A snapshot without sessions covers what the log may still have.
    stored.snapshots.putSync(account, stored.codecs.snapshotUpTo(upTo, text))
    const keptForgotten = stored.kept.forgetOthers(account, (key, position) => isKeptBy(left, account, key, position))
    const entriesLost = lines.length - entries
    return { account, sessions: sessions.length, entriesKept: entries, entriesLost, keptForgotten }
  })
}

type StoredOfAccount = Omit<Quarantined, 'reason'>

const nothingStored: StoredOfAccount = { upTo: 0, lines: [] }

/** What there is of an account, in quarantine or outside; nothing if it is in neither. */
const storedOfAccount = <A>(stored: Stored<A>, account: AccountId): StoredOfAccount | undefined => {
  refuseNewerRows(stored)
  const quarantined = stored.quarantine.read(account)
  if (quarantined !== undefined) return quarantined
  const snapshot = stored.snapshots.get(account)
  const lines = linesOf(stored, [account]).get(account) ?? []
  if (snapshot === undefined) return lines.length === 0 ? undefined : { upTo: 0, lines }
  return { upTo: 0, lines, snapshot }
}

interface Readable<A> {
  readonly folded: Folded<A> | undefined
  /** Lines of the log that it is made of. */
  readonly entries: number
}

const nothingReadable: Readable<never> = { folded: undefined, entries: 0 }

/** The snapshot, and the lines before the first that does not decode. */
const readable = <A>(
  options: InspectionOptions<A>,
  { codecs }: Stored<A>,
  { snapshot: text, lines }: StoredOfAccount,
): Readable<A> => {
  const snapshot = text === undefined ? right({ upTo: 0 }) : codecs.decodeSnapshot(text)
  if (isLeft(snapshot)) return nothingReadable
  const fold = createFold(configOf(options))
  let folded: Folded<A> | undefined
  if ('state' in snapshot.right && snapshot.right.state !== undefined)
    folded = fold(undefined, { ...snapshot.right, _tag: 'Baseline', state: snapshot.right.state })
  let entries = 0
  for (const { head, text: line } of lines) {
    const read = codecs.decodeEntry(line)
    const entry = head !== undefined || isLeft(read) ? undefined : read.right.entry()
    if (entry === undefined || isLeft(entry)) break
    folded = fold(folded, entry.right)
    entries += 1
  }
  return { folded, entries }
}

/** The account without sessions, also ended ones, whose kept stanzas are not all there. */
const readableOf = <A>(stored: Stored<A>, account: AccountId, state: Account<A>): Account<A> => {
  const { settlements, ...rest } = state
  const left = { ...rest, sessions: state.sessions.filter(session => hasAllKept(stored, account, session, 0)) }
  const readable = (settlements ?? [])
    .map(settlement => ({
      ...settlement,
      ended: settlement.ended.filter(({ session, settled }) => hasAllKept(stored, account, session, settled)),
    }))
    .filter(({ ended }) => ended.length > 0)
  return readable.length === 0 ? left : { ...left, settlements: readable }
}

/** A session whose stanzas went meanwhile, since later events acked them, is lost: nobody can tell how it went on. */
const hasAllKept = <A>({ kept }: Stored<A>, account: AccountId, session: Session<A>, settled: number): boolean =>
  keptOf(session, settled).every(({ from, count }) => {
    for (let offset = 0; offset < count; offset += 1)
      if (!isRight(kept.read(account, session.resource, advance(from, offset), 1))) return false
    return true
  })

/** Where the kept stanzas of a session lie of which so many are settled. */
const keptOf = (session: Session<unknown>, settled: number): ReadonlyArray<Positions> =>
  'outbound' in session ? positionsOf(session.outbound, settled, Math.max(0, session.outbound.spilled - settled)) : []

const isKeptBy = (
  { sessions, settlements = [] }: Account<unknown>,
  account: AccountId,
  key: string,
  position: Counter,
): boolean =>
  [...sessions.map(session => ({ session, settled: 0 })), ...settlements.flatMap(({ ended }) => ended)].some(
    ({ session, settled }) =>
      resourceKey(account, session.resource) === key &&
      keptOf(session, settled).some(({ from, count }) => distance(from, position) < count),
  )
