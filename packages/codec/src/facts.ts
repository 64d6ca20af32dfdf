/** What the core may know of a stanza. */
import type { StanzaFacts, StanzaName } from '@smacks/core'
import type { Element } from './element.js'
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
import { type ChildOutline, childOf, outlineOf, type StanzaOutline } from './outline.js'

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
export const stanzaFacts = (stanza: Element): StanzaFacts => outlineFacts(outlineOf(stanza))

/** The same, of what is known without parsing. */
export const outlineFacts = (stanza: StanzaOutline): StanzaFacts => {
  const { name, type, id, from, to } = stanza
  const facts: { -readonly [K in keyof StanzaFacts]: StanzaFacts[K] } = {
    name: name as StanzaName,
    type: typeOf(name, type),
  }
  if (id !== undefined) facts.id = id
  if (from !== undefined) facts.from = from
  if (to !== undefined) facts.to = to
  if (isState(facts, stanza)) facts.state = true
  for (const child of stanza.children)
    switch (child.xmlns) {
      case delayNamespace:
        if (child.name === 'delay') facts.delayed = true
        break
      case carbonsNamespace:
        if (isCarbon(child, stanza)) facts.copy = true
        break
      case archiveNamespace:
        if (child.name === 'result') facts.copy = true
        break
      case stanzaIdNamespace:
        if (isArchivedBy(child, to)) facts.archived = true
        break
    }
  return facts
}

/**
 * Whether one resource, or occupant of a room, is available, and how (RFC 6121 §4). What a room says with a status code
 * (XEP-0045 §15.6) happened, such as a kick or a change of name, and a request to enter one (§7.2) is no presence at all.
 */
const isState = ({ from, name, type }: StanzaFacts, stanza: StanzaOutline): boolean =>
  name === 'presence' &&
  (type === 'available' || type === 'unavailable') &&
  from !== undefined &&
  bareOf(from) !== from &&
  childOf(stanza, 'x', mucNamespace) === undefined &&
  childOf(stanza, 'x', mucUserNamespace)?.children.some(({ name }) => name === 'status') !== true

/**
 * A carbon copy holds the forwarded message (XEP-0280 §§7, 8); `<private/>` and others do not. It comes from the recipient's own
 * account: what somebody else wraps is a message like any other (§11).
 */
const isCarbon = (child: ChildOutline, { from, to }: StanzaOutline): boolean =>
  (child.name === 'sent' || child.name === 'received') &&
  to !== undefined &&
  from === bareOf(to) &&
  childOf(child, 'forwarded', forwardNamespace) !== undefined

const isArchivedBy = ({ name, by }: ChildOutline, to: string | undefined): boolean =>
  to !== undefined && name === 'stanza-id' && by === bareOf(to)
