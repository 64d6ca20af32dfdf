/**
 * Stories of one account of `a.example`, told in text: first what is given, then events, and below the line all effects, in
 * prose. Juliet is served here too; all other domains are elsewhere.
 */
import { parseJid, Stanza, stanzaFacts } from '@smacks/codec'
import { toUndefined } from 'fp-ts/lib/Option.js'
import type { ImEffect } from '../../../packages/im/src/effect.js'
import type { ImEvent } from '../../../packages/im/src/event.js'
import type { LinkState } from '../../../packages/im/src/link-state.js'
import { initial, setPresence } from '../../../packages/im/src/presence/sessions.js'
import type { SubscriptionState } from '../../../packages/im/src/presence/subscription.js'
import { putItem, setBlocked } from '../../../packages/im/src/roster/roster.js'
import { announcement, outgoing } from '../../../packages/im/src/stanzas.js'
import type { ImAccount } from '../../../packages/im/src/state.js'
import { step } from '../../../packages/im/src/step.js'
import { parsed } from '../../unit/im/house.js'
import { accountOf, worldOf } from '../../unit/im/pure.js'

const user = 'romeo@a.example'

interface Told {
  readonly account: ImAccount
  readonly sessions: ReadonlyArray<string>
  readonly link: LinkState
  readonly effects: ReadonlyArray<ImEffect>
}

/** What the commands lead to, a line each. */
export const tell = (commands: ReadonlyArray<string>): ReadonlyArray<string> => {
  let told: Told = { account: accountOf(user), sessions: [], link: 'ready', effects: [] }
  const lines: Array<string> = []
  for (const command of commands) {
    const given = prepare(told, command)
    if (given !== undefined) {
      told = given
      continue
    }
    const { sessions, link } = told
    const world = worldOf(['a.example'], { hasSession: name => sessions.includes(name), linkTo: () => link })
    const { account, effects } = step(world, told.account, eventOf(told, command))
    told = { ...told, account, effects }
    lines.push(...(effects.length === 0 ? ['nothing'] : effects.map(lineOf)))
  }
  return lines
}

/** The account after a command that states what is given; nothing if it is an event. */
const prepare = (told: Told, command: string): Told | undefined => {
  const [word = '', name = '', detail = ''] = command.split(' ')
  const { account } = told
  const session = account.sessions.find(({ resource }) => resource === name) ?? initial(name)
  const with_ = (after: ImAccount): Told => ({ ...told, account: after })
  switch (word) {
    case 'contact': {
      const item = { jid: name, groups: [], state: detail as SubscriptionState, approved: false, listed: true }
      return with_({ ...account, roster: putItem(account.roster, item).roster })
    }
    case 'blocks':
      return with_({ ...account, roster: setBlocked(account.roster, new Set([name])).roster })
    case 'session':
      return { ...told, sessions: [...told.sessions, name] }
    case 'available': {
      const announced = announcement(outgoing(parsed(`<presence from='${user}/${name}'/>`)))
      const presence = { ...session, interested: true, available: { ...announced, priority: Number(detail) } }
      return { ...with_(setPresence(presence)(account).account), sessions: [...told.sessions, name] }
    }
    case 'carbons':
      return with_(setPresence({ ...session, carbonsSince: 0 })(account).account)
    case 'delivering':
      return with_({ ...account, isDeliveringStored: true })
    case 'link':
      return { ...told, link: name as LinkState }
    default:
      return undefined
  }
}

