/** The states of accounts as JSON. */
import {
  type Account,
  type AckRequest,
  type ActiveDeadlines,
  type AnsweredIq,
  type Chunk,
  chunksOf,
  type EndedSession,
  freshOutbound,
  type HibernationDeadlines,
  type Inbound,
  type LastAck,
  type Layout,
  type OldSession,
  type Outbound,
  type Positions,
  type Resumption,
  type Role,
  type Session,
  type Settlement,
  type Sizes,
  type Unsent,
  type UnsentPresence,
} from '@smacks/core'
import * as Either from '#fp-ts/Either'
import * as t from '#io-ts'
import { endReason } from './end-reason.js'
import { shown } from './errors.js'
import { omittedWhere, option, optional, orElse, orUndefined, writtenAs } from './field.js'
import { list, queue } from './list.js'
import type { Json, PayloadCodec } from './payload.js'
import { count, counter, flag, instant, isObject, type JsonCodec, seconds, smVersion, text, word } from './plain.js'
import { record } from './record.js'
import { tagged } from './tagged.js'
import { unackedCodec } from './unacked.js'

/**
 * An account as JSON, with the fields it has as plain data; but a queue is a list of its stanzas, first in front, and
 * what is `None` or `undefined` is absent.
 */
export const accountCodec = <A>(payload: PayloadCodec<A>): JsonCodec<Account<A>> =>
  record<Account<A>>('an account', {
    sessions: eachResourceOnce(list(sessionCodec(payload))),
    oldSessions: list(oldSessionCodec),
    lastAcks: optional(list(lastAckCodec)),
    settlements: optional(list(settlementCodec(payload))),
  })

const settlementCodec = <A>(payload: PayloadCodec<A>): JsonCodec<Settlement<A>> =>
  record<Settlement<A>>('what is to be settled of sessions that ended together', {
    isLast: flag,
    ended: list(
      record<EndedSession<A>>('a session that ended', {
        session: sessionCodec(payload),
        reason: endReason,
        settled: count,
      }),
    ),
  })

/** A full JID has one session at most. */
const eachResourceOnce = <A>(sessions: JsonCodec<ReadonlyArray<Session<A>>>): JsonCodec<ReadonlyArray<Session<A>>> =>
  new t.Type<ReadonlyArray<Session<A>>, Json, unknown>(
    sessions.name,
    sessions.is,
    (value, context) =>
      Either.chain((decoded: ReadonlyArray<Session<A>>): t.Validation<ReadonlyArray<Session<A>>> => {
        const seen = new Set<string>()
        const second = decoded.find(({ resource }) => seen.size === seen.add(resource).size)
        return second === undefined
          ? t.success(decoded)
          : t.failure(value, context, `two sessions of the resource ${shown(second.resource)}; allowed: one of each`)
      })(sessions.validate(value, context)),
    sessions.encode,
  )

const sessionCodec = <A>(payload: PayloadCodec<A>): JsonCodec<Session<A>> => {
  const outbound = record<Outbound<A>>('the stanzas that were sent', {
    acked: counter,
    spilled: writtenAs('kept', orElse(count, 0)),
    unacked: queue(unackedCodec(payload)),
    unsent: omittedWhere(unsent, freshOutbound.unsent, ({ count: unsentCount }) => unsentCount === 0),
    layout: omittedWhere(layout, freshOutbound.layout, ({ gaps, skipped }) => skipped === 0 && gaps.length === 0),
    serial: optional(count),
    answered: optional(list(answeredCodec)),
    sizes: optional(sizesCodec),
  })
  return tagged<Session<A>>('a session', {
    Active: {
      resource: text,
      role,
      connection: text,
      version: smVersion,
      resumption: option(resumption),
      inbound,
      outbound,
      unwritten: omittedWhere(count, 0, unwritten => unwritten === 0),
      request,
      deadlines: activeDeadlines,
      client: word({ active: true, inactive: true }),
      usesArchive: flag,
    },
    Connecting: { resource: text, outbound, since: instant },
    Enabling: { resource: text, connection: text, version: smVersion, outbound },
    Hibernating: {
      resource: text,
      role,
      version: smVersion,
      resumption,
      inbound,
      outbound,
      deadlines: hibernationDeadlines,
      since: instant,
      usesArchive: flag,
    },
    Negotiating: {
      resource: text,
      connection: text,
      version: smVersion,
      resume: flag,
      outbound,
      since: instant,
    },
    Resuming: {
      resource: text,
      connection: text,
      version: smVersion,
      resumption,
      inbound,
      outbound,
      deadlines: hibernationDeadlines,
      since: instant,
    },
    Unmanaged: { resource: text, connection: text, serial: optional(count) },
  })
}

