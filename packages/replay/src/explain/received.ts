/** What a stanza from a peer leads to: it is counted or not, and its sender learns of it. */
import type { Json } from '@smacks/codec'
import {
  type Config,
  type ConnectionId,
  counterModulus,
  distance,
  type Nonza,
  type Session,
  type StanzaReceived,
  sessionOf,
} from '@smacks/core'
import type { ReplayedStep } from '../replay.js'
import { smIdOf } from '../sm-id.js'
import * as rules from './rules.js'
import type { Counted, StanzaIdentity, Telling } from './story.js'
import { fullJid, holderOf } from './words.js'

export interface ReceivedTold {
  readonly telling: Telling
  /** Nothing was done with it. */
  readonly isVoid?: true
  /** If it was counted, what its sender is still to learn. */
  readonly counted?: Counted
}

/** The stanza came on a connection. */
export const tellReceived = (step: ReplayedStep, event: StanzaReceived<Json>): ReceivedTold => {
  const { account } = step.entry
  const { resource, connection } = event
  const came = `came from ${fullJid(account, resource)} on ${connection}`
  if (!step.effects.some(({ _tag }) => _tag === 'Deliver'))
    return {
      telling: {
        text: `${came}, ${whyVoid(step, event)}; it was not counted and nothing was done with it`,
        rule: rules.isVoid,
      },
      isVoid: true,
    }
  const session = sessionOf(step.after, resource)
  switch (session?._tag) {
    case 'Active': {
      const number = session.inbound.handled
      return {
        telling: { text: `${came} and was counted: our h became ${number}`, rule: rules.counts },
        counted: { account, resource, smId: smIdOf(session), number },
      }
    }
    case 'Enabling':
    case 'Negotiating':
      return { telling: { text: `${came}; it was delivered but not counted`, rule: rules.countsFromEnabled } }
    default:
      return {
        telling: {
          text: `${came}; it was delivered but not counted, without stream management`,
          rule: rules.countsNotYet,
        },
      }
  }
}

const whyVoid = ({ before }: ReplayedStep, { resource, connection }: StanzaReceived<Json>): string => {
  const session = sessionOf(before, resource)
  if (session === undefined) return 'but the session was over already'
  const other = 'connection' in session ? `, whose session is on ${session.connection}` : ', whose session hibernates'
  return holderOf(before, connection) === undefined
    ? `but ${connection} is no longer the connection of ${resource}${other}`
    : 'but it is void there'
}

/** The first element that tells the sender, if this step sends it. */
export const tellSender = (step: ReplayedStep, config: Config, counted: Counted): Telling | undefined => {
  const { event } = step
  for (const effect of step.effects) {
    if (effect._tag !== 'SendNonza') continue
    const { nonza, connection } = effect
    const told = 'its sender was told that we have it'
    if (nonza._tag === 'Ack' && isOf(step, connection, counted) && covers(nonza.h, counted))
      return { text: `${told}: <a h='${nonza.h}'/> on ${connection}`, rule: rules.tellsSender }
    if (nonza._tag === 'Resumed' && nonza.previd === counted.smId && covers(nonza.h, counted))
      return { text: `${told}: <resumed h='${nonza.h}'/> on ${connection}`, rule: rules.tellsSender }
    if (isLate(nonza) && event._tag === 'ResumeReceived' && event.previd === counted.smId && covers(nonza.h, counted))
      return {
        text: `${told}, though its session was over: <failed h='${nonza.h}'/> on ${connection}`,
        rule: rules.tellsLateSender(config),
      }
  }
  return undefined
}

const isLate = (nonza: Nonza): nonza is Extract<Nonza, { readonly _tag: 'Failed' }> & { readonly h: number } =>
  nonza._tag === 'Failed' && nonza.h !== undefined

const isOf = ({ before, after }: ReplayedStep, connection: ConnectionId, { resource }: Counted): boolean =>
  holderOf(before, connection)?.resource === resource || holderOf(after, connection)?.resource === resource

/** As serial numbers: `h` is the number or one of the 2^31 after it. */
const covers = (h: number, { number }: Counted): boolean => distance(number, h) < counterModulus / 2

/** Sent stanzas carry the sender that the server stamps on them, so a received one is known by that as well. */
export const identityOfReceived = ({ entry, event, before }: ReplayedStep): StanzaIdentity | undefined => {
  if (event._tag !== 'StanzaReceived' || event.facts === undefined) return undefined
  const { name, type, id, from, to } = event.facts
  const session = sessionOf(before, event.resource)
  const fromOurClient = session === undefined || !isInitiating(session)
  const isOwn = fromOurClient && (from === undefined || from === entry.account || from.startsWith(`${entry.account}/`))
  const sender = isOwn ? fullJid(entry.account, event.resource) : from
  const receiver = to ?? (name === 'message' && isOwn ? entry.account : undefined)
  return {
    name,
    type,
    ...(id === undefined ? {} : { id }),
    ...(sender === undefined ? {} : { from: sender }),
    ...(receiver === undefined ? {} : { to: receiver }),
  }
}

/** True if we are the client; then what we receive is from others. */
const isInitiating = (session: Session<Json>): boolean =>
  session._tag === 'Enabling' ||
  session._tag === 'Negotiating' ||
  session._tag === 'Resuming' ||
  ('role' in session && session.role === 'initiating')
