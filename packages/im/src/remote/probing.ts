/**
 * Asks for the presence of contacts on other servers where what came of it may be old: after a restart, and after a link
 * was gone. The clients that resumed do not ask again (XEP-0198 §5), so the server does (RFC 6121 §4.3), once for each
 * account and contact. It asks in the name of the account, so all of its sessions get the answer, hibernating ones too.
 *
 * Contacts over a link without stream management are told in the same way, since nobody knows what of it arrived.
 *
 * There may be very many, so they are asked in passes over all accounts, a little at a time.
 */
import type { AccountId } from '@smacks/runtime'
import { isBlocked } from '../blocks.js'
import type { Context } from '../context.js'
import { probePace } from '../limits.js'
import { availableOf } from '../presence/sessions.js'
import { isPendingOut, isSeenByContact, seesContact } from '../presence/subscription.js'
import type { RosterItem } from '../roster/item.js'
import { isServed } from '../served.js'
import { linkState } from '../view-of.js'
import { type LinkKey, linkKey } from './link-key.js'
import { sendToRemote } from './send.js'
import type { StaleChange } from './stale-contacts.js'
import { probeFrom } from './whole-state.js'
/** Somebody is to be asked, and the link is down; or it is slow, and it is remembered who is to be asked. */
export type Unreached = (key: LinkKey, state: 'busy' | 'down') => void

/** Asks the contacts over one link, soon. */
export const probeOver = (context: Context, key: LinkKey, unreached: Unreached): void => {
  context.probing.wanted.add(key)
  beginSoon(context, unreached)
}

/** Asks all contacts elsewhere of all available sessions. */
export const probeEverybody = (context: Context, unreached: Unreached): void => {
  context.probing.everybody = true
  beginSoon(context, unreached)
}

const beginSoon = (context: Context, unreached: Unreached, milliseconds: number = probePace.pause): void => {
  const { probing } = context
  if (probing.isUnderWay) return
  probing.isUnderWay = true
  context.later(milliseconds, () => go(context, pass(context, take(context), unreached), unreached))
}

/** What a pass is about. */
interface Scope {
  readonly isAsked: (key: LinkKey) => boolean
  readonly isTold: (key: LinkKey) => boolean
}

/** What this pass is about; who was asked a moment ago is left for a later one. */
const take = ({ probing, clock }: Context): Scope => {
  const now = clock.monotonic()
  for (const [key, at] of probing.askedAt) if (now - at >= probePace.again) probing.askedAt.delete(key)
  const { everybody, wanted } = probing
  const asked = new Set([...wanted].filter(key => !probing.askedAt.has(key)))
  probing.everybody = false
  probing.wanted = new Set([...wanted].filter(key => probing.askedAt.has(key)))
  const told = new Set([...probing.untold].filter(key => asked.has(key)))
  probing.untold = new Set([...probing.untold].filter(key => !told.has(key)))
  return { isAsked: key => everybody || asked.has(key), isTold: key => told.has(key) }
}

/** A part of the pass, and the rest later. */
const go = (context: Context, rest: Iterator<void>, unreached: Unreached): void => {
  for (let count = 0; count < probePace.atOnce; count += 1)
    if (rest.next().done === true) {
      const { probing } = context
      probing.isUnderWay = false
      if (probing.wanted.size > 0 || probing.everybody) beginSoon(context, unreached, probePace.again / 4)
      return
    }
  context.later(probePace.pause, () => go(context, rest, unreached))
}

/** Stops after each account, and after each contact that is asked. */
function* pass(context: Context, scope: Scope, unreached: Unreached): Generator<void, void> {
  for (const account of context.accounts.withSessions()) {
    if (availableOf(context.accounts.peek(account)).length > 0)
      for (const item of context.accounts.read(account).roster.items.values()) {
        const { jid } = item
        const isHidden = isBlocked(context.accounts.read(account), jid)
        if (isServed(context, jid) || isHidden || !scope.isAsked(linkKey(account, jid))) continue
        const isTold = scope.isTold(linkKey(account, jid)) && tellAgain(context, account, item, unreached)
        const isAsked = seesContact(item.state) && ask(context, account, jid, unreached)
        if (isTold || isAsked) yield
      }
    yield
  }
}

/** True if the contact is to be told the presence of the account, or once more that it is asked for its own. */
const tellAgain = (context: Context, account: AccountId, item: RosterItem, unreached: Unreached): boolean => {
  const [session] = availableOf(context.accounts.peek(account))
  const isSeen = isSeenByContact(item.state) && session !== undefined
  const isAsking = isPendingOut(item.state)
  if (!isSeen && !isAsking) return false
  const change: StaleChange = { ...(isSeen ? { lost: session.resource } : {}), ...(isAsking ? { to: true } : {}) }
  context.handle(account, { _tag: 'StateLost', contact: item.jid, change })
  unreached(linkKey(account, item.jid), 'busy')
  return true
}

/** True if the contact is asked, now or when the link has room. */
const ask = (context: Context, account: AccountId, contact: string, unreached: Unreached): boolean => {
  const key = linkKey(account, contact)
  const state = linkState(context, account, contact) ?? 'down'
  if (state === 'down') {
    unreached(key, state)
    return false
  }
  context.probing.askedAt.set(key, context.clock.monotonic())
  if (state === 'busy' || sendToRemote(context, probeFrom(account, contact)) !== undefined) {
    context.handle(account, { _tag: 'StateLost', contact, change: { probe: true } })
    unreached(key, 'busy')
  }
  return true
}
