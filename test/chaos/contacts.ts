/**
 * What a client knows of its contacts: presence that came, items that it put into its roster. While a session is only
 * interrupted its contacts must not see it; what was pushed and answered must be there after a crash.
 */
import type { Element } from '@smacks/codec'
import { bareJidOf } from './identity.js'

export interface Contacts {
  /** A stanza that a client sends to put an item into its roster. */
  readonly newItem: () => string
  /** True if the stanza was one of these; `reply` is what is to be answered. */
  readonly take: (stanza: Element, reply: (stanza: string) => void) => boolean
  /** Presence that came from now on is counted. */
  readonly count: () => void
  /** How many presence stanzas came of a type since then. */
  readonly counted: (type: 'available' | 'unavailable') => number
  /** Asks for the whole roster, to be compared with what was answered. */
  readonly askForRoster: () => string
  /** True once the roster that was asked for came. */
  readonly hasRoster: () => boolean
  /** The session is a new one: what was not answered in the old one will not be. */
  readonly beganAnew: () => void
  /** Names that are subscribed to. */
  readonly subscribed: () => ReadonlySet<string>
  readonly itemsAcked: () => number
  readonly complaints: () => ReadonlyArray<string>
}

const rosterNamespace = 'jabber:iq:roster'

export const createContacts = (name: string): Contacts => {
  const complaints: Array<string> = []
  const subscribed = new Set<string>()
  const answered = new Set<number>()
  const pushed = new Set<number>()
  let items = 0
  /** Items up to this one belong to sessions that are over. */
  let excused = 0
  let roster: ReadonlySet<string> | undefined
  let [available, unavailable] = [0, 0]

  const isOwn = (from: string): boolean => from.startsWith(`${bareJidOf(name)}/`)

  const presence = (stanza: Element, reply: (stanza: string) => void): boolean => {
    const from = String(stanza.attrs.from ?? '')
    switch (stanza.attrs.type) {
      case undefined:
        // One's own presence comes back too.
        if (!isOwn(from)) available += 1
        return true
      case 'unavailable':
        if (!isOwn(from)) unavailable += 1
        return true
      case 'subscribe':
        reply(`<presence to='${from}' type='subscribed'/>`)
        return true
      case 'subscribed':
        subscribed.add(from.split('@')[0] ?? '')
        return true
      default:
        complaints.push(`${name} got ${stanza.toString()}`)
        return true
    }
  }

  const push = (stanza: Element, reply: (stanza: string) => void): boolean => {
    for (const item of stanza.getChild('query', rosterNamespace)?.getChildren('item') ?? []) {
      const number = itemNumber(String(item.attrs.jid))
      if (number === undefined) continue
      if (pushed.has(number)) complaints.push(`${name} was pushed roster item ${number} twice`)
      pushed.add(number)
    }
    reply(`<iq type='result' id='${stanza.attrs.id}'/>`)
    return true
  }

  const result = (stanza: Element): boolean => {
    const [what, digits] = String(stanza.attrs.id).split(' ')
    if (what === 'roster') {
      const found = stanza.getChild('query', rosterNamespace)?.getChildren('item') ?? []
      roster = new Set(found.map(item => `${item.attrs.jid} ${item.attrs.name}`))
      if (isFinal(stanza)) compare(roster)
      return true
    }
    if (what !== 'item') return false
    const number = Number(digits)
    if (answered.has(number)) complaints.push(`${name} was answered twice for roster item ${number}`)
    answered.add(number)
    return true
  }

  const isFinal = (stanza: Element): boolean => stanza.attrs.id === 'roster final'

  const compare = (found: ReadonlySet<string>): void => {
    for (let number = excused + 1; number <= items; number += 1) {
      if (!answered.has(number)) complaints.push(`${name} was not answered for roster item ${number}`)
      if (!pushed.has(number)) complaints.push(`${name} was not pushed roster item ${number}`)
    }
    for (const number of answered)
      if (!found.has(itemOf(number))) complaints.push(`${name} does not find roster item ${number}, which was answered`)
  }

  return {
    newItem: () => {
      items += 1
      const [jid = '', label = ''] = itemOf(items).split(' ')
      return `<iq type='set' id='item ${items}'><query xmlns='${rosterNamespace}'><item jid='${jid}' name='${label}'/></query></iq>`
    },
    take: (stanza, reply) => {
      if (stanza.getName() === 'presence') return presence(stanza, reply)
      if (stanza.getName() !== 'iq') return false
      if (stanza.attrs.type === 'set') return push(stanza, reply)
      return stanza.attrs.type === 'result' && result(stanza)
    },
    count: () => {
      available = 0
      unavailable = 0
    },
    counted: type => (type === 'available' ? available : unavailable),
    askForRoster: () => {
      roster = undefined
      return `<iq type='get' id='roster final'><query xmlns='${rosterNamespace}'/></iq>`
    },
    hasRoster: () => roster !== undefined,
    beganAnew: () => {
      excused = items
    },
    subscribed: () => subscribed,
    itemsAcked: () => answered.size,
    complaints: () => complaints,
  }
}

/** An item, as `jid name`. */
const itemOf = (number: number): string => `friend-${number}@elsewhere.example Friend-${number}`

const itemNumber = (jid: string): number | undefined => {
  const found = /^friend-(\d+)@/.exec(jid)
  return found === null ? undefined : Number(found[1])
}
