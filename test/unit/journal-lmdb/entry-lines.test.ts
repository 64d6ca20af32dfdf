/** Entries that are written together are read as if each had been written by itself. */
import { utf8Bytes } from '@smacks/codec'
import { defaultConfig, type Event, type StanzaFacts } from '@smacks/core'
import type { AccountId, Change } from '@smacks/runtime'
import { programArbitrary, runProgram } from '@smacks/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type BatchText, batchText } from '../../../packages/journal-lmdb/src/batch-text.js'
import { linesOf } from '../../../packages/journal-lmdb/src/row-lines.js'
import { sessionCodecs } from '../../../packages/journal-lmdb/src/session-codecs.js'
import { textPayload } from './text-payload.js'

const [romeo, juliet] = ['romeo@example.net', 'juliet@example.com'] as const
const codecs = sessionCodecs<string>(textPayload, 'absent')

const written = (changes: ReadonlyArray<Change<string>>): BatchText<string> =>
  batchText({ codecs, others: { sizeOf: () => 0 }, isAllowed: () => true }, changes)

const read = ({ content }: BatchText<string>) => linesOf(Buffer.from(content, 'latin1'))

const logged = (account: AccountId, event: Event<string>) => ({ _tag: 'EventLogged', account, event }) as const

const byItself = (changes: ReadonlyArray<ReturnType<typeof logged>>, account: AccountId) =>
  changes.filter(change => change.account === account).map(change => codecs.encodeEntry(account, change))

const facts = (id: string): StanzaFacts => ({ name: 'message', type: 'chat', id, from: `${juliet}/balcony`, to: romeo })

const text = (number: number, inside = 'Wherefore?') => `<message id="m${number}"><body>${inside}</body></message>`

const arrived = (at = 1) =>
  logged(juliet, { _tag: 'StanzaReceived', at, resource: 'balcony', connection: 'c1', stanza: '' })

const submitted = (number: number, at = 1) =>
  logged(romeo, {
    _tag: 'MessageSubmitted',
    at,
    recipients: [{ resource: 'orchard', stanza: text(number), facts: facts(`m${number}`), size: text(number).length }],
  })

describe('a burst', () => {
  const burst = Array.from({ length: 25 }, (_, number) => [arrived(), submitted(number)]).flat()

  it('is two lines of which little more than stanzas and ids is written', () => {
    const one = written(burst)
    expect(one.needy).toEqual([juliet, romeo])
    const stanzas = Array.from({ length: 25 }, (_, number) => text(number).length).reduce((sum, size) => sum + size)
    expect(one.content.length - stanzas).toBeLessThan(25 * 10 + 400)
    expect(read(one)).toEqual([...byItself(burst, juliet), ...byItself(burst, romeo)])
  })

  it('ends where the clock goes on, or anything else happens', () => {
    const acked = logged(romeo, {
      _tag: 'AckReceived',
      at: 1,
      resource: 'orchard',
      connection: 'c2',
      version: 'urn:xmpp:sm:3',
      h: 1,
    })
    const changes = [...burst, submitted(25, 2), submitted(26, 2), acked, submitted(27, 2), acked, acked]
    expect(read(written(changes))).toEqual([...byItself(changes, juliet), ...byItself(changes, romeo)].sort(order))
  })

  it('is found where it is kept of it, in its place', () => {
    const [stanza, id] = [text(24), 'm24']
    const unacked = [{ stanza, facts: (burst[49] as ReturnType<typeof submitted>).event, at: 1 }]
    const [recipient] = unacked[0]?.facts._tag === 'MessageSubmitted' ? unacked[0].facts.recipients : []
    const kept = { stanza, facts: recipient?.facts ?? facts(id), at: 1 }
    const lines = read(
      written([...burst, { _tag: 'KeepUnacked', account: romeo, resource: 'orchard', from: 7, unacked: [kept] }]),
    )
    const [line] = lines.slice(-1)
    expect(line).toBe(`+["${romeo}","keep","orchard",7,[{"v":1,"at":1,"in":[49,"recipients",0]}]]`)
    expect(lines[49]).toContain(`"id":"${id}"`)
  })
})

