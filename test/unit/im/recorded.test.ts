/** Steps of instant messaging as recordings hold them: they come back as they were, and come to the same. */
import type { Json } from '@smacks/codec'
import fc from 'fast-check'
import * as Either from 'fp-ts/lib/Either.js'
import { expect, test } from 'vitest'
import { imAccountCodec } from '../../../packages/im/src/recorded/account-codec.js'
import { imEventCodec } from '../../../packages/im/src/recorded/event-codec.js'
import { imReducer, recordable } from '../../../packages/im/src/recorded/index.js'
import type { StepOfIm } from '../../../packages/im/src/recorded/step.js'
import { witnessCodec } from '../../../packages/im/src/recorded/witness.js'
import { verbatim } from '../../../packages/im/src/recorded/xml-codecs.js'
import { chat, openHouse } from './house.js'
import { openHouses } from './houses.js'

const people = ['romeo@a.example', 'juliet@a.example', 'benvolio@c.example'] as const

const toOther = (other: string): ReadonlyArray<string> => [
  '<presence/>',
  '<presence><priority>-1</priority><status>hidden</status></presence>',
  `<presence type='unavailable'/>`,
  ...['subscribe', 'subscribed', 'unsubscribe', 'unsubscribed', 'probe'].map(
    type => `<presence type='${type}' to='${other}'/>`,
  ),
  `<presence to='${other}/desk'/>`,
  chat(other, 'hark'),
  chat(`${other}/desk`, 'soft'),
  `<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>`,
  `<iq type='set' id='i'><query xmlns='jabber:iq:roster'><item jid='${other}' name='Dear'><group>Friends</group></item></query></iq>`,
  `<iq type='set' id='d'><query xmlns='jabber:iq:roster'><item jid='${other}' subscription='remove'/></query></iq>`,
  `<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'><item jid='${other}'/></block></iq>`,
  `<iq type='set' id='u'><unblock xmlns='urn:xmpp:blocking'/></iq>`,
  `<iq type='set' id='c'><enable xmlns='urn:xmpp:carbons:2'/></iq>`,
  `<iq type='get' id='v' to='a.example'><query xmlns='jabber:iq:version'/></iq>`,
  `<iq type='get' id='q' to='${other}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>`,
]

const deeds = fc.array(
  fc.record({ who: fc.nat(people.length - 1), whom: fc.nat(people.length - 1), what: fc.nat(18) }),
  { minLength: 1, maxLength: 25 },
)

/** Romeo and Juliet see each other, so that chance is not needed for what comes of that. */
const friends = [
  { who: 0, whom: 1, what: 0 },
  { who: 1, whom: 0, what: 0 },
  { who: 0, whom: 1, what: 3 },
  { who: 1, whom: 0, what: 4 },
  { who: 1, whom: 0, what: 1 },
  { who: 0, whom: 1, what: 9 },
  { who: 0, whom: 1, what: 18 },
]

/** All steps of two servers whose users do this. */
const stepsOf = (done: ReadonlyArray<{ who: number; whom: number; what: number }>): ReadonlyArray<StepOfIm> => {
  const steps: Array<StepOfIm> = []
  const observer = { observes: () => true, observe: (step: StepOfIm) => void steps.push(step) }
  const { here, there } = openHouses({ observer })
  const clients = people.map(person => (person.endsWith('c.example') ? there : here).login(person, 'desk'))
  for (const { who, whom, what } of done) {
    const stanza = toOther(people[whom] ?? '')[what]
    if (stanza !== undefined) clients[who]?.says(stanza)
  }
  for (const client of clients) client.leaves()
  return steps
}

const throughText = (json: Json): Json => JSON.parse(JSON.stringify(json)) as Json

test('each step comes back from its text as it was, and comes to the same when it is made again', () => {
  const seen = new Set<string>()
  const codecs = [imAccountCodec(verbatim), imEventCodec(verbatim), witnessCodec(verbatim)]
  fc.assert(
    fc.property(deeds, done => {
      for (const made of stepsOf(done)) {
        seen.add(made.event._tag)
        const recorded = recordable(made, false)
        const written = [recorded.state(), recorded.event(), recorded.asked()].map(throughText)
        for (const [index, codec] of codecs.entries()) {
          const json = written[index] ?? null
          const decoded = (codec as { decode: (json: Json) => Either.Either<unknown, never> }).decode(json)
          if (Either.isLeft(decoded)) throw new Error(JSON.stringify(json))
          expect(throughText((codec as { encode: (value: never) => Json }).encode(decoded.right))).toEqual(json)
        }
        const [state = null, event = null, asked = null] = written
        const again = Either.chain((account: ReturnType<typeof begun>) => account.step(event, asked))(
          imReducer().begin(state),
        )
        if (Either.isLeft(again)) throw new Error(again.left)
        expect(again.right.unforeseen).toBeUndefined()
        expect(throughText(again.right.outcome as unknown as Json)).toEqual(
          throughText(recorded.outcome() as unknown as Json),
        )
        expect(imReducer().describeEvent(event)).not.toContain('(nothing)')
      }
    }),
    { numRuns: 60, examples: [[friends]] },
  )
  for (const tag of ['StanzaSent', 'MessageArrived', 'PresenceArrived', 'IqArrived', 'PresenceShown', 'SessionEnded'])
    expect(seen).toContain(tag)
})

const begun = (state: Json) => {
  const account = imReducer().begin(state)
  if (Either.isLeft(account)) throw new Error(account.left)
  return account.right
}

/** The first step of this kind when romeo writes to juliet, who is not there. */
const message = (tag: string): StepOfIm => {
  const steps: Array<StepOfIm> = []
  const house = openHouse({ observer: { observes: () => true, observe: step => void steps.push(step) } })
  house.login('romeo@a.example', 'desk').says(chat('juliet@a.example', 'a secret'))
  const found = steps.find(({ event }) => event._tag === tag)
  if (found === undefined) throw new Error(`there is no ${tag}`)
  return found
}

test('a step that asks what was not asked comes to something else', () => {
  const recorded = recordable(message('MessageArrived'), false)
  const asked = recorded.asked() as { readonly [question: string]: Json }
  expect(Object.keys(asked)).toContain('accountExists')
  for (const question of Object.keys(asked)) {
    const { [question]: _, ...others } = asked
    const again = begun(recorded.state()).step(recorded.event(), others)
    expect(again).toMatchObject({ right: { unforeseen: { question } } })
  }
})

test('a redacted step has addresses and ids, and nothing of what was said', () => {
  for (const tag of ['StanzaSent', 'MessageArrived']) {
    const recorded = recordable(message(tag), true)
    const text = JSON.stringify([recorded.state(), recorded.event(), recorded.asked(), recorded.outcome()])
    expect(text).toContain('juliet@a.example')
    expect(text).toContain('xxxxxxxx')
    expect(text).not.toContain('>a secret<')
  }
})

test('nothing is noted of an account that nobody observes', () => {
  const steps: Array<StepOfIm> = []
  const observer = {
    observes: (account: string) => account === 'juliet@a.example',
    observe: (step: StepOfIm) => void steps.push(step),
  }
  const house = openHouse({ observer })
  house.login('romeo@a.example', 'desk').says(chat('juliet@a.example', 'hark'))
  expect(steps.map(({ before, event }) => `${before.jid} ${event._tag}`)).toEqual(['juliet@a.example MessageArrived'])
})
