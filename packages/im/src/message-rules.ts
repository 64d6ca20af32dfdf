/** Where a message goes (RFC 6121 §8.5), and what kind of message it is: decisions without effects. */
import { carbonsNamespace, childOf, delayNamespace, type StanzaOutline, stanzaIdNamespace } from '@smacks/codec'
import type { StanzaFacts } from '@smacks/core'
import {
  chatStatesNamespace,
  directInviteNamespace,
  hintsNamespace,
  markersNamespace,
  mucUserNamespace,
  receiptsNamespace,
} from './namespaces.js'

/** The message types (RFC 6121 §5.2.2). */
export type MessageType = 'chat' | 'error' | 'groupchat' | 'headline' | 'normal'

/** The type of a message as its facts state it; what is unknown counts as `normal`. */
export const messageTypeOf = (type: string): MessageType =>
  type === 'chat' || type === 'error' || type === 'groupchat' || type === 'headline' ? type : 'normal'

/** What the address names. */
export type Addressee =
  /** A full JID of a session that exists, whatever its presence. */
  | 'session'
  /** A full JID without a session. */
  | 'missing-resource'
  /** A bare JID. */
  | 'account'

export type MessageRoute =
  | 'to-session'
  /** To all available sessions of the highest priority that is not negative. */
  | 'to-highest-priority'
  /** To all available sessions whose priority is not negative. */
  | 'to-non-negative-priority'
  /** Into offline storage, or back with an error where there is none. */
  | 'store'
  | 'refuse'
  | 'ignore'

/**
 * RFC 6121 §8.5.2 and §8.5.3 for an account that exists. `isAvailable`: it has an available session whose priority is
 * not negative. Where the standard leaves a choice, `normal` is treated as `chat`, so that no message with
 * a body is ever dropped silently.
 */
export const routeOf = (type: MessageType, addressee: Addressee, isAvailable: boolean): MessageRoute => {
  if (addressee === 'session') return 'to-session'
  switch (type) {
    case 'chat':
    case 'normal':
      return isAvailable ? 'to-highest-priority' : 'store'
    case 'groupchat':
      return 'refuse'
    case 'headline':
      return isAvailable && addressee === 'account' ? 'to-non-negative-priority' : 'ignore'
    case 'error':
      return 'ignore'
  }
}

/** What is worth keeping of a message that reaches nobody now (XEP-0160 §3, XEP-0334 §4). */
export type Keeping =
  | 'store'
  /** Its sender asked not to store it; so that it is not lost in silence, it goes back. */
  | 'refuse'
  /** It says nothing that matters later, such as a chat state. */
  | 'ignore'

export const keepingOf = (message: StanzaOutline): Keeping => {
  if (!saysSomething(message)) return 'ignore'
  if (childOf(message, 'no-store', hintsNamespace) === undefined) return 'store'
  return !message.children.some(({ name }) => name === 'body') ? 'ignore' : 'refuse'
}

/** Child elements that are about the message, or about the moment. */
const asides: ReadonlySet<string> = new Set([
  chatStatesNamespace,
  hintsNamespace,
  carbonsNamespace,
  delayNamespace,
  stanzaIdNamespace,
])

/** False if the message has nothing in it but such asides. */
export const saysSomething = (message: StanzaOutline): boolean =>
  message.children.some(({ name, xmlns }) => name !== 'thread' && !asides.has(xmlns))

/** What answers a message, and is not missed itself. */
const acknowledgements: ReadonlySet<string> = new Set([markersNamespace, receiptsNamespace])

/** The facts of a message, with what they say of one that nobody takes: given up, stored but not returned, or either. */
export const withWeight = (facts: StanzaFacts, message: StanzaOutline, type: MessageType): StanzaFacts => {
  if (keepingOf(message) === 'ignore') return { ...facts, transient: true }
  // A headline is for whoever is there (RFC 6121 §5.2.2).
  return type === 'headline' || !expectsError(message) ? { ...facts, neverReturned: true } : facts
}

/** False if the message says nothing but that another one came or was read. */
const expectsError = (message: StanzaOutline): boolean =>
  message.children.some(({ name, xmlns }) => name !== 'thread' && !asides.has(xmlns) && !acknowledgements.has(xmlns))

/** What makes a message of type `normal` one between people (XEP-0280 §6.1). */
const conversational: ReadonlySet<string> = new Set([chatStatesNamespace, markersNamespace, receiptsNamespace])

/** XEP-0280 §6.1, without errors: whether they answer an eligible message is not known. */
export const isCopiedToOthers = (message: StanzaOutline, type: MessageType): boolean => {
  if (type !== 'chat' && type !== 'normal') return false
  let eligible = type === 'chat'
  let fromRoom = false
  let invites = false
  for (const child of message.children) {
    const { xmlns } = child
    if (xmlns === carbonsNamespace) return false
    if (xmlns === hintsNamespace && child.name === 'no-copy') return false
    if (xmlns === directInviteNamespace) invites = true
    if (xmlns === mucUserNamespace) {
      fromRoom = true
      if (child.children.some(({ name }) => name === 'invite')) invites = true
    }
    if (child.name === 'body' || conversational.has(xmlns)) eligible = true
  }
  return invites || (eligible && !fromRoom)
}