const eventOf = ({ effects }: Told, command: string): ImEvent => {
  const at = command.indexOf(' ')
  const [word, rest] = at < 0 ? [command, ''] : [command.slice(0, at), command.slice(at + 1)]
  const delivery = effects.find(effect => effect._tag === 'Deliver' || effect._tag === 'DeliverState')
  switch (word) {
    case 'arrives':
      return arrival(stanzaOf(rest))
    case 'stored': {
      const page = rest === '' ? [] : [{ key: 1, at: 0, ...stanzaOf(rest) }]
      return { _tag: 'StoredRead', page, isAll: true }
    }
    case 'ends':
      return { _tag: 'SessionEnded', resource: rest, isStopped: false }
    case 'established':
      return { _tag: 'LinkEstablished', contact: rest }
    case 'returned':
      return { _tag: 'LinkReturned', stanza: stanzaOf(rest), condition: 'recipient-unavailable' }
    case 'refused':
      if (delivery === undefined) throw new Error('nothing was to be delivered')
      return { _tag: 'DeliveryRefused', delivery, refusal: { type: 'wait', condition: 'remote-server-timeout' } }
    case 'taken':
      if (delivery?._tag !== 'Deliver' || delivery.reportTo === undefined) throw new Error('nobody asked')
      return { _tag: 'DeliveryTaken', delivery, resource: delivery.reportTo }
    default:
      if (!word.endsWith(':')) throw new Error(`no such command: ${command}`)
      return { _tag: 'StanzaSent', resource: word.slice(0, -1), stanza: Stanza.fromElement(parsed(rest)) }
  }
}

const stanzaOf = (text: string) => {
  const stanza = Stanza.fromElement(parsed(text))
  return { stanza, facts: stanzaFacts(stanza.element) }
}

const arrival = (incoming: ReturnType<typeof stanzaOf>): ImEvent => {
  const { name, from = '', to: address = '' } = incoming.facts
  const to = toUndefined(parseJid(address))
  if (to === undefined) throw new Error(`no address: ${address}`)
  switch (name) {
    case 'message':
      return { _tag: 'MessageArrived', to, message: incoming, at: 0 }
    case 'presence':
      return { _tag: 'PresenceArrived', from, to: address, presence: incoming, original: incoming.stanza.element }
    case 'iq':
      return { _tag: 'IqArrived', from: { account: from.replace(/\/.*/, ''), resource: '' }, to, iq: incoming }
  }
}

const lineOf = (effect: ImEffect): string => {
  switch (effect._tag) {
    case 'PutRecord':
    case 'DropRecord':
      return `${effect._tag} ${effect.kind} ${effect.name === '' ? 'version' : effect.name.trim()}`
    case 'KeepStale': {
      const { contact, ...lost } = effect.stale
      return `KeepStale ${contact} ${JSON.stringify(lost)}`
    }
    case 'DropStale':
    case 'ScheduleResync':
      return `${effect._tag} ${effect.contact}`
    case 'StoreOffline':
      return `StoreOffline ${effect.message.stanza.xml}`
    case 'DropOffline':
      return `DropOffline ${effect.keys.join(' ')}`
    case 'Submit':
      return `Submit to ${effect.resource}: ${effect.stanza.stanza.xml}`
    case 'SubmitToSeveral':
      return `SubmitToSeveral ${effect.recipients.map(({ resource, stanza }) => `to ${resource}: ${stanza.xml}`).join(' ')}`
    case 'Push':
      return `Push to ${effect.resource}: ${effect.payload.toString()}`
    case 'Deliver':
      return `Deliver ${effect.stanza.stanza.xml}${effect.reportTo === undefined ? '' : `, report to ${effect.reportTo}`}`
    case 'DeliverState':
    case 'SendToRemote':
      return `${effect._tag} ${effect.stanza.stanza.xml}`
    case 'DeliverWholeState':
      return `DeliverWholeState ${effect.stanzas.map(({ stanza }) => stanza.xml).join(' ')}`
    case 'ShowPresence':
      return `ShowPresence to ${effect.to}: ${effect.presence.xml}`
    case 'AskPresence':
      return `AskPresence of ${effect.account} for ${effect.viewer}`
    case 'Answer':
      return `Answer ${effect.reply.toString()}`
    case 'NoteAnswer':
      return `NoteAnswer ${effect.id} of ${effect.resource} to ${effect.to}`
    case 'Continue':
      return `Continue ${effect.event._tag} ${effect.event.contact}`
    case 'Log':
      return `Log ${effect.level}: ${effect.message}`
    case 'ReadStored':
      return 'ReadStored'
  }
}
