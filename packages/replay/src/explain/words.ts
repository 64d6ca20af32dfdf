/** Words that passages have in common. */
import type { Json } from '@smacks/codec'
import {
  type Account,
  type AccountId,
  type ConnectionId,
  connectionOf,
  type Resource,
  type Session,
  type StanzaFacts,
} from '@smacks/core'

/** The full JID of a session. */
export const fullJid = (account: AccountId, resource: Resource): string => `${account}/${resource}`

/** "1st", "2nd", "3rd", "4th", "11th". */
export const ordinal = (count: number): string => {
  const [ten, one] = [count % 100, count % 10]
  const ending = ten >= 11 && ten <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][one] ?? 'th')
  return `${count}${ending}`
}

/** "once", "twice", "3 times". */
export const times = (count: number): string => (count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`)

/** "nothing", "one", "one and other", "one, other and third". */
export const listed = (words: ReadonlyArray<string>): string =>
  words.length < 2 ? (words[0] ?? 'nothing') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`

/** The stanza's own words for itself, such as "message m1 (chat)". */
export const nameOf = ({ name, id, type }: Pick<StanzaFacts, 'id' | 'name' | 'type'>): string =>
  `${name} ${id ?? 'without id'}${type === '' ? '' : ` (${type})`}`

/** Whose connection it is now. */
export const holderOf = (account: Account<Json>, connection: ConnectionId): Session<Json> | undefined =>
  account.sessions.find(session => connectionOf(session) === connection)
