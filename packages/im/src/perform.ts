/**
 * Makes the steps of accounts and performs their effects, in their order. What is delivered to an account here is an event of
 * that account, which happens before the next effect: all that one stanza causes in this process is part of one batch.
 */
import { bareJid, bareOf, domainInAddress, type Element, formatJid, resourceOf } from '@smacks/codec'
import type { AccountId } from '@smacks/runtime'
import { addressIn } from './address.js'
import { noteAnswer } from './answered.js'
import type { Context } from './context.js'
import type { Deliver, DeliverState, SendToRemote, ShowPresence } from './delivery.js'
import type { AskPresence, DeliverWholeState, ImEffect } from './effect.js'
import type { ImEvent } from './event.js'
import { noteStoring } from './offline-room.js'
import { isIn } from './presence/audience.js'
import { noting } from './recorded/witness.js'
import { leavesNow } from './remote/deliver-state.js'
import { linkKey } from './remote/link-key.js'
import { scheduleResync } from './remote/resync.js'
import { sendToRemote } from './remote/send.js'
import { encodeStale, staleRecords } from './remote/stale-record.js'
import { recordName } from './roster/record-name.js'
import { isServed } from './served.js'
import { addressed, outgoing, pushRequest } from './stanzas.js'
import type { ImAccount, ImStep } from './state.js'
import { step } from './step.js'
import { readStored } from './stored.js'
import { hasSession, linkState, viewOf } from './view-of.js'

/** Lets an event happen to an account; returns what its step asked for, all of which is done. */
export const handle = (context: Context, account: AccountId, event: ImEvent): ReadonlyArray<ImEffect> => {
  const before = context.accounts.read(account)
  const { account: after, effects } = observedStep(context, before, event)
  const isWritten = context.accounts.replace(before, after)
  perform(context, account, effects)
  isWritten()
  return effects
}

/** The step; if somebody wants to see it, with what it asked of the world. */
const observedStep = (context: Context, before: ImAccount, event: ImEvent): ImStep => {
  const { clock, log, observer } = context
  const view = viewOf(context, before.jid)
  if (observer?.observes(before.jid) !== true) return step(view, before, event)
  const at = clock.now()
  const noted = noting(view)
  const made = step(noted.view, before, event)
  try {
    observer.observe({ at, before, event, witness: noted.witness, after: made.account, effects: made.effects })
  } catch (error) {
    log.warn({ account: before.jid, err: error }, 'who observes the steps of instant messaging failed')
  }
  return made
}

export const perform = (context: Context, account: AccountId, effects: ReadonlyArray<ImEffect>): void => {
  for (const effect of effects) performOne(context, account, effect)
}

const performOne = (context: Context, account: AccountId, effect: ImEffect): void => {
  const { runtime, accounts, clock, log } = context
  switch (effect._tag) {
    case 'PutRecord':
    case 'DropRecord':
      return runtime.change({ ...effect, account })
    case 'KeepStale': {
      const { contact } = effect.stale
      accounts.noteStale({ account, contact })
      const text = encodeStale(effect.stale)
      return runtime.change({ _tag: 'PutRecord', kind: staleRecords, account, name: recordName(contact), text })
    }
    case 'DropStale':
      accounts.noteTold({ account, contact: effect.contact })
      return runtime.change({ _tag: 'DropRecord', kind: staleRecords, account, name: recordName(effect.contact) })
    case 'StoreOffline': {
      const { stanza, facts } = effect.message
      runtime.change({ _tag: 'PutOffline', account, stanza, facts, at: effect.at })
      return noteStoring(context, account, effect.message)
    }
    case 'DropOffline':
      return runtime.change({ _tag: 'DropOffline', account, keys: effect.keys })
    case 'Submit': {
      const { resource, at = clock.now() } = effect
      const { stanza, facts } = effect.stanza
      return runtime.dispatch(account, { _tag: 'StanzaSubmitted', at, resource, stanza, facts })
    }
    case 'SubmitToSeveral':
      return runtime.dispatch(account, { _tag: 'MessageSubmitted', at: effect.at, recipients: effect.recipients })
    case 'Push': {
      const request = pushRequest(context.freshId(), `${account}/${effect.resource}`, effect.payload)
      return performOne(context, account, { _tag: 'Submit', resource: effect.resource, stanza: request })
    }
    case 'Deliver':
      return deliver(context, account, effect)
    case 'SendToRemote':
      return sendAsSaid(context, account, effect)
    case 'ShowPresence':
      return showPresence(context, account, effect)
    case 'DeliverState':
      return deliverState(context, account, effect)
    case 'AskPresence':
      return askPresence(context, effect)
    case 'DeliverWholeState':
      return deliverWholeState(context, account, effect)
    case 'Answer':
      return answer(context, effect.reply)
    case 'ScheduleResync':
      return scheduleResync(context, linkKey(account, effect.contact))
    case 'ReadStored':
      return readStored(context, account)
    case 'NoteAnswer':
      return noteAnswer(context, account, effect)
    case 'Continue':
      return void handle(context, account, effect.event)
    case 'Log':
      return log[effect.level](effect.fields, effect.message)
  }
}

