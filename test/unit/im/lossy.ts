/** Two houses whose links lose what they carry, and say that of what arrived too; and what people show of each other. */
import { resourceOf, type Stanza, stanzaFacts } from '@smacks/codec'
import {
  isPendingIn,
  isPendingOut,
  isSeenByContact,
  type SubscriptionState,
  type SubscriptionType,
  seesContact,
} from '../../../packages/im/src/presence/subscription.js'
import { type Client, parsed } from './house.js'
import { type Houses, openHouses, type Side } from './houses.js'

export const people = { here: 'romeo@a.example', there: 'benvolio@c.example' } as const
const domainOf = { here: 'a.example', there: 'c.example' } as const
export const opposite = { here: 'there', there: 'here' } as const
export const sides: ReadonlyArray<Side> = ['here', 'there']

/** Who is shown, by resource, and with which status. */
export type View = Readonly<Record<string, string>>

export interface Lossy {
  readonly houses: Houses
  /** The user of `side` manages the subscription with the other. */
  readonly manages: (side: Side, type: SubscriptionType) => void
  /** The user of `side` takes the other out of the roster. */
  readonly removes: (side: Side) => void
  /** A client of `side` is available with this status; `desk` is always there. */
  readonly shows: (side: Side, resource: 'desk' | 'phone', status: string) => void
  /** The phone of `side` is gone. */
  readonly leaves: (side: Side) => void
  readonly state: (side: Side) => SubscriptionState
  /** What the two of them believe about `side` getting the presence of the other. */
  readonly beliefs: (side: Side) => Readonly<Record<'contact' | 'own', string>>
  /** What `side` shows of the other. */
  readonly view: (side: Side) => View
  /** What is to be shown of `side`. */
  readonly reality: (side: Side) => View
  /** What `side` sent first arrives, if there is anything, and is not acked. */
  readonly arrives: (side: Side) => boolean
  /** What arrived is acked. */
  readonly acks: (side: Side) => void
  /** The link of `side` is down, and what was not acked is returned. */
  readonly breaks: (side: Side) => void
  /** The link of `side` stands. */
  readonly stands: (side: Side) => void
  /** Both stand, and time passes until all is said. */
  readonly heals: () => void
}

/** With `resend`, what a link gives up is routed again (`s2sResend`). */
export const openLossy = (resend = false): Lossy => {
  const houses = openHouses()
  const { wire } = houses
  wire.hold()
  const arrived: Record<Side, Array<Stanza>> = { here: [], there: [] }
  const views: Record<Side, Record<string, string>> = { here: {}, there: {} }
  const realities: Record<Side, Record<string, string>> = { here: { desk: '' }, there: { desk: '' } }
  const login = (side: Side, resource: string): Client => houses[side].login(people[side], resource)
  const desks = { here: login('here', 'desk').appears(), there: login('there', 'desk').appears() }
  const phones: Partial<Record<Side, Client>> = {}

  const state = (side: Side): SubscriptionState =>
    houses[side].rosters.roster(people[side]).items.get(people[opposite[side]])?.state ?? 'none'
  const clientOf = (side: Side, resource: 'desk' | 'phone'): Client => {
    if (resource === 'desk') return desks[side]
    phones[side] ??= login(side, 'phone')
    return phones[side]
  }
  const arrives = (side: Side): boolean => {
    const stanza = wire.releaseOne(side)
    if (stanza !== undefined) arrived[side].push(stanza)
    return stanza !== undefined
  }
  const stands = (side: Side): void => {
    wire.stands('ready', side)
    houses[side].messaging.linkEstablished(domainOf[side], domainOf[opposite[side]])
    houses[side].host.settle()
  }
  const empty = (): void => {
    while (sides.some(arrives)) for (const side of sides) arrived[side].length = 0
  }

  return {
    houses,
    manages: (side, type) => desks[side].says(`<presence type='${type}' to='${people[opposite[side]]}'/>`),
    removes: side => {
      const item = `<item jid='${people[opposite[side]]}' subscription='remove'/>`
      desks[side].says(`<iq type='set' id='x'><query xmlns='jabber:iq:roster'>${item}</query></iq>`)
    },
    shows: (side, resource, status) => {
      realities[side][resource] = status
      clientOf(side, resource).says(`<presence><status>${status}</status></presence>`)
    },
    leaves: side => {
      delete realities[side].phone
      phones[side]?.leaves()
      delete phones[side]
    },
    state,
    beliefs: side => ({
      own: word(seesContact(state(side)), isPendingOut(state(side))),
      contact: word(isSeenByContact(state(opposite[side])), isPendingIn(state(opposite[side]))),
    }),
    view: side => {
      for (const text of desks[side].hears()) look(views[side], text, people[opposite[side]])
      return views[side]
    },
    reality: side => realities[side],
    arrives,
    acks: side => void arrived[side].splice(0),
    breaks: side => {
      wire.stands('down', side)
      const lost = [...arrived[side].splice(0), ...wire.take(side).map(({ stanza }) => stanza)]
      const { messaging, host } = houses[side]
      for (const stanza of lost) {
        const facts = stanzaFacts(stanza.element)
        if (resend) messaging.sendAgain(stanza, facts, host.clock.now())
        else messaging.returnFromLink(stanza, facts, 'recipient-unavailable')
      }
      houses[side].host.settle()
    },
    stands,
    heals: () => {
      empty()
      for (const side of sides) {
        stands(side)
        empty()
      }
      for (let round = 0; round < 3; round += 1) {
        for (const side of sides) houses[side].host.advance(1_000)
        empty()
      }
    },
  }
}

const word = (granted: boolean, asked: boolean): string => {
  if (granted) return 'granted'
  return asked ? 'asked' : 'none'
}

/** What a client shows once it got this. */
const look = (view: Record<string, string>, text: string, contact: string): void => {
  const presence = parsed(text)
  const { name, attrs } = presence
  const { from = '', type } = attrs
  if (name !== 'presence' || !(from === contact || from.startsWith(`${contact}/`))) return
  if (type === undefined) view[resourceOf(from)] = presence.getChildText('status') ?? ''
  if (type !== 'unavailable') return
  if (from !== contact) delete view[resourceOf(from)]
  else for (const resource of Object.keys(view)) delete view[resource]
}
