/** Sessions and effects as views: plain JSON whose size does not depend on what waits. */
import type { Json } from '@smacks/codec'
import { type Effect, type Notice, type Outbound, putAway, type Session, type Unacked } from '@smacks/core'
import { isSome } from 'fp-ts/lib/Option.js'
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

const plainObject = (value: object): View =>
  Object.fromEntries(
    Object.entries(value).flatMap(
      ([key, member]): ReadonlyArray<readonly [string, Json]> => (member === undefined ? [] : [[key, plain(member)]]),
    ),
  )

export const sessionView = <A>(session: Session<A>, fingerprint: Fingerprint<A>): SessionView => {
  switch (session._tag) {
    case 'Unmanaged':
      return plainObject(session)
    case 'Active': {
      const { outbound, resumption, request, ...rest } = session
      const { requestedFor, ...asked } = request
      return {
        ...plainObject(rest),
        ...(isSome(resumption) ? { resumption: plain(resumption.value) } : {}),
        request: { ...asked, ...(isSome(requestedFor) ? { requestedFor: requestedFor.value } : {}) },
        outbound: outboundView(outbound, fingerprint),
      }
    }
    case 'Enabling':
    case 'Hibernating':
    case 'Resuming': {
      const { outbound, ...rest } = session
      return { ...plainObject(rest), outbound: outboundView(outbound, fingerprint) }
    }
  }
}

/** What is kept in storage is told by its number, whether the step needed it here or not. */
const outboundView = <A>({ acked, kept, unacked }: Outbound<A>, fingerprint: Fingerprint<A>): View => {
  const here = putAway(unacked, kept)
  return {
    acked,
    ...(kept === 0 ? {} : { kept }),
    unacked: endsView(unacked.length, firstOf(here), lastOf(here), fingerprint),
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

const unackedView = <A>({ stanza, facts, at }: Unacked<A>, fingerprint: Fingerprint<A>): View => ({
  at,
  facts: plainObject(facts),
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
