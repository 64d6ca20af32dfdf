/** Steps in words of RFC 6121, from what a recording holds of them. */
import { type Json, parseElement } from '@smacks/codec'
import * as Either from '#fp-ts/Either'

/** One line on an event as it is recorded. */
export const describeEvent = (event: Json): string => {
  const about = read(event)
  const { tag, text, stanza } = about
  switch (tag) {
    case 'StanzaSent':
      return `${text('resource')} sent ${stanza('stanza')}`
    case 'MessageArrived':
      return `${stanza('message')} arrived for ${text('to')}`
    case 'PresenceArrived':
      return `${stanza('presence')} arrived from ${text('from')} for ${text('to')}`
    case 'IqArrived':
      return `${stanza('iq')} arrived for ${text('to')}`
    case 'PresenceShown':
      return `${stanza('presence')} is shown to ${text('to')}`
    case 'PresenceAsked':
      return `${text('viewer')} became available and asks for the presence (RFC 6121 §4.2.2)`
    case 'AnswerArrived':
      return `an answer came for ${text('resource')}: ${xmlName(text('reply'))}`
    case 'DeliveryTaken':
      return `what ${text('resource')} sent was taken`
    case 'DeliveryRefused':
      return `the link did not take ${stanza('delivery', 'stanza')}${condition(about)}`
    case 'SessionEnded':
      return `the session of ${text('resource')} ended (RFC 6121 §4.5)`
    case 'StanzaReturned':
      return `${stanza('')} is returned to its sender`
    case 'StanzaLeft':
      return `a session left ${stanza('')}; it is routed without it (RFC 6121 §8.5)`
    case 'StoredRead':
      return `${about.count('page')} stored messages were read (XEP-0160)`
    case 'LinkReturned':
      return `a link gave up ${stanza('stanza')}: ${text('condition')}`
    case 'LinkGaveUp':
      return `a link gave up ${stanza('stanza')}, which is routed again`
    case 'StateLost':
      return `${text('contact')} may not know the state of the account`
    case 'LinkEstablished':
      return `${text('contact')} can be told the state`
    case 'StateRefused':
      return `${text('stale.contact')} could not be told the state`
    case 'ContactRemoved':
      return `the contact ${text('contact')} is removed from the roster (RFC 6121 §2.5)`
    case 'AccountRemoved':
      return 'the account is removed'
    default:
      return `unknown: ${tag}`
  }
}

/** One line on an effect as outcomes have it. */
export const describeEffect = (effect: Json): string => {
  const about = read(effect)
  const { tag, text, stanza } = about
  switch (tag) {
    case 'PutRecord':
      return `store ${recordOf(text('kind'), text('name'))}`
    case 'DropRecord':
      return `remove ${recordOf(text('kind'), text('name'))} from storage`
    case 'KeepStale':
      return `remember that ${text('stale.contact')} may not know the state`
    case 'DropStale':
      return `${text('contact')} knows the state`
    case 'StoreOffline':
      return `store ${stanza('message')} offline (XEP-0160)`
    case 'DropOffline':
      return `remove ${about.count('keys')} stored messages`
    case 'Submit':
      return `submit ${stanza('stanza')} to ${text('resource')}`
    case 'SubmitToSeveral':
      return `submit one message to ${about.list('recipients', 'resource')} (RFC 6121 §8.5.2.1)`
    case 'Push':
      return `push to ${text('resource')} (RFC 6121 §2.1.6)`
    case 'Deliver':
      return `deliver ${stanza('stanza')} to ${addressOf(about)}`
    case 'SendToRemote':
      return `send ${stanza('stanza')} over a link`
    case 'ShowPresence':
      return `broadcast ${stanza('presence')} to ${text('to')} (RFC 6121 §4)`
    case 'DeliverState':
      return `deliver ${stanza('stanza')}`
    case 'AskPresence':
      return `ask ${text('account')} for its presence, for ${text('viewer')} (RFC 6121 §4.2.2)`
    case 'Answer':
      return 'answer'
    case 'DeliverWholeState':
      return `tell ${text('stale.contact')} the whole state, ${about.count('stanzas')} stanzas`
    case 'ScheduleResync':
      return `tell ${text('contact')} the state when the link stands`
    case 'ReadStored':
      return 'read the stored messages (XEP-0160)'
    case 'Continue':
      return `go on: ${describeEvent(about.at('event'))}`
    case 'NoteAnswer':
      return `note that ${text('to')} has the answer ${text('id')}`
    case 'Log':
      return `tell the operator (${text('level')})`
    default:
      return `unknown: ${tag}`
  }
}

const recordOf = (kind: string, name: string): string => {
  if (kind === 'presences') return `the presence of ${name}`
  if (kind === 'rosters') return name === '' ? 'the roster version' : `the roster item ${name.trim()}`
  return `${kind} ${name}`
}

interface About {
  readonly tag: string
  readonly at: (path: string) => Json
  readonly text: (path: string) => string
  readonly count: (path: string) => number
  readonly list: (path: string, key: string) => string
  /** What is outside of it, or inside of a member: its name, type and id. */
  readonly stanza: (...path: ReadonlyArray<string>) => string
}

const read = (value: Json): About => {
  const at = (path: string): Json => path.split('.').reduce<Json>(memberOf, value)
  const text = (path: string): string => {
    const found = at(path)
    return typeof found === 'string' ? found : typeof found === 'number' ? String(found) : '(nothing)'
  }
  const listed = (path: string): ReadonlyArray<Json> => {
    const found = at(path)
    return Array.isArray(found) ? found : []
  }
  return {
    tag: text('_tag'),
    at,
    text,
    count: path => listed(path).length,
    list: (path, key) =>
      listed(path)
        .map(each => String(memberOf(each, key) ?? ''))
        .join(', '),
    stanza: (...path) => {
      const where = path.filter(part => part !== '').join('.')
      const found = where === '' ? value : at(where)
      return typeof found === 'string' ? describeXml(found) : describeFacts(memberOf(found, 'facts'))
    },
  }
}

const memberOf = (value: Json, key: string): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, key)
    ? ((value as { readonly [key: string]: Json })[key] ?? null)
    : null

const addressOf = ({ at }: About): string => {
  const [local, domain, resource] = ['local', 'domain', 'resource'].map(part => String(memberOf(at('to'), part) ?? ''))
  return `${local === '' ? '' : `${local}@`}${domain}${resource === '' ? '' : `/${resource}`}`
}

const condition = ({ text }: About): string =>
  text('refusal.condition') === '(nothing)' ? '' : `: ${text('refusal.condition')}`

const describeXml = (xml: string): string => {
  const parsed = parseElement(xml)
  if (Either.isLeft(parsed)) return 'a stanza'
  const { name, attrs } = parsed.right
  return words(name, attrs.type, attrs.id, attrs.to)
}

const describeFacts = (facts: Json): string => {
  const [name, type, id, to] = ['name', 'type', 'id', 'to'].map(key => memberOf(facts, key))
  const given = (value: Json | undefined): string | undefined => (typeof value === 'string' ? value : undefined)
  return words(given(name) ?? 'a stanza', given(type), given(id), given(to))
}

const words = (name: string, type?: string, id?: string, to?: string): string =>
  [
    name,
    ...(id === undefined ? [] : [id]),
    ...(type === undefined ? [] : [`(${type})`]),
    ...(to === undefined ? [] : [`to ${to}`]),
  ].join(' ')

const xmlName = (xml: string): string => describeXml(xml)
