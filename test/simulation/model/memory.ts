/** What a peer may keep: no more than the limits, and exactly what the model says is unacked. */

import { type Config, connectionOf, type Deadlines, type TimerName, toArray } from '@smacks/core'
import type { Peer, Side } from '@smacks/testkit'
import type { Judged } from './books.js'
import { outstanding } from './ledger.js'
import type { KnownSide } from './side.js'

/** After every step. */
export const checkAccount = ({ side, known, after: account, fail }: Judged, config: Config): void => {
  if (account.sessions.length !== known.sessions.size)
    fail(`has ${account.sessions.length} sessions, not ${known.sessions.size}`)
  if (account.oldSessions.length > config.maxOldSessions) fail(`remembers ${account.oldSessions.length} old sessions`)
  let hibernating = 0
  for (const session of account.sessions) {
    const view = known.sessions.get(session.resource)
    if (view === undefined) return fail(`keeps ${session.resource}, which ended`)
    if (connectionOf(session) !== view.connection)
      fail(`has ${connectionOf(session)} for ${session.resource}, not ${view.connection}`)
    if (session._tag === 'Hibernating') hibernating += 1
    const length = 'outbound' in session ? session.outbound.unacked.length : 0
    if (length > config.queueCeiling) fail(`keeps ${length} stanzas, allowed: ${config.queueCeiling}`)
    const { ledger } = view
    const due = ledger === undefined ? 0 : ledger.sent[side].length - ledger.acked[side]
    if (length !== due) fail(`keeps ${length} stanzas of ${session.resource}, but ${due} are unacked`)
  }
  if (side === 'server' && hibernating > config.maxHibernatingSessions) fail(`lets ${hibernating} sessions hibernate`)
}

/** After every move: what the queues hold is what is unacked, and what is armed is what the state says. */
export const checkHeld = (side: Side, known: KnownSide, peer: Peer): void => {
  const account = peer.account()
  const due: Array<string> = []
  for (const session of account.sessions) {
    const ledger = known.sessions.get(session.resource)?.ledger
    const kept = 'outbound' in session ? toArray(session.outbound.unacked).map(({ facts }) => facts.id) : []
    const unacked = ledger === undefined ? [] : outstanding(ledger, side)
    if (kept.join() !== unacked.join())
      throw new Error(`the ${side} keeps ${kept.join()}, but ${unacked.join()} is unacked`)
    if ('deadlines' in session) due.push(...armedIn(session.resource, session.deadlines))
  }
  // What is visible waits for the commit, and timers are visible.
  if (peer.changesUnderWay() > 0) return
  const isResuming = account.sessions.some(({ _tag }) => _tag === 'Resuming')
  for (const key of peer.armed)
    if (!due.some(timer => key.endsWith(timer)))
      throw new Error(`the ${side} has a timer for nothing: ${JSON.stringify(key)}`)
  // While `<resumed/>` is awaited the time of hibernation may have passed, without effect.
  if (!isResuming && peer.armed.size !== due.length)
    throw new Error(`the ${side} has armed ${peer.armed.size} timers, not ${JSON.stringify(due)}`)
}

const armedIn = (resource: string, deadlines: Deadlines): ReadonlyArray<string> =>
  timers.flatMap(timer => (deadlines[timer] === undefined ? [] : [`\n${resource}\n${timer}`]))

const timers: ReadonlyArray<TimerName> = ['ackDelay', 'ackHold', 'hibernation', 'readProbe']
