/** When a session may be resumed, and when it must (XEP-0198 §5). */
import type { Failed, FailedCondition, ResumeReceived, SendNonza } from '@smacks/core'
import type { Books, Judged } from './books.js'
import { type Ledger, outstanding, takeH, trueH } from './ledger.js'
import { sessionOn } from './side.js'

/** Why an honest client can be refused. */
export const failuresAllowed: ReadonlySet<FailedCondition> = new Set([
  'feature-not-implemented',
  'item-not-found',
  'resource-constraint',
] as const)

/** The `h` in a `<resume/>` is an ack if the session is resumed, and nothing otherwise. */
export const takeResume = (books: Books, { side, effects, fail }: Judged, event: ResumeReceived): void => {
  const answer = effects.find(
    (effect): effect is SendNonza => effect._tag === 'SendNonza' && effect.connection === event.connection,
  )
  if (answer?.nonza._tag !== 'Resumed') return
  const ledger = books.resumable.get(event.previd) ?? fail(`resumes '${event.previd}', which is the SM-ID of nothing`)
  if (ledger.version !== event.version) fail(`resumes with ${event.version} what was enabled with ${ledger.version}`)
  takeH(ledger, side, event.h)
  const kept = outstanding(ledger, side).length
  if (kept > books.config[side].maxQueueSize) fail(`resumes a session with ${kept} unacked stanzas`)
}

/** Judges a `<failed/>` of the server. */
export const checkFailure = (books: Books, judged: Judged, { condition, h }: Failed): void => {
  const { side, event, fail } = judged
  if (event._tag !== 'ResumeReceived') return fail(`answers ${condition}`)
  // A <resume/> that was overtaken may come with an h from long ago, and intruders lie; nobody waits for the answer.
  const isAwaited = sessionOn(books.sides.client, event.connection) !== undefined
  if (isAwaited && !failuresAllowed.has(condition)) fail(`answers ${condition}`)
  if (!isAwaited) books.count(`refused: ${condition}`)
  const ledger = books.resumable.get(event.previd)
  if (!isReason(books, judged, condition, event, ledger)) fail(`answers ${condition} without a reason`)
  if (h === undefined) return
  if (ledger === undefined) return fail('states the h of a session that never was')
  if (h !== trueH(ledger, side)) fail(`says that the old session had h=${h}, but it handled ${trueH(ledger, side)}`)
}

const isReason = (
  { config }: Books,
  { side, known }: Judged,
  condition: FailedCondition,
  event: ResumeReceived,
  ledger: Ledger | undefined,
): boolean => {
  const isAlive = [...known.sessions.values()].some(session => session.ledger === ledger && ledger !== undefined)
  const beyondAcked = ledger === undefined ? 0 : countTo(ledger, event.h)
  const kept = ledger === undefined ? 0 : outstanding(ledger, side).length
  const written = ledger === undefined ? 0 : outstanding(ledger, side).filter(id => known.written.has(id)).length
  switch (condition) {
    case 'item-not-found':
      return !isAlive
    case 'feature-not-implemented':
      return !isAlive && config[side].hibernationTime === 0
    case 'resource-constraint':
      return isAlive && kept - beyondAcked > config[side].maxQueueSize
    case 'undefined-condition':
      return isAlive && (beyondAcked < 0 || beyondAcked > written)
    case 'unexpected-request':
      return sessionOn(known, event.connection) !== undefined || (isAlive && ledger?.version !== event.version)
    default:
      return false
  }
}

/** How many more stanzas of the server an `h` covers than were acked; negative if it covers fewer. */
const countTo = (ledger: Ledger, h: number): number => {
  const ahead = (((h - ledger.base.server - ledger.acked.server) % 2 ** 32) + 2 ** 32) % 2 ** 32
  return ahead < 2 ** 31 ? ahead : ahead - 2 ** 32
}
