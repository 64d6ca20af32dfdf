/** The reducer: an account and an event in, the account after it and the effects out. Total, pure and deterministic. */
import { copySent } from './carbons.js'
import type { DeliveryTaken, ImEvent } from './event.js'
import { receiveIq } from './iq.js'
import { receiveMessage } from './message.js'
import { deliverPage } from './offline.js'
import { presenceFor, receiveAnnouncement } from './presence/broadcast.js'
import { rememberDirected } from './presence/directed.js'
import { endPresence } from './presence/presence.js'
import { receivePresence } from './presence/receive.js'
import { forgetPresence } from './presence/sessions.js'
import { endAllSubscriptions } from './presence/subscribing.js'
import { deliveryRefused, returnFromLink, sendAgain } from './remote/from-link.js'
import { keepStale, markStale } from './remote/stale.js'
import { tellWholeState } from './remote/whole-state.js'
import { redeliver, returnToSender } from './returned.js'
import { contactRemoved } from './roster/service.js'
import { route } from './route.js'
import type { ServingView } from './services/service.js'
import { outgoing, submit } from './stanzas.js'
import { effects, type ImAccount, type ImStep, nothing, type Transition, unchanged } from './state.js'

/** Makes one step. The effects are to be performed in their order, each with all that it causes. */
export const step = (view: ServingView, account: ImAccount, event: ImEvent): ImStep =>
  transitionFor(view, event)(account)

const transitionFor = (view: ServingView, event: ImEvent): Transition => {
  switch (event._tag) {
    case 'StanzaSent':
      return route(view, event)
    case 'MessageArrived':
      return receiveMessage(view, event)
    case 'PresenceArrived':
      return receivePresence(view, event)
    case 'PresenceShown':
      return receiveAnnouncement(view, event)
    case 'PresenceAsked':
      return account => unchanged(account, presenceFor(view, account, event.viewer))
    case 'IqArrived':
      return receiveIq(view, event)
    case 'AnswerArrived':
      return view.hasSession(event.resource) ? effects(submit(event.resource, outgoing(event.reply))) : nothing
    case 'DeliveryTaken':
      return deliveryTaken(event)
    case 'DeliveryRefused':
      return deliveryRefused(view, event)
    case 'SessionEnded':
      return event.isStopped ? forgetPresence(event.resource) : endPresence(view, event.resource)
    case 'StanzaReturned':
      return returnToSender(event)
    case 'StanzaLeft':
      return redeliver(view, event)
    case 'StoredRead':
      return deliverPage(view, event)
    case 'LinkReturned':
      return returnFromLink(view, event)
    case 'LinkGaveUp':
      return sendAgain(view, event)
    case 'StateLost':
      return markStale(view, event.contact, event.change)
    case 'LinkEstablished':
      return tellWholeState(event.contact)
    case 'StateRefused':
      return keepStale(event.stale)
    case 'ContactRemoved':
      return contactRemoved(event.contact)
    case 'AccountRemoved':
      return endAllSubscriptions(view)
  }
}

/** What a session sent is taken: a message is copied to others of the account, a directed presence is remembered. */
const deliveryTaken = ({ delivery: { to, stanza, at }, resource }: DeliveryTaken): Transition =>
  at === undefined
    ? rememberDirected(resource, to)
    : account => unchanged(account, copySent(account, resource, stanza, at))