/** As the batch has them: all of one account, then all of the other. */
const order = (one: string, other: string): number =>
  Number(one.includes(`["${romeo}"`)) - Number(other.includes(`["${romeo}"`))

it('is read as each by itself, whatever happens to two accounts', () => {
  const program = programArbitrary({ maxLength: 40 })
  fc.assert(
    fc.property(program, program, fc.array(fc.boolean(), { maxLength: 100 }), (ours, theirs, order) => {
      const rest = [ours, theirs].map(one => runProgram(defaultConfig, one).map(({ event }) => event as Event<string>))
      const changes: Array<ReturnType<typeof logged>> = []
      for (const isOurs of [...order, ...Array<boolean>(100).fill(true), ...Array<boolean>(100).fill(false)]) {
        const event = rest[isOurs ? 0 : 1]?.shift()
        if (event !== undefined) changes.push(logged(isOurs ? romeo : juliet, event))
      }
      const lines = read(written(changes))
      for (const account of [romeo, juliet])
        expect(lines.filter(line => codecs.accountOf(line) === account)).toEqual(byItself(changes, account))
      expect(lines).toHaveLength(changes.length)
    }),
  )
})

it('is read as each by itself where bursts differ in any member', () => {
  const letters = fc.string({
    unit: fc.constantFrom('a', '"', '\\', '\n', '\0', 'ö', '💛', '[', ']', '\u2028'),
    maxLength: 6,
  })
  const few = fc.constantFrom('chat', 'normal', 'ö"')
  const recipient = fc.record(
    {
      resource: few,
      stanza: letters,
      facts: fc.record(
        {
          name: fc.constant('message' as const),
          type: few,
          id: letters,
          from: few,
          to: few,
          copy: fc.constant(true as const),
        },
        { requiredKeys: ['name', 'type'] },
      ),
      size: fc.option(fc.nat(3), { nil: undefined }),
    },
    { requiredKeys: ['resource', 'stanza', 'facts'] },
  )
  const event = fc.oneof(
    recipient.map(one => ({ _tag: 'StanzaSubmitted', at: 1, ...one })),
    fc.array(recipient, { maxLength: 2 }).map(recipients => ({ _tag: 'MessageSubmitted', at: 1, recipients })),
    few.map(resource => ({ _tag: 'StanzaReceived', at: 1, resource, connection: resource, stanza: '' })),
  )
  fc.assert(
    fc.property(fc.array(event, { maxLength: 12 }), events => {
      const changes = events.map(one => {
        // Mostly the length is that of the stanza.
        const exact = <E extends { readonly size?: number | undefined; readonly stanza: string }>({
          size,
          ...rest
        }: E) => ({
          ...rest,
          ...(size === undefined ? {} : { size: size === 0 ? utf8Bytes(rest.stanza).length : size }),
        })
        if ('recipients' in one)
          return logged(romeo, { ...one, recipients: one.recipients.map(exact) } as Event<string>)
        return logged(romeo, ('facts' in one ? exact(one) : one) as Event<string>)
      })
      expect(read(written(changes))).toEqual(byItself(changes, romeo))
    }),
    { numRuns: 1000 },
  )
})

it('has no stanza behind its lines that looks like the beginning of one', () => {
  const stanza = '<message><body>\n["victim@example.org","event"</body></message>'
  const one = written([
    logged(romeo, { _tag: 'StanzaSubmitted', at: 1, resource: 'orchard', stanza, facts: facts('m') }),
  ])
  expect(one.content).not.toContain('["victim')
  expect(read(one)).toHaveLength(1)
  expect(JSON.parse(read(one)[0] ?? '')).toMatchObject([romeo, 'event', { stanza }])
})
