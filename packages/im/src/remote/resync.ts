/**
 * When other servers are told the state anew: as soon as the link to them stands. While it does not, and there is something
 * to tell, it is tried now and then, with growing pauses, whether anybody writes there or not.
 */
import type { Context } from '../context.js'
import { resyncPace, resyncPauses } from '../limits.js'
import { domainsOf, type LinkKey } from './link-key.js'
import { probeEverybody, probeOver, type Unreached } from './probing.js'
import type { Waiting } from './resync-state.js'

/** There is something to tell over this link. May be called while a step is made. */
export const scheduleResync = (context: Context, key: LinkKey): void => {
  if (context.resync.waiting.has(key)) return
  const waiting: Waiting = { attempts: 0, call: 0 }
  context.resync.waiting.set(key, waiting)
  callLater(context, key, waiting, 0)
}

/** The link from the one domain to the other stands. */
export const resyncOver = (context: Context, key: LinkKey): void => {
  const waiting = context.resync.waiting.get(key)
  if (waiting === undefined) return
  waiting.attempts = 0
  proceed(context, key, waiting)
}

/**
 * A link was gone, in either direction: what contacts there said meanwhile may be lost. Where it `isBlind`, so may be what
 * they were told.
 */
export const resyncAfterLoss = (context: Context, key: LinkKey, isBlind: boolean): void => {
  if (isBlind) context.probing.untold.add(key)
  if (isBlind || !context.resync.unasked.has(key)) probeOver(context, key, unreachedFor(context))
}

/** The sessions are back: whatever contacts elsewhere said meanwhile is lost, and what was to be told still is. */
export const resyncAfterRestart = (context: Context): void => {
  for (const key of context.accounts.staleOver.keys()) scheduleResync(context, key)
  probeEverybody(context, unreachedFor(context))
}

const unreachedFor =
  (context: Context): Unreached =>
  (key, state) => {
    if (state === 'down') context.resync.unasked.add(key)
    scheduleResync(context, key)
  }

const callLater = (context: Context, key: LinkKey, waiting: Waiting, milliseconds: number): void => {
  waiting.call += 1
  const { call } = waiting
  context.later(milliseconds, () => {
    if (waiting.call === call && context.resync.waiting.get(key) === waiting) proceed(context, key, waiting)
  })
}

const proceed = (context: Context, key: LinkKey, waiting: Waiting): void => {
  const { here, there } = domainsOf(key)
  switch (context.remotes?.stateOf(here, there)) {
    case undefined:
      return
    case 'ready':
      return tell(context, key, waiting)
    case 'busy':
      return callLater(context, key, waiting, resyncPace.busy)
    case 'down': {
      const pause = resyncPauses[Math.min(waiting.attempts, resyncPauses.length - 1)] ?? 0
      waiting.attempts += 1
      context.remotes.connect(here, there)
      return callLater(context, key, waiting, pause * 1000)
    }
  }
}

/** A part of what there is to tell, and the rest a moment later. */
const tell = (context: Context, key: LinkKey, waiting: Waiting): void => {
  if (context.resync.unasked.delete(key)) probeOver(context, key, unreachedFor(context))
  if (!tellSome(context, key)) return callLater(context, key, waiting, resyncPace.busy)
  if (context.accounts.staleOver.has(key)) callLater(context, key, waiting, resyncPace.pause)
  else context.resync.waiting.delete(key)
}

/** False if the link took not all of it. */
const tellSome = (context: Context, key: LinkKey): boolean => {
  let told = 0
  for (const { account, contact } of context.accounts.staleOver.get(key)?.values() ?? []) {
    if (told === resyncPace.atOnce) break
    context.handle(account, { _tag: 'LinkEstablished', contact })
    if (context.accounts.peek(account).stale.byContact.has(contact)) return false
    told += 1
  }
  return true
}