const deliver = (context: Context, account: AccountId, delivery: Deliver): void => {
  const { to, stanza, reportTo: resource } = delivery
  if (context.domains.has(to.domain)) {
    const done = handle(context, bareJid(to), arrivalOf(account, delivery))
    if (resource !== undefined && !done.some(isRefusal))
      handle(context, account, { _tag: 'DeliveryTaken', delivery, resource })
    return
  }
  const refusal = sendToRemote(context, stanza)
  if (refusal !== undefined) handle(context, account, { _tag: 'DeliveryRefused', delivery, refusal })
  else if (resource !== undefined) handle(context, account, { _tag: 'DeliveryTaken', delivery, resource })
}

const isRefusal = (effect: ImEffect): boolean => effect._tag === 'Answer' && effect.reply.attrs.type === 'error'

/** How it arrives at an account here. */
const arrivalOf = (account: AccountId, { to, stanza, at = 0 }: Deliver): ImEvent => {
  const { name, from = account } = stanza.facts
  switch (name) {
    case 'message':
      return { _tag: 'MessageArrived', to, message: stanza, at }
    case 'presence':
      return { _tag: 'PresenceArrived', from, to: formatJid(to), presence: stanza }
    case 'iq':
      return { _tag: 'IqArrived', from: { account, resource: resourceOf(from) }, to, iq: stanza }
  }
}

const sendAsSaid = (context: Context, account: AccountId, delivery: SendToRemote): void => {
  const refusal = sendToRemote(context, delivery.stanza, delivery.at)
  if (refusal !== undefined) handle(context, account, { _tag: 'DeliveryRefused', delivery, refusal })
}

const showPresence = (context: Context, account: AccountId, shown: ShowPresence): void => {
  const { to, presence, audience } = shown
  const contact = bareOf(to)
  if (!isServed(context, contact)) {
    if (isIn(audience, to)) deliverState(context, account, { _tag: 'DeliverState', stanza: addressed(presence, to) })
    return
  }
  // To nobody: no step would change anything, and the roster of one who is not there need not be read.
  if (to === contact ? !hasAvailable(context, contact) : !hasSession(context, contact, resourceOf(to))) return
  handle(context, contact, { ...shown, _tag: 'PresenceShown' })
}

const deliverState = (context: Context, account: AccountId, delivery: DeliverState): void => {
  const { stanza, original } = delivery
  const { from = account, to = '' } = stanza.facts
  if (isServed(context, to)) {
    const asked = original === undefined ? {} : { original }
    handle(context, bareOf(to), { _tag: 'PresenceArrived', from, to, presence: stanza, ...asked })
    return
  }
  const link = linkState(context, account, to)
  if (!leavesNow(context.accounts.read(account), stanza.facts, link))
    return void handle(context, account, { _tag: 'DeliveryRefused', delivery })
  const refusal = sendToRemote(context, stanza)
  if (refusal !== undefined) handle(context, account, { _tag: 'DeliveryRefused', delivery, refusal })
}

const askPresence = (context: Context, { account, viewer }: AskPresence): void => {
  if (hasAvailable(context, account)) handle(context, account, { _tag: 'PresenceAsked', viewer })
}

const hasAvailable = ({ accounts }: Context, account: AccountId): boolean =>
  accounts.peek(account).sessions.some(({ available }) => available !== undefined)

const deliverWholeState = (context: Context, account: AccountId, { stanzas, stale }: DeliverWholeState): void => {
  if (!stanzas.every(stanza => sendToRemote(context, stanza) === undefined))
    handle(context, account, { _tag: 'StateRefused', stale })
}

/** To the full JID in its `to`, if that session is there, or to the server that knows. */
const answer = (context: Context, reply: Element): void => {
  const to = addressIn(context, reply.attrs.to ?? '')
  // Also if its domain is served no more: its sessions wait for it to be back, until their time is over.
  if (to !== undefined && hasSession(context, bareJid(to), to.resource))
    return void handle(context, bareJid(to), { _tag: 'AnswerArrived', resource: to.resource, reply })
  const domain = domainInAddress(reply.attrs.to)
  // What is an address there is for its own server to say.
  if (domain !== undefined && !context.domains.has(domain)) sendToRemote(context, outgoing(reply))
}
