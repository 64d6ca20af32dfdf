/** The blocking command (XEP-0191). */
import { bareOf, type Element, element, formatJid, parseJid } from '@smacks/codec'
import { isSome } from '#fp-ts/Option'
import { charactersOf } from '../characters.js'
import { contactsFull, hasRoomForMore } from '../contact-room.js'
import { blockedAddresses, blockedCharacters } from '../limits.js'
import { blockingNamespace } from '../namespaces.js'
import { hideFrom, showTo } from '../presence/broadcast.js'
import { presenceOf, setPresence } from '../presence/sessions.js'
import { setBlocked } from '../roster/roster.js'
import { push } from '../stanzas.js'
import { changeRoster, sequence, type Transition, unchanged } from '../state.js'
import { type Answer, badRequest, type IqHandler, type Request, refused, type Service, unavailable } from './service.js'

/** `<blocklist/>`, `<block/>` and `<unblock/>`. */
const blocking: IqHandler = request => {
  if (request.target._tag !== 'OwnAccount') return unavailable
  const asked = request.payload.getName()
  if (request.type === 'get') return asked === 'blocklist' ? list(request) : badRequest(unknown(asked))
  if (asked === 'block') return block(request)
  return asked === 'unblock' ? unblock(request) : badRequest(unknown(asked))
}

const unknown = (asked: string): string => `<${asked}/> is no request of ${blockingNamespace} here`

const list = ({ account, asker }: Request): Answer => {
  const session = presenceOf(account, asker.resource)
  return {
    _tag: 'Result',
    payload: command('blocklist', account.roster.blocked),
    ...(session.interestedInBlocks ? {} : { change: setPresence({ ...session, interestedInBlocks: true }) }),
  }
}

const block = ({ view, account, payload }: Request): Answer => {
  const named = addressesOf(payload)
  if (named === undefined) return refused('modify', 'jid-malformed')
  if (named.length === 0) return badRequest('<block/> needs at least one <item/>')
  const own = named.find(address => bareOf(address) === account.jid)
  if (own !== undefined) return refused('cancel', 'not-allowed', `${own} is yours: nobody can block their own devices`)
  const before = account.roster.blocked
  const after = new Set([...before, ...named])
  if (after.size > blockedAddresses)
    return refused('wait', 'resource-constraint', `at most ${blockedAddresses} addresses can be blocked`)
  const characters = charactersOf(after)
  if (characters > blockedCharacters)
    return refused('wait', 'resource-constraint', `at most ${blockedCharacters} characters of addresses can be blocked`)
  if (!hasRoomForMore(view, account, characters - charactersOf(before)))
    return refused('wait', 'resource-constraint', contactsFull)
  return changed(
    [hideFrom(view, { of: account.jid, listed: after, unless: before }), setBlockList(after)],
    command('block', named),
  )
}

/** Without items: everybody (§3.5). */
const unblock = ({ account, payload }: Request): Answer => {
  const named = addressesOf(payload)
  if (named === undefined) return refused('modify', 'jid-malformed')
  const before = account.roster.blocked
  const after = new Set(named.length === 0 ? [] : before)
  for (const address of named) after.delete(address)
  return changed(
    [setBlockList(after), showTo({ of: account.jid, listed: before, unless: after })],
    command('unblock', named),
  )
}

const changed = (changes: ReadonlyArray<Transition>, pushed: Element): Answer => ({
  _tag: 'Result',
  change: account => sequence(account, ...changes),
  afterwards: pushBlocks(pushed),
})

const setBlockList = (blocked: ReadonlySet<string>): Transition => changeRoster(roster => setBlocked(roster, blocked))

/** The addresses of the items, normalised; nothing if one of them is no JID. */
const addressesOf = (payload: Element): ReadonlyArray<string> | undefined => {
  const addresses: Array<string> = []
  for (const item of payload.getChildren('item')) {
    const jid = parseJid(item.attrs.jid ?? '')
    if (!isSome(jid)) return undefined
    addresses.push(formatJid(jid.value))
  }
  return addresses
}

const command = (name: string, addresses: Iterable<string>): Element =>
  element(name, { xmlns: blockingNamespace }, ...Array.from(addresses, jid => element('item', { jid })))

/** To the sessions that asked for the list (§3.3). */
const pushBlocks =
  (payload: Element): Transition =>
  account =>
    unchanged(
      account,
      account.sessions
        .filter(({ interestedInBlocks }) => interestedInBlocks)
        .map(({ resource }) => push(resource, payload)),
    )

/** Block lists are records of the roster. */
export const blockingService: Service = {
  handlers: { [blockingNamespace]: blocking },
  features: { domain: [blockingNamespace] },
}
