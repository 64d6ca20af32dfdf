/** The blocking command (XEP-0191). */
import { bareOf, type Element, element, formatJid, parseJid } from '@smacks/codec'
import type { AccountId } from '@smacks/runtime'
import { isSome } from 'fp-ts/lib/Option.js'
import { isListed } from '../blocks.js'
import { charactersOf } from '../characters.js'
import { contactsFull, hasRoomForMore } from '../contact-room.js'
import type { Context } from '../context.js'
import { blockedAddresses, blockedCharacters } from '../limits.js'
import { blockingNamespace } from '../namespaces.js'
import { hideFrom, showTo } from '../presence/broadcast.js'
import { presenceOf, presencesOf, setPresence } from '../presence/state.js'
import { pushTo } from '../sending.js'
import { type Answer, badRequest, type Request, refused, result, type Service, unavailable } from './service.js'

/** `<blocklist/>`, `<block/>` and `<unblock/>`. */
export const blocking: Service = request => {
  if (request.target._tag !== 'OwnAccount') return unavailable
  const asked = request.payload.getName()
  if (request.type === 'get') return asked === 'blocklist' ? list(request) : badRequest(unknown(asked))
  if (asked === 'block') return block(request)
  return asked === 'unblock' ? unblock(request) : badRequest(unknown(asked))
}

const unknown = (asked: string): string => `<${asked}/> is no request of ${blockingNamespace} here`

const list = ({ context, account, resource }: Request): Answer => {
  const session = presenceOf(context.presences, account, resource)
  if (!session.interestedInBlocks) setPresence(context.presences, account, { ...session, interestedInBlocks: true })
  return result(command('blocklist', context.rosters.blocked(account)))
}

const block = ({ context, account, payload }: Request): Answer => {
  const named = addressesOf(payload)
  if (named === undefined) return refused('modify', 'jid-malformed')
  if (named.length === 0) return badRequest('<block/> needs at least one <item/>')
  const own = named.find(address => bareOf(address) === account)
  if (own !== undefined) return refused('cancel', 'not-allowed', `${own} is yours: nobody can block their own devices`)
  const before = context.rosters.blocked(account)
  const after = new Set([...before, ...named])
  if (after.size > blockedAddresses)
    return refused('wait', 'resource-constraint', `at most ${blockedAddresses} addresses can be blocked`)
  const characters = charactersOf(after)
  if (characters > blockedCharacters)
    return refused('wait', 'resource-constraint', `at most ${blockedCharacters} characters of addresses can be blocked`)
  if (!hasRoomForMore(context, account, characters - charactersOf(before)))
    return refused('wait', 'resource-constraint', contactsFull)
  hideFrom(context, account, jid => !isListed(before, account, jid) && isListed(after, account, jid))
  context.rosters.setBlocked(account, after)
  return { _tag: 'Result', afterwards: () => push(context, account, command('block', named)) }
}

/** Without items: everybody (§3.5). */
const unblock = ({ context, account, payload }: Request): Answer => {
  const named = addressesOf(payload)
  if (named === undefined) return refused('modify', 'jid-malformed')
  const before = context.rosters.blocked(account)
  const after = new Set(named.length === 0 ? [] : before)
  for (const address of named) after.delete(address)
  context.rosters.setBlocked(account, after)
  showTo(context, account, jid => isListed(before, account, jid) && !isListed(after, account, jid))
  return { _tag: 'Result', afterwards: () => push(context, account, command('unblock', named)) }
}

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
const push = (context: Context, account: AccountId, payload: Element): void => {
  for (const { resource, interestedInBlocks } of presencesOf(context.presences, account))
    if (interestedInBlocks) pushTo(context, account, resource, payload)
}
