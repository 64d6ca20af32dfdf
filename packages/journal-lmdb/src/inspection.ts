/** What stands in a journal, for whoever looks after it: nothing here changes anything. */
import type { PayloadCodec } from '@smacks/codec'
import {
  type Account,
  type Config,
  type Counter,
  defaultConfig,
  emptyAccount,
  type Instant,
  type Phase,
  type Resource,
  recount,
  type Session,
} from '@smacks/core'
import { type AccountId, createFold, type Folded, type Journalled } from '@smacks/runtime'
import { isSome } from '#fp-ts/Option'
import type { Environment } from './environment.js'
import type { KeptStanzas } from './kept.js'
import { keptWithPending } from './pending-kept.js'
import { unknownAccount } from './quarantine.js'
import { sessionCodecs } from './session-codecs.js'
import { linesOf, openStored, readStored, type Stored } from './stored.js'

export interface InspectionOptions<A> {
  readonly env: Environment
  /** As the journal that wrote it was told. */
  readonly payload: PayloadCodec<A>
  readonly absent: A
  /**
   * That of the server: what was written before options were journalled depends on it. The core's own, with queues in
   * storage, unless told.
   */
  readonly config?: Config
}

export interface JournalReport {
  /** By name. */
  readonly accounts: ReadonlyArray<AccountReport>
  readonly totals: JournalTotals
}

export interface AccountReport {
  readonly account: AccountId
  /** As the server would recover them; none if the account is in quarantine. */
  readonly sessions: ReadonlyArray<SessionReport>
  /** Lines of the log that no snapshot covers, and their characters. */
  readonly logEntries: number
  readonly logCharacters: number
  /** Rows of unacked stanzas in storage, and their characters. */
  readonly keptStanzas: number
  readonly keptCharacters: number
  /** Why the account is in quarantine, or would be at the next start. */
  readonly quarantined?: string
}

export interface SessionReport {
  readonly resource: Resource
  readonly phase: Phase
  /** Present if the session can be resumed. */
  readonly smId?: string
  /** Our `h`. */
  readonly handled: Counter
  /** The `h` last received. */
  readonly acked: Counter
  readonly unacked: number
  /** How many of these lie in storage. */
  readonly kept: number
  /** When the client went away, of sessions that wait for it. */
  readonly since?: Instant
}

export interface JournalTotals {
  readonly accounts: number
  readonly sessions: number
  readonly quarantined: number
  readonly logEntries: number
  readonly logCharacters: number
  readonly keptStanzas: number
  readonly keptCharacters: number
  /** Lines of the log, in quarantine or not, of which not even the account can be told. */
  readonly strayLines: number
}

/** Folds the journal and tells what comes of it. Read only: what does not decode is told and left where it is. */
export const inspectJournal = <A>(options: InspectionOptions<A>): JournalReport => {
  const stored = storedOf(options)
  const fold = createFold(configOf(options))
  const states = new Map<AccountId, Folded<A>>()
  const known = new Map<AccountId, { entries: number; characters: number; bad?: string }>()
  let strayLines = stored.quarantine.read(unknownAccount)?.lines.length ?? 0
  const noted = (account: AccountId) => {
    const note = known.get(account) ?? { entries: 0, characters: 0 }
    known.set(account, note)
    return note
  }
  for (const found of readStored(stored)) {
    switch (found._tag) {
      case 'Snapshot':
        if (found.state !== undefined)
          states.set(found.account, fold(undefined, { ...found, _tag: 'Baseline', state: found.state }))
        // It covers what the log had of the account before.
        known.delete(found.account)
        break
      case 'Entry': {
        const note = noted(found.account)
        note.entries += 1
        note.characters += found.size
        states.set(found.account, fold(states.get(found.account), found.entry))
        break
      }
      case 'Bad':
      case 'Quarantined':
        noted(found.account).bad = found.reason
        break
      case 'Orphan':
        strayLines += 1
        break
      case 'Row':
        break
    }
  }
  const unread = linesOf(
    stored,
    [...known].filter(([, { bad }]) => bad !== undefined).map(([account]) => account),
  )
  const keptNow = keptWithPending(stored)
  const accounts = [...new Set([...states.keys(), ...known.keys(), ...keptNow.accounts()])].sort().map(account => {
    const { entries, characters, bad } = known.get(account) ?? { entries: 0, characters: 0 }
    const kept = keptNow.measure(account)
    const report = { account, keptStanzas: kept.count, keptCharacters: kept.size }
    if (bad === undefined) {
      const sessions = countedIn(keptNow, account, states.get(account)).sessions.map(reportOf)
      return { ...report, sessions, logEntries: entries, logCharacters: characters }
    }
    const lines = stored.quarantine.read(account)?.lines ?? unread.get(account) ?? []
    const logCharacters = sum(lines.map(({ text }) => text.length))
    return { ...report, sessions: [], logEntries: lines.length, logCharacters, quarantined: bad }
  })
  return { accounts, totals: totalsOf(accounts, strayLines) }
}

