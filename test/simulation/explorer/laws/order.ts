/** Laws of order: what the contract of the effects promises of their sequence. */
import type { ConnectionId, Effect } from '@smacks/core'
import type { Tried } from './reference.js'

/** The close is the last thing on a line, and nothing goes over a line that is closed. */
export const closeIsLast = ({ effects }: Tried): string | undefined => {
  const closed = new Set<string>()
  for (const effect of effects) {
    if (!('connection' in effect)) continue
    if (closed.has(effect.connection)) return `${effect.connection} is closed before the ${effect._tag}`
    if (effect._tag === 'CloseConnection' || effect._tag === 'DropConnection') closed.add(effect.connection)
  }
  return undefined
}

/** An end: the line, the dispositions, the kept `h`, the end, what is routed anew, the timers, the notice. */
const ending: Readonly<Partial<Record<Effect<never>['_tag'], number>>> = {
  StoreOffline: 1,
  ReturnToSender: 1,
  Discard: 1,
  EndSession: 3,
  Redeliver: 4,
  DisarmTimer: 5,
}

export const endsAreInOrder = (tried: Tried): string | undefined => {
  const { effects, courses, event } = tried
  if (event._tag === 'ServerStopping' || event._tag === 'ServerRestarted' || event._tag === 'ConfigChanged')
    return storedFirst(tried)
  for (const { session, to } of courses) {
    if (typeof to === 'string' || (session._tag === 'Active' && to.over === 'evicted')) continue
    let reached = 0
    for (const effect of effects) {
      const rank = rankOf(effect, session.resource)
      if (rank === undefined) continue
      if (rank < reached) return `the ${effect._tag} of ${session.resource} comes too late`
      reached = rank
    }
  }
  return undefined
}

const rankOf = (effect: Effect<string>, resource: string): number | undefined => {
  if (effect._tag === 'RememberOldSession' || effect._tag === 'ForgetOldSession') return 2
  if (!('resource' in effect) || effect.resource !== resource) return undefined
  return effect._tag === 'Notify' ? 6 : ending[effect._tag]
}

const storedFirst = ({ effects }: Tried): string | undefined => {
  const end = effects.findIndex(({ _tag }) => _tag === 'EndSession')
  return effects.some(({ _tag }, index) => _tag === 'StoreOffline' && index > end)
    ? 'something is stored after an end'
    : undefined
}

/** A resumption: the old line has its last `<a/>` and is closed, the new one adopted, then `<resumed/>`, what is sent again, `<r/>`, the notice. */
export const resumptionsAreInOrder = ({ effects, event }: Tried): string | undefined => {
  if (event._tag !== 'ResumeReceived' && event._tag !== 'ResumedReceived') return undefined
  let reached = 0
  for (const effect of effects) {
    const rank = resumingRank(effect)
    if (rank === undefined) continue
    if (rank < reached) return `the ${effect._tag} comes too late`
    reached = rank
  }
  const isAdopted = effects.some(effect => effect._tag === 'AdoptConnection' && effect.connection === event.connection)
  const isResumed = effects.some(effect => effect._tag === 'SendNonza' && effect.nonza._tag === 'Resumed')
  return isAdopted === isResumed ? undefined : 'the new line is not the one that was adopted'
}

const resumingRank = (effect: Effect<string>): number | undefined => {
  switch (effect._tag) {
    case 'CloseConnection':
    case 'DropConnection':
      return 1
    case 'DisarmTimer':
      return 2
    case 'AdoptConnection':
      return 3
    case 'SendNonza':
      if (effect.nonza._tag === 'Ack') return 0
      return effect.nonza._tag === 'Request' ? 6 : 4
    case 'SendStanza':
      return 5
    case 'Notify':
      return 8
    default:
      return undefined
  }
}

/** Where both are said at once, the `<a/>` precedes the `<r/>`, and a stanza precedes the `<r/>` that it caused. */
export const requestIsLast = ({ effects }: Tried): string | undefined => {
  const isSaid = (effect: Effect<string>, connection: ConnectionId) =>
    (effect._tag === 'SendNonza' || effect._tag === 'SendStanza') && effect.connection === connection
  const isFollowed = effects.some(
    (effect, index) =>
      effect._tag === 'SendNonza' &&
      effect.nonza._tag === 'Request' &&
      effects.slice(index + 1).some(later => isSaid(later, effect.connection)),
  )
  return isFollowed ? 'something is said after an <r/>' : undefined
}

/** What still goes over a line is told before the dispositions of what did not. */
export const lineComesFirst = ({ effects, event }: Tried): string | undefined => {
  // There, what is stored comes first.
  if (event._tag === 'ServerStopping' || event._tag === 'ConfigChanged') return undefined
  const end = effects.findIndex(({ _tag }) => _tag in ending && _tag !== 'DisarmTimer')
  const isLate =
    end >= 0 && effects.slice(end).some(({ _tag }) => _tag === 'CloseConnection' || _tag === 'DropConnection')
  return isLate ? 'a line is closed after its session is settled' : undefined
}
