/** The stanzas that are submitted: one of each kind that has a disposition of its own. */
import { Stanza, stanzaFacts } from '@smacks/codec'
import type { StanzaFacts } from '@smacks/core'
import { otherSide, type Side } from '@smacks/testkit'

const archived = "<stanza-id xmlns='urn:xmpp:sid:0' by='juliet@example.org' id='7'/>"
const forwarded = "<forwarded xmlns='urn:xmpp:forward:0'/>"

/** Start tag and children; `#` is where the addresses and the id go. */
const texts = {
  chat: "<message type='chat' #><body>Parting is such sweet sorrow</body></message>",
  normal: '<message #><body>Wherefore — “art” thou? 🌹</body></message>',
  archived: `<message type='chat' #><body>Hark!</body>${archived}</message>`,
  carbon: `<message type='chat' #><received xmlns='urn:xmpp:carbons:2'>${forwarded}</received></message>`,
  delayed: "<message type='chat' #><delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z'/></message>",
  headline: "<message type='headline' #><body>A plague</body></message>",
  groupchat: "<message type='groupchat' #><body>o' both</body></message>",
  messageError: "<message type='error' #/>",
  presence: '<presence #><show>away</show></presence>',
  subscribe: "<presence type='subscribe' #/>",
  get: "<iq type='get' #><query xmlns='jabber:iq:version'/></iq>",
  set: "<iq type='set' #><query xmlns='jabber:iq:private'/></iq>",
  result: "<iq type='result' #/>",
  iqError: "<iq type='error' #/>",
} as const

export type StanzaKind = keyof typeof texts
export const stanzaKinds = Object.keys(texts) as ReadonlyArray<StanzaKind>

/** To the account, or to the one session of it. */
export type Addressee = 'account' | 'session'

export interface Submission {
  readonly id: string
  readonly stanza: Stanza
  readonly facts: StanzaFacts
}

const juliet: Readonly<Record<Addressee, string>> = {
  account: 'juliet@example.org',
  session: 'juliet@example.org/balcony',
}
const addresses = (from: Side, addressee: Addressee): string =>
  from === 'server' ? `from='romeo@example.net/orchard' to='${juliet[addressee]}'` : `to='romeo@example.net'`

/** Facts are those of the text; they are read once for each kind. */
const templates = new Map<string, { readonly text: string; readonly facts: StanzaFacts }>()

const templateOf = (from: Side, kind: StanzaKind, addressee: Addressee) => {
  const key = `${from} ${kind} ${addressee}`
  const known = templates.get(key)
  if (known !== undefined) return known
  const text = texts[kind].replace('#', `${addresses(from, addressee)} id='#'`)
  const made = { text, facts: stanzaFacts(Stanza.fromXml(text).element) }
  templates.set(key, made)
  return made
}

/** The stanza number `count` of a side, such as `c12`. */
export const stanzaOf = (from: Side, count: number, kind: StanzaKind, addressee: Addressee): Submission => {
  const { text, facts } = templateOf(from, kind, addressee)
  const id = `${from === 'client' ? 'c' : 's'}${count}`
  return { id, stanza: Stanza.fromXml(text.replace('#', id)), facts: { ...facts, id } }
}

/** Who submitted the stanza. */
export const senderOf = (id: string): Side => (id.startsWith('c') ? 'client' : 'server')

export const receiverOf = (id: string): Side => otherSide(senderOf(id))