const role: JsonCodec<Role> = word<Role>({ initiating: true, receiving: true })

const resumption: JsonCodec<Resumption> = record<Resumption>('the permission to resume', { smId: text, seconds })

const unsent: JsonCodec<Unsent> = record<Unsent>('the stanzas that no connection carried', {
  count,
  presences: list(
    record<UnsentPresence>('a presence that may be superseded', {
      key: text,
      position: counter,
      size: optional(count),
    }),
  ),
})

const writtenSizes = record<WrittenSizes>('the sizes of unacked stanzas', {
  total: count,
  chunks: list(record<Chunk>('the size of stanzas that follow each other', { count, size: count })),
})

/** One list of all chunks, the last of which is the open one. */
interface WrittenSizes {
  readonly total: number
  readonly chunks: ReadonlyArray<Chunk>
}

const sizesCodec: JsonCodec<Sizes> = new t.Type<Sizes, Json, unknown>(
  writtenSizes.name,
  (value): value is Sizes =>
    isObject(value) &&
    Array.isArray(value.closed) &&
    writtenSizes.is({ total: value.total, chunks: [...value.closed, value.open] }),
  (value, context) =>
    Either.chain(({ total, chunks }: WrittenSizes): t.Validation<Sizes> => {
      const open = chunks.at(-1)
      return open === undefined
        ? t.failure(value, context, 'no size of any stanza; allowed: at least one')
        : t.success({ total, closed: chunks.slice(0, -1), open })
    })(writtenSizes.validate(value, context)),
  sizes => writtenSizes.encode({ total: sizes.total, chunks: chunksOf(sizes) }),
)

const layout: JsonCodec<Layout> = record<Layout>('where unacked stanzas lie in storage', {
  skipped: counter,
  gaps: list(record<Positions>('positions that follow each other', { from: counter, count })),
})

const inbound: JsonCodec<Inbound> = record<Inbound>('the count of stanzas that came', { handled: counter })

const request: JsonCodec<AckRequest> = record<AckRequest>('the state of ack requests', {
  awaiting: flag,
  requestedFor: option(counter),
  heldUntil: instant,
})

const activeDeadlines: JsonCodec<ActiveDeadlines> = record<Omit<ActiveDeadlines, 'hibernation'>>(
  'deadlines of a connected session by the names of timers',
  { ackDelay: orUndefined(instant), ackHold: orUndefined(instant), readProbe: orUndefined(instant) },
)

const hibernationDeadlines: JsonCodec<HibernationDeadlines> = record<Pick<HibernationDeadlines, 'hibernation'>>(
  'the deadline of a session that waits to be resumed',
  { hibernation: instant },
)

const oldSessionCodec: JsonCodec<OldSession> = record<OldSession>('a timed-out session', {
  smId: text,
  h: counter,
  at: instant,
})

const lastAckCodec: JsonCodec<LastAck> = record<LastAck>('what a session that is over had acked', {
  serial: count,
  position: counter,
})

const answeredCodec: JsonCodec<AnsweredIq> = record<AnsweredIq>('an iq that was answered', {
  id: text,
  to: text,
  from: optional(text),
  sent: counter,
})