/** All that is journalled of the accounts that can be read, as the server would recover it. Read only. */
export function* exportJournal<A>(options: InspectionOptions<A>): Generator<Journalled<A>, void, undefined> {
  const stored = storedOf(options)
  const unreadable = new Set<AccountId>()
  for (const found of readStored(stored)) if (found._tag === 'Bad') unreadable.add(found.account)
  for (const found of readStored(stored)) {
    if (found._tag !== 'Entry' && found._tag !== 'Snapshot') continue
    const { account } = found
    if (unreadable.has(account)) continue
    if (found._tag === 'Entry') yield { account, ...found.entry }
    else if (found.state !== undefined) yield { ...found, _tag: 'Baseline', state: found.state }
  }
}

/** The state, with as many stanzas kept as there are, also where no options say how many that should be. */
export const countedIn = <A>(
  kept: { readonly count: KeptStanzas<A>['count'] },
  account: AccountId,
  folded: Folded<A> | undefined,
): Account<A> => recount(folded?.state ?? emptyAccount, (...asked) => kept.count(account, ...asked))

export const storedOf = <A>({ env, payload, absent }: InspectionOptions<A>): Stored<A> =>
  openStored(env, sessionCodecs(payload, absent))

export const configOf = ({ config }: Pick<InspectionOptions<unknown>, 'config'>): Config =>
  config ?? { ...defaultConfig, queueStorage: true }

const reportOf = (session: Session<unknown>): SessionReport => {
  const { resource, _tag: phase } = session
  const nothing = { resource, phase, handled: 0, acked: 0, unacked: 0, kept: 0 }
  if (session._tag === 'Unmanaged') return nothing
  const { acked, spilled: kept, unacked } = session.outbound
  const counted = { ...nothing, acked, kept, unacked: unacked.length }
  if (session._tag === 'Enabling') return counted
  if (session._tag === 'Connecting' || session._tag === 'Negotiating') return { ...counted, since: session.since }
  const { handled } = session.inbound
  if (session._tag !== 'Active') {
    const { resumption, since } = session
    return { ...counted, handled, smId: resumption.smId, since }
  }
  return { ...counted, handled, ...(isSome(session.resumption) ? { smId: session.resumption.value.smId } : {}) }
}

const totalsOf = (accounts: ReadonlyArray<AccountReport>, strayLines: number): JournalTotals => ({
  accounts: accounts.length,
  sessions: sum(accounts.map(({ sessions }) => sessions.length)),
  quarantined: accounts.filter(({ quarantined }) => quarantined !== undefined).length,
  logEntries: sum(accounts.map(({ logEntries }) => logEntries)),
  logCharacters: sum(accounts.map(({ logCharacters }) => logCharacters)),
  keptStanzas: sum(accounts.map(({ keptStanzas }) => keptStanzas)),
  keptCharacters: sum(accounts.map(({ keptCharacters }) => keptCharacters)),
  strayLines,
})

const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((total, number) => total + number, 0)
