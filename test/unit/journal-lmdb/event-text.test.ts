/** The short way to an event's text is the codec's. */
import { eventCodec, jsonPayload, parseJson } from '@smacks/codec'
import { defaultConfig, type Event } from '@smacks/core'
import { programArbitrary, runProgram } from '@smacks/testkit'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { eventText } from '../../../packages/journal-lmdb/src/event-text.js'

const codec = eventCodec(jsonPayload)

const read = (text: string) => {
  const json = parseJson(text)
  return json._tag === 'Right' ? codec.decode(json.right) : json
}

it('reads as what the codec writes, whatever happens', () => {
  fc.assert(
    fc.property(programArbitrary({ maxLength: 40 }), program => {
      for (const { event } of runProgram(defaultConfig, program)) {
        const expected = event._tag === 'StanzaReceived' ? { ...event, stanza: null } : event
        expect(read(eventText(event, codec, jsonPayload))).toEqual(codec.decode(codec.encode(expected)))
      }
    }),
    { numRuns: 100 },
  )
})

it('has names and stanzas as they are, whatever is in them, and all facts', () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('"', '\\', '\n', '\ud800', '\u2028'),
  )
  const flag = fc.constant(true as const)
  const facts = fc.record(
    {
      name: fc.constant('message' as const),
      type: text,
      id: text,
      from: text,
      to: text,
      copy: flag,
      archived: flag,
      state: flag,
    },
    { requiredKeys: ['name', 'type'] },
  )
  const recipient = fc.record(
    { resource: text, stanza: fc.jsonValue().filter(value => !Object.is(value, -0)), facts, size: fc.nat() },
    { requiredKeys: ['resource', 'stanza', 'facts'] },
  )
  fc.assert(
    fc.property(recipient, fc.array(recipient), text, (one, others, connection) => {
      const events = [
        { _tag: 'StanzaSubmitted', at: 1, ...one },
        { _tag: 'MessageSubmitted', at: 2, recipients: others },
        { _tag: 'AckReceived', at: 3, resource: one.resource, connection, version: 'urn:xmpp:sm:3', h: 7 },
      ] as ReadonlyArray<Event<unknown>> as ReadonlyArray<Parameters<typeof codec.encode>[0]>
      for (const event of events) expect(eventText(event, codec, jsonPayload)).toBe(JSON.stringify(codec.encode(event)))
    }),
  )
})
