/** Roster requests (RFC 6121 §2). */
import { bareJid, type Element, element, parseJid, utf8Length } from '@smacks/codec'
import { isSome } from '#fp-ts/Option'
import { contactsFull, hasRoomForContact } from '../contact-room.js'
import { groupsPerItem, rosterItemBytes, rosterItems, rosterNameBytes } from '../limits.js'
import { rosterNamespace } from '../namespaces.js'
import { presenceOf, setPresence } from '../presence/sessions.js'
import { endSubscriptions } from '../presence/subscribing.js'
import { type Answer, badRequest, type IqHandler, type Request, refused, type Service } from '../services/service.js'
import { changeRoster, effects, sequence, type Transition } from '../state.js'
import { bytesOfItem, type RosterItem, unknownContact } from './item.js'
import { itemElement, pushItem, pushRemoval } from './push.js'
import { dropItem, hasRoom, putItem, rosterRecords } from './roster.js'

/** `jabber:iq:roster`, on the own account only (§2.1.5). */
const roster: IqHandler = request => {
  if (request.target._tag !== 'OwnAccount') return refused('auth', 'forbidden')
  if (request.payload.getName() !== 'query') return badRequest(`<${request.payload.name}/> is no roster query`)
  return request.type === 'get' ? read(request) : change(request)
}

/** §2.2, and §2.6: a client whose version is the current one gets an empty result. */
const read = ({ account, asker, payload }: Request): Answer => {
  const session = presenceOf(account, asker.resource)
  const { version, items } = account.roster
  const ver = String(version)
  const listed = [...items.values()].filter(item => item.listed)
  return {
    _tag: 'Result',
    ...(session.interested ? {} : { change: setPresence({ ...session, interested: true }) }),
    ...(payload.attrs.ver === ver
      ? {}
      : { payload: element('query', { xmlns: rosterNamespace, ver }, ...listed.map(itemElement)) }),
  }
}

/** §§2.3-2.5: one item, and only if all of it is allowed. */
const change = (request: Request): Answer => {
  const [item, ...others] = request.payload.getChildElements()
  if (item === undefined || others.length > 0 || item.getName() !== 'item')
    return badRequest('a roster set has exactly one <item/>')
  const jid = parseJid(item.attrs.jid ?? '')
  if (!isSome(jid)) return badRequest(`${quoted(item.attrs.jid ?? '')} is no JID`)
  if (jid.value.resource !== '')
    return badRequest(`${quoted(item.attrs.jid ?? '')} has a resource; a contact is a bare JID`)
  const contact = bareJid(jid.value)
  if (contact === request.account.jid) return refused('cancel', 'not-allowed', 'nobody is their own contact')
  return item.attrs.subscription === 'remove' ? remove(request, contact) : put(request, contact, item)
}

const remove = ({ view, account }: Request, contact: string): Answer => {
  const item = account.roster.items.get(contact)
  if (!item?.listed) return refused('cancel', 'item-not-found')
  const end = endSubscriptions(view, item)
  return {
    _tag: 'Result',
    change: before => sequence(before, end, effects({ _tag: 'Continue', event: { _tag: 'ContactRemoved', contact } })),
  }
}

/** What there was between the two has ended: the contact goes, and clients see that (§2.5.2). */
export const contactRemoved =
  (contact: string): Transition =>
  account =>
    sequence(
      account,
      changeRoster(kept => dropItem(kept, contact)),
      pushRemoval(contact),
    )

const put = ({ view, account }: Request, contact: string, asked: Element): Answer => {
  const kept = account.roster
  const { name: _, ...known } = kept.items.get(contact) ?? unknownContact(contact)
  if (!known.listed && !hasRoom(kept))
    return refused('wait', 'resource-constraint', `the roster has ${rosterItems} contacts, and no more are allowed`)
  const groups = asked.getChildren('group').map(group => group.getText())
  const wrong = wrongName(asked.attrs.name) ?? wrongGroups(groups)
  if (wrong !== undefined) return wrong
  const { name } = asked.attrs
  const item: RosterItem = { ...known, groups, listed: true, ...(name === undefined || name === '' ? {} : { name }) }
  if (bytesOfItem(item) > rosterItemBytes)
    return refused('modify', 'not-acceptable', `a contact with its groups has at most ${rosterItemBytes} bytes`)
  if (!hasRoomForContact(view, account, item)) return refused('wait', 'resource-constraint', contactsFull)
  return {
    _tag: 'Result',
    change: before =>
      sequence(
        before,
        changeRoster(roster => putItem(roster, item)),
        pushItem(item),
      ),
  }
}

/** §2.3.3. */
const wrongName = (name: string | undefined): Answer | undefined =>
  name !== undefined && isTooLong(name)
    ? refused('modify', 'not-acceptable', `the name has more than ${rosterNameBytes} bytes`)
    : undefined

/** §2.3.3. */
const wrongGroups = (groups: ReadonlyArray<string>): Answer | undefined => {
  if (groups.length > groupsPerItem)
    return refused('modify', 'not-acceptable', `${groups.length} groups; at most ${groupsPerItem} are allowed`)
  if (groups.includes('')) return refused('modify', 'not-acceptable', 'a group has no name')
  if (groups.some(isTooLong))
    return refused('modify', 'not-acceptable', `a group's name has more than ${rosterNameBytes} bytes`)
  return new Set(groups).size < groups.length ? badRequest('the same group twice') : undefined
}

const isTooLong = (text: string): boolean => utf8Length(text) > rosterNameBytes

const quoted = (text: string): string => JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}...` : text)

export const rosterService: Service = {
  handlers: { [rosterNamespace]: roster },
  features: { domain: [rosterNamespace] },
  records: [{ kind: rosterRecords }],
}
