/** A client: what it shows its user is what it was told, and it resumes by all rules. */
import type { Stanza } from '@smacks/codec'
import type { ConnectionId, Nonza } from '@smacks/core'

export interface Client {
  readonly account: string
  readonly resource: string
  readonly isManaged: boolean
  /** Absent without a line. */
  connection: ConnectionId | undefined
  /** The session that it can resume. */
  smId: string | undefined
  handled: number
  /** What it said in this session, since that began. */
  said: Array<string>
  /** The server's `h` as `<resumed/>` told it: what is behind it is to be said again. */
  isToSayFrom: number | undefined
  /** Whom it sees, by full JID: the presence as it came, without addresses. */
  picture: Map<string, string>
  /** Its roster: the items as they came, by contact. */
  roster: Map<string, string>
  /** What was submitted to its session since it has no line. */
  waiting: Array<string>
  /** What it showed last of itself; none: it is unavailable. */
  shows: string | undefined
}

export const newClient = (account: string, resource: string, isManaged: boolean): Client => ({
  account,
  resource,
  isManaged,
  connection: undefined,
  smId: undefined,
  handled: 0,
  said: [],
  isToSayFrom: undefined,
  picture: new Map(),
  roster: new Map(),
  waiting: [],
  shows: undefined,
})

/** What it had of its session is over. */
export const beginAnew = (client: Client): void => {
  Object.assign(client, newClient(client.account, client.resource, client.isManaged))
}

export const jidOf = ({ account, resource }: Pick<Client, 'account' | 'resource'>): string => `${account}/${resource}`

/** Something is said, for the first time or again. Who is unavailable is told nothing any more, and shows nobody (RFC 6121 §4.5). */
export const noteSaid = (client: Client, text: string): void => {
  if (!text.startsWith('<presence') || text.includes(' to=')) return
  client.shows = text.includes("type='unavailable'") ? undefined : text
  if (client.shows === undefined) client.picture.clear()
}

export const takeStanza = (client: Client, { element }: Stanza): void => {
  client.handled += 1
  if (element.name === 'presence') takePresence(client, element)
  const query = element.name === 'iq' ? element.getChild('query', 'jabber:iq:roster') : undefined
  if (query === undefined) return
  if (element.attrs.type === 'result') client.roster.clear()
  for (const item of query.getChildren('item')) {
    const { jid = '', subscription = 'none', ask = '' } = item.attrs
    if (subscription === 'remove') client.roster.delete(jid)
    else client.roster.set(jid, `${subscription} ${ask}`)
  }
}

const takePresence = (client: Client, element: Stanza['element']): void => {
  const { from = '', type } = element.attrs
  if (type === 'unavailable') client.picture.delete(from)
  else if (type === undefined) client.picture.set(from, element.getChildText('status') ?? '')
}

/** True if its session is gone: it is to begin anew. */
export const takeNonza = (client: Client, nonza: Nonza): boolean => {
  if (nonza._tag === 'Enabled') client.smId = nonza.id
  if (nonza._tag === 'Resumed') client.isToSayFrom = nonza.h
  return nonza._tag === 'Failed'
}
