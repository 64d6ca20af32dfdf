/** What the core may know of a stanza. */
import type { StanzaFacts, StanzaName } from '@smacks/core'
import { Element } from './element.js'
import { bareOf } from './jid.js'
import {
  archiveNamespace,
  carbonsNamespace,
  delayNamespace,
  forwardNamespace,
  mucNamespace,
  mucUserNamespace,
  stanzaIdNamespace,
} from './namespaces.js'

/** The types of a message (RFC 6121 §5.2.2); any other counts as `normal`. */
const messageTypes: ReadonlySet<string> = new Set(['chat', 'error', 'groupchat', 'headline', 'normal'])

const typeOf = (name: string, type: string | undefined): string => {
  if (name === 'message') return type !== undefined && messageTypes.has(type) ? type : 'normal'
  if (name === 'presence') return type ?? 'available'
  return type ?? ''
}

/**
 * The facts of a stanza as it will be delivered to its recipient: `to` must be the recipient's address, since
 * only the recipient's own archive makes it `archived`.
 */
export const stanzaFacts = (stanza: Element): StanzaFacts => {
  const { attrs } = stanza
  const facts: { -readonly [K in keyof StanzaFacts]: StanzaFacts[K] } = {
    name: stanza.name as StanzaName,
    type: typeOf(stanza.name, attrs.type),
  }
  if (attrs.id !== undefined) facts.id = attrs.id
  if (attrs.from !== undefined) facts.from = attrs.from
  if (attrs.to !== undefined) facts.to = attrs.to
  if (isState(facts, stanza)) facts.state = true
  for (const child of stanza.children)
    if (child instanceof Element)
      switch (child.getNS()) {
        case delayNamespace:
          if (child.getName() === 'delay') facts.delayed = true
          break
        case carbonsNamespace:
          if (isCarbon(child, attrs)) facts.copy = true
          break
        case archiveNamespace:
          if (child.getName() === 'result') facts.copy = true
          break
        case stanzaIdNamespace:
          if (isArchivedBy(child, attrs.to)) facts.archived = true
          break
      }
  return facts
}

/**
 * Whether one resource, or occupant of a room, is available, and how (RFC 6121 §4). What a room says with a status code
 * (XEP-0045 §15.6) happened, such as a kick or a change of name, and a request to enter one (§7.2) is no presence at all.
 */
const isState = ({ from, name, type }: StanzaFacts, stanza: Element): boolean =>
  name === 'presence' &&
  (type === 'available' || type === 'unavailable') &&
  from !== undefined &&
  bareOf(from) !== from &&
  stanza.getChild('x', mucNamespace) === undefined &&
  stanza.getChild('x', mucUserNamespace)?.getChild('status') === undefined

/**
 * A carbon copy holds the forwarded message (XEP-0280 §§7, 8); `<private/>` and others do not. It comes from the recipient's own
 * account: what somebody else wraps is a message like any other (§11).
 */
const isCarbon = (child: Element, { from, to }: Element['attrs']): boolean => {
  const name = child.getName()
  return (
    (name === 'sent' || name === 'received') &&
    to !== undefined &&
    from === bareOf(to) &&
    child.getChild('forwarded', forwardNamespace) !== undefined
  )
}

const isArchivedBy = (child: Element, to: string | undefined): boolean =>
  to !== undefined && child.getName() === 'stanza-id' && child.attrs.by === bareOf(to)
