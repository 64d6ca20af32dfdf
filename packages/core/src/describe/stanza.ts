/** Stanzas in prose. What can be said of an opaque payload is what its facts say. */
import type { StanzaFacts } from '../stanza.js'

/** Says in a few words which stanza it is. Received stanzas may come without facts. */
export type DescribeStanza<A> = (stanza: A, facts: StanzaFacts | undefined) => string

/** Such as "message m1 to juliet@example.org"; "a stanza" where nothing is known of it. */
export const describeByFacts = (_: unknown, facts: StanzaFacts | undefined): string => {
  if (facts === undefined) return 'a stanza'
  const { name, id, to } = facts
  return [name, ...(id === undefined ? [] : [id]), ...(to === undefined ? [] : [`to ${to}`])].join(' ')
}
