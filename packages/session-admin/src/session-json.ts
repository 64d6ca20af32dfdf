/** What is told of a session, as JSON. Members are added, never renamed; what is not known, or means nothing in a phase, is absent. */
import * as t from '#io-ts'

/** A phase of a session, as the core names it, in lower case. */
const phase = t.keyof({
  active: null,
  connecting: null,
  enabling: null,
  hibernating: null,
  negotiating: null,
  resuming: null,
  unmanaged: null,
})

/** Times are in ISO 8601, in UTC; ages are in seconds. */
const required = t.strict({
  /** Of an account its bare JID; of a link to or from another server its name, such as `example.org>example.net`. */
  account: t.string,
  resource: t.string,
  phase,
  /** Stanzas that were sent or wait, and are not acked. */
  unacked: t.number,
})

const optional = t.partial({
  /** `tls`, or `tcp` in the clear. */
  transport: t.keyof({ tcp: null, tls: null }),
  /** Of the peer. */
  address: t.string,
  connection: t.string,
  /** Since when it has this connection, or has none. */
  since: t.string,
  /** How long ago the oldest unacked stanza was submitted. */
  oldestUnackedSeconds: t.number,
})

export const sessionRow = t.intersection([required, optional])

/** A session in a list. */
export type SessionRow = t.TypeOf<typeof sessionRow>

const waiting = t.intersection([
  t.strict({ name: t.string, type: t.string, at: t.string }),
  t.partial({ id: t.string, from: t.string, to: t.string }),
])

const detail = t.partial({
  streamManagement: t.string,
  role: t.keyof({ initiating: null, receiving: null }),
  /** For how many seconds its client may be away. */
  resumableSeconds: t.number,
  client: t.keyof({ active: null, inactive: null }),
  usesArchive: t.boolean,
  counters: t.intersection([
    t.strict({
      /** The peer's last `h`. */
      acked: t.number,
      /** Stanzas that were sent to it, or wait, in all. */
      sent: t.number,
    }),
    t.partial({
      /** Our `h`. */
      handled: t.number,
    }),
  ]),
  /** An `<r/>` of ours is unanswered. */
  ackRequested: t.boolean,
  queue: t.intersection([
    t.strict({
      stanzas: t.number,
      /** Those of them that are not in memory. */
      inStorage: t.number,
      /** Those of them that no connection carried yet. */
      unsent: t.number,
      /** The first of them, without what they say. */
      oldest: t.readonlyArray(waiting),
    }),
    t.partial({ bytes: t.number }),
  ]),
  /** When what happens unless something comes first, by the timer's name. */
  deadlines: t.record(t.string, t.string),
})

export const sessionDetail = t.intersection([
  required,
  optional,
  detail,
  t.strict({
    /** Options in force, as the configuration names them. */
    limits: t.record(t.string, t.number),
  }),
])

/** All that is told of one session. */
export type SessionDetail = t.TypeOf<typeof sessionDetail>

export type WaitingStanza = t.TypeOf<typeof waiting>
