/** What is told of a session, made of its state and of its connection. */
import {
  type Counter,
  type Deadlines,
  type Instant,
  type Outbound,
  positionsOf,
  type Session,
  sentCount,
  slice,
  type Unacked,
} from '@smacks/core'
import type { AccountId } from '@smacks/runtime'
import type { Connection } from '@smacks/stream'
import type { SessionDetail, SessionRow, WaitingStanza } from './session-json.js'

/** What has to be known besides the state. */
export interface Surroundings {
  readonly now: Instant
  readonly find: (connection: string) => Connection | undefined
  /** When the connection became the session's. */
  readonly since: (connection: Connection) => Instant | undefined
  /**
   * Stanzas of a session that lie in storage, the first at the position `from`, as far as they can be read; it changes
   * nothing.
   */
  readonly peek: (account: AccountId, resource: string, from: Counter, count: number) => ReadonlyArray<Unacked<unknown>>
}

export const rowOf = (account: AccountId, session: Session<unknown>, around: Surroundings): SessionRow => {
  const { resource } = session
  const outbound = outboundOf(session)
  const [oldest] = outbound === undefined ? [] : oldestOf(account, session.resource, outbound, 1, around)
  return {
    account,
    resource,
    phase: session._tag.toLowerCase() as SessionRow['phase'],
    unacked: outbound?.unacked.length ?? 0,
    ...whereabouts(session, around),
    ...(oldest === undefined ? {} : { oldestUnackedSeconds: Math.max(0, around.now - oldest.at) / 1000 }),
  }
}

/** `limits` are the options in force, by their names. */
export const detailOf = (
  account: AccountId,
  session: Session<unknown>,
  around: Surroundings,
  limits: SessionDetail['limits'],
): SessionDetail => ({
  ...rowOf(account, session, around),
  ...('version' in session ? { streamManagement: session.version } : {}),
  ...('role' in session ? { role: session.role } : {}),
  ...resumable(session),
  ...('usesArchive' in session ? { usesArchive: session.usesArchive } : {}),
  ...(session._tag === 'Active' ? { client: session.client, ackRequested: session.request.awaiting } : {}),
  ...counted(account, session, around),
  ...('deadlines' in session ? { deadlines: deadlinesOf(session.deadlines) } : {}),
  limits,
})

/** So many stanzas of a queue are told at most, from the oldest on. */
const toldStanzas = 20

/** Characters of what a peer chose that are told at most. */
const toldCharacters = 200

const counted = (account: AccountId, session: Session<unknown>, around: Surroundings): Partial<SessionDetail> => {
  const outbound = outboundOf(session)
  if (outbound === undefined) return {}
  const { acked, sizes, unacked, unsent } = outbound
  return {
    counters: {
      acked,
      sent: sentCount(outbound),
      ...('inbound' in session ? { handled: session.inbound.handled } : {}),
    },
    queue: {
      stanzas: unacked.length,
      inStorage: unacked.unloaded,
      unsent: session._tag === 'Connecting' || session._tag === 'Negotiating' ? unacked.length : unsent.count,
      oldest: oldestOf(account, session.resource, outbound, toldStanzas, around).map(waitingOf),
      ...(sizes === undefined ? {} : { bytes: sizes.total }),
    },
  }
}

/** Facts alone, and none of them longer than anybody would read. */
const waitingOf = ({ at, facts: { name, type, id, from, to } }: Unacked<unknown>): WaitingStanza => ({
  name,
  type: cut(type),
  at: instant(at),
  ...(id === undefined ? {} : { id: cut(id) }),
  ...(from === undefined ? {} : { from: cut(from) }),
  ...(to === undefined ? {} : { to: cut(to) }),
})

const cut = (text: string): string => (text.length > toldCharacters ? `${text.slice(0, toldCharacters)}…` : text)

/** The oldest unacked stanzas, `most` of them at most; of those in storage as many as can be read. */
const oldestOf = (
  account: AccountId,
  resource: string,
  outbound: Outbound<unknown>,
  most: number,
  { peek }: Surroundings,
): ReadonlyArray<Unacked<unknown>> => {
  const count = Math.min(most, outbound.unacked.length)
  const stored = Math.min(count, outbound.unacked.unloaded)
  const found: Array<Unacked<unknown>> = []
  for (const run of stored === 0 ? [] : positionsOf(outbound, 0, stored)) {
    const read = peek(account, resource, run.from, run.count)
    found.push(...read)
    if (read.length < run.count) return found
  }
  return [...found, ...slice(outbound.unacked, stored, count)]
}

const whereabouts = (session: Session<unknown>, { find, since }: Surroundings): Partial<SessionRow> => {
  const waits = 'since' in session ? { since: instant(session.since) } : {}
  if (!('connection' in session)) return waits
  const connection = find(session.connection)
  if (connection === undefined) return { ...waits, connection: session.connection }
  const begun = since(connection)
  return {
    ...waits,
    ...('since' in session || begun === undefined ? {} : { since: instant(begun) }),
    connection: session.connection,
    address: connection.remoteAddress,
    transport: connection.secure() ? 'tls' : 'tcp',
  }
}

const outboundOf = (session: Session<unknown>): Outbound<unknown> | undefined =>
  session._tag === 'Unmanaged' ? undefined : session.outbound

const resumable = (session: Session<unknown>): Partial<SessionDetail> => {
  if (session._tag === 'Hibernating' || session._tag === 'Resuming')
    return { resumableSeconds: session.resumption.seconds }
  return session._tag === 'Active' && session.resumption._tag === 'Some'
    ? { resumableSeconds: session.resumption.value.seconds }
    : {}
}

const deadlinesOf = (deadlines: Deadlines): Record<string, string> =>
  Object.fromEntries(
    Object.entries<Instant | undefined>({ ...deadlines }).flatMap(([timer, due]) =>
      due === undefined ? [] : [[timer, instant(due)]],
    ),
  )

const instant = (at: Instant): string => new Date(at).toISOString()
