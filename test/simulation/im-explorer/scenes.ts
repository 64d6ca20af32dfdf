/** The small worlds. */
import type { Client } from './client.js'
import type { Saying, Scene } from './world.js'

const [romeo, juliet] = ['romeo@a.example', 'juliet@a.example']

const other = ({ account }: Client): string => (account === romeo ? juliet : romeo)

const presences = ({ shows }: Client): ReadonlyArray<Saying> => [
  shows?.includes('>1<') === true
    ? { name: 'changes its presence', text: '<presence><status>2</status></presence>' }
    : { name: 'is available', text: '<presence><status>1</status></presence>' },
  ...(shows === undefined ? [] : [{ name: 'is unavailable', text: "<presence type='unavailable'/>" }]),
]

const directed = (to: string): ReadonlyArray<Saying> => [
  { name: `directs presence to ${to}`, text: `<presence to='${to}'><status>directed</status></presence>` },
  { name: `directs unavailable presence to ${to}`, text: `<presence to='${to}' type='unavailable'/>` },
]

const subscriptions = (client: Client): ReadonlyArray<Saying> => [
  ...['subscribe', 'subscribed', 'unsubscribe', 'unsubscribed'].map(type => ({
    name: `says "${type}"`,
    text: `<presence to='${other(client)}' type='${type}'/>`,
  })),
  {
    name: 'removes the contact',
    text: `<iq type='set' id='remove'><query xmlns='jabber:iq:roster'><item jid='${other(client)}' subscription='remove'/></query></iq>`,
  },
]

const desk = { account: romeo, resource: 'desk', isManaged: true }
const balcony = { account: juliet, resource: 'balcony', isManaged: true }

export const scenes: ReadonlyArray<Scene> = [
  {
    name: 'friends, one of whom has a second session without stream management',
    clients: [desk, balcony, { account: juliet, resource: 'phone', isManaged: false }],
    friends: [romeo, juliet],
    sayings: presences,
    depth: 2,
  },
  {
    name: 'strangers who direct presence',
    clients: [desk, balcony],
    sayings: client => [...presences(client), ...directed(client.account === romeo ? `${juliet}/balcony` : romeo)],
    depth: 2,
  },
  {
    name: 'strangers who may become friends',
    clients: [desk, balcony],
    sayings: subscriptions,
    depth: 2,
  },
  {
    name: 'friends who may become strangers',
    clients: [desk, balcony],
    friends: [romeo, juliet],
    sayings: client => [...presences(client), ...subscriptions(client)],
    depth: 2,
  },
]
