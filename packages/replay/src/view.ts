/** Sessions and effects as views: plain JSON whose size does not depend on what waits. */
import type { Json } from '@smacks/codec'
import {
  type Active,
  type Effect,
  type Notice,
  type Outbound,
  type Session,
  type Unacked,
  unloadOldest,
  unloadPage,
} from '@smacks/core'
import { isSome } from '#fp-ts/Option'
import type { Fingerprint } from './fingerprint.js'
import { firstOf, lastOf } from './queue-ends.js'
import type { EffectView, QueueView, SessionView, View } from './recording.js'

/** Plain data as JSON: objects without what is `undefined`. Functions and the like, which are no data, become null. */
export const plain = (value: unknown): Json => {
  if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string')
    return value
  if (Array.isArray(value)) return value.map(plain)
  return typeof value === 'object' ? plainObject(value) : null
}

/** A loop, since this is done several times for every step that is recorded. */
const plainObject = (value: object): View => {
  const members = value as Readonly<Record<string, unknown>>
  const copy: Record<string, Json> = {}
  for (const key of Object.keys(members)) if (members[key] !== undefined) copy[key] = plain(members[key])
  return copy
}

export const sessionView = <A>(session: Session<A>, fingerprint: Fingerprint<A>): SessionView => {
  switch (session._tag) {
    case 'Unmanaged':
      return plainObject(session)
    case 'Active':
      return activeView(session, fingerprint)
    case 'Connecting':
    case 'Enabling':
    case 'Hibernating':
    case 'Negotiating':
    case 'Resuming': {
      const { outbound, ...rest } = session
      return { ...plainObject(rest), outbound: outboundView(outbound, fingerprint) }
    }
  }
}

/** Member by member, since most steps end here. */
const activeView = <A>(session: Active<A>, fingerprint: Fingerprint<A>): SessionView => {
  const { awaiting, requestedFor, heldUntil } = session.request
  const view: Record<string, Json> = {
    _tag: session._tag,
    resource: session.resource,
    role: session.role,
    connection: session.connection,
    version: session.version,
    client: session.client,
    usesArchive: session.usesArchive,
    inbound: plainObject(session.inbound),
    outbound: outboundView(session.outbound, fingerprint),
    request: isSome(requestedFor) ? { awaiting, requestedFor: requestedFor.value, heldUntil } : { awaiting, heldUntil },
    deadlines: plainObject(session.deadlines),
  }
  if (session.unwritten > 0) view.unwritten = session.unwritten
  if (isSome(session.resumption)) view.resumption = plainObject(session.resumption.value)
  return view
}

/** What is kept in storage is told by its number, whether the step needed it here or not. */
const outboundView = <A>(outbound: Outbound<A>, fingerprint: Fingerprint<A>): View => {
  const { acked, spilled: kept, unacked, serial, answered } = outbound
  const loaded = unloadOldest(unloadPage(unacked), kept)
  return {
    acked,
    ...(kept === 0 ? {} : { kept }),
    ...(serial === undefined ? {} : { serial }),
    ...(answered === undefined ? {} : { answered: plain(answered) }),
    unacked: endsView(unacked.length, firstOf(loaded), lastOf(loaded), fingerprint),
  }
}

const endsView = <A>(
  length: number,
  first: Unacked<A> | undefined,
  last: Unacked<A> | undefined,
  fingerprint: Fingerprint<A>,
): QueueView =>
  first === undefined || last === undefined
    ? { length }
    : { length, first: unackedView(first, fingerprint), last: unackedView(last, fingerprint) }

const unackedView = <A>({ stanza, facts, at, others }: Unacked<A>, fingerprint: Fingerprint<A>): View => ({
  at,
  facts: plainObject(facts),
  ...(others === undefined ? {} : { others: plain(others) }),
  stanza: fingerprint(stanza),
})

export const effectView = <A>(effect: Effect<A>, fingerprint: Fingerprint<A>): EffectView => {
  if (effect._tag === 'Notify')
    return { _tag: effect._tag, resource: effect.resource, notice: noticeView(effect.notice, fingerprint) }
  if (effect._tag === 'KeepUnacked') {
    const { unacked, ...rest } = effect
    return { ...plainObject(rest), unacked: endsView(unacked.length, unacked[0], unacked.at(-1), fingerprint) }
  }
  if (!('stanza' in effect)) return plainObject(effect)
  const { stanza, ...rest } = effect
  return { ...plainObject(rest), stanza: fingerprint(stanza) }
}

const noticeView = <A>(notice: Notice<A>, fingerprint: Fingerprint<A>): View => {
  switch (notice._tag) {
    case 'AckDelayed':
    case 'HibernationStarted': {
      const { unacked, ...rest } = notice
      return { ...plainObject(rest), unacked: endsView(unacked.length, unacked[0], unacked.at(-1), fingerprint) }
    }
    case 'HibernationStanzaQueued': {
      const { stanza, ...rest } = notice
      return { ...plainObject(rest), stanza: fingerprint(stanza) }
    }
    case 'HibernationEnded':
      return plainObject(notice)
  }
}
