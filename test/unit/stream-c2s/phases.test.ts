/** What each kind of element means in each phase of a stream (RFC 6120 §§5-7, XEP-0198 §§3-5). */
import { describe, expect, test } from 'vitest'
import { outcome } from './outcome.js'
import { auth, authenticate, bind, type Client, nsBind, nsTls, openStage, response, sm3 } from './stage.js'

type Answer = ReadonlyArray<string>

const phases = {
  'in the clear': () => openStage().connect({ secure: false }).opens(),
  'inside TLS': () => openStage().connect().opens(),
  'during SASL': () => openStage().connect().opens().says(auth('ask who')),
  'during SASL2': () => openStage().connect().opens().says(authenticate('ask who')),
  authenticated: () => openStage().connect().authenticates(),
  bound: () => openStage().connect().binds(),
  managed: () => {
    const client = openStage().connect().binds()
    client.enables()
    return client
  },
} satisfies Readonly<Record<string, () => Client>>

type PhaseName = keyof typeof phases

const ends = (condition: string): Answer => [`stream:error(${condition})`, 'end']
const refused = ends('unsupported-stanza-type')
const early = ends('not-authorized')
const outOfTurn = ends('policy-violation')
const failed = (condition: string): Answer => [`failed(${condition})`]
const nothing: Answer = []

/** In the order of the phases above; the last one stands for those that are missing. */
const table: ReadonlyArray<readonly [element: string, ...answers: ReadonlyArray<Answer>]> = [
  ['<message/>', early, early, early, outOfTurn, early, nothing, nothing],
  ['<presence/>', early, early, early, outOfTurn, early, nothing, nothing],
  [`<iq type='get' id='i'><query xmlns='jabber:iq:roster'/></iq>`, early, early, early, outOfTurn, early, nothing],
  [bind('desk'), early, early, early, outOfTurn, ['iq(bind)'], nothing, nothing],
  [`<iq type='get' id='i'><bind xmlns='${nsBind}'/></iq>`, early, early, early, outOfTurn, early, nothing],
  [`<iq type='set' id='i'><bind xmlns='urn:example:x'/></iq>`, early, early, early, outOfTurn, early, nothing],
  [
    `<starttls xmlns='${nsTls}'/>`,
    ['proceed'],
    ['failure', ...ends('policy-violation')],
    ['failure', ...ends('policy-violation')],
    outOfTurn,
    refused,
  ],
  [`<stoptls xmlns='${nsTls}'/>`, refused, refused, refused, outOfTurn, refused],
  [
    auth('ask what'),
    ['failure(encryption-required)'],
    ['challenge'],
    ['failure(malformed-request)'],
    outOfTurn,
    refused,
  ],
  [
    response('ask what'),
    ['failure(malformed-request)'],
    ['failure(malformed-request)'],
    ['challenge'],
    outOfTurn,
    refused,
  ],
  [
    authenticate('ask what'),
    ['failure(encryption-required)'],
    ['challenge'],
    ['failure(malformed-request)'],
    outOfTurn,
    refused,
  ],
  [
    response('ask what', 'urn:xmpp:sasl:2'),
    ['failure(malformed-request)'],
    ['failure(malformed-request)'],
    ['failure(malformed-request)'],
    ['challenge'],
    refused,
  ],
  ...['enable', 'r'].map(
    name =>
      [
        `<${name} xmlns='${sm3}'/>`,
        failed('not-authorized'),
        failed('not-authorized'),
        failed('not-authorized'),
        outOfTurn,
        failed('unexpected-request'),
        name === 'enable' ? ['enabled'] : failed('unexpected-request'),
        name === 'enable' ? failed('unexpected-request') : ['a'],
      ] as const,
  ),
  [
    `<a xmlns='${sm3}' h='0'/>`,
    failed('not-authorized'),
    failed('not-authorized'),
    failed('not-authorized'),
    outOfTurn,
    failed('unexpected-request'),
    failed('unexpected-request'),
    nothing,
  ],
  [
    `<resume xmlns='${sm3}' previd='x' h='0'/>`,
    failed('not-authorized'),
    failed('not-authorized'),
    failed('not-authorized'),
    outOfTurn,
    failed('item-not-found'),
    failed('unexpected-request'),
  ],
  [
    `<resume xmlns='${sm3}' h='0'/>`,
    failed('not-authorized'),
    failed('not-authorized'),
    failed('not-authorized'),
    outOfTurn,
    failed('bad-request'),
  ],
  [
    `<enable xmlns='${sm3}' max='soon'/>`,
    failed('not-authorized'),
    failed('not-authorized'),
    failed('not-authorized'),
    outOfTurn,
    failed('unexpected-request'),
    failed('bad-request'),
  ],
  [
    `<enabled xmlns='${sm3}'/>`,
    failed('not-authorized'),
    failed('not-authorized'),
    failed('not-authorized'),
    outOfTurn,
    failed('unexpected-request'),
    refused,
  ],
  [
    `<a xmlns='${sm3}'/>`,
    failed('not-authorized'),
    failed('not-authorized'),
    failed('not-authorized'),
    outOfTurn,
    failed('unexpected-request'),
    failed('unexpected-request'),
    ends('invalid-xml'),
  ],
  [`<resume xmlns='urn:xmpp:sm:99' previd='x' h='0'/>`, refused, refused, refused, outOfTurn, refused],
  [`<resume previd='' h='0'/>`, refused, refused, refused, outOfTurn, refused],
  ["<inactive xmlns='urn:xmpp:csi:0'/>", refused, refused, refused, outOfTurn, refused, nothing],
  ["<asleep xmlns='urn:xmpp:csi:0'/>", refused, refused, refused, outOfTurn, refused],
  ["<message xmlns='jabber:server'/>", refused, refused, refused, outOfTurn, refused],
  ["<x xmlns='urn:example:x'/>", refused, refused, refused, outOfTurn, refused],
]

const phaseNames = Object.keys(phases) as ReadonlyArray<PhaseName>

for (const [place, phase] of phaseNames.entries())
  describe(phase, () => {
    for (const [element, ...answers] of table) {
      const answer = answers[place] ?? answers.at(-1) ?? nothing
      // Where stanzas are counted, the count is the last that is said before an error.
      const expected = phase === 'managed' && answer.includes('end') ? ['a', ...answer] : answer
      const aimed = expected.length === 0 ? 'is not answered by the stream' : `is answered with ${expected.join(', ')}`
      test(`${element} ${aimed}`, () => {
        const client = phases[phase]().ignores()
        expect(outcome(client.says(element).hears())).toEqual(expected)
        expect(client.line.state()).toBe(expected.includes('end') ? 'closed' : 'open')
      })
    }
  })

test('the refusal says what was not understood, in a few words', () => {
  const client = openStage().connect().opens().ignores()
  const said = client.says(`<${'x'.repeat(10_000)} xmlns='urn:example:${'y'.repeat(10_000)}'/>`).hears()
  expect(said).toMatch(/<text [^>]*>The element &lt;x{100}\.\.\./)
  expect(said.length).toBeLessThan(1_000)
})

test('the answer to an element of stream management is in its namespace', () => {
  for (const [prepare, element] of [
    [phases['inside TLS'], "<enable xmlns='urn:xmpp:sm:2'/>"],
    [phases.authenticated, "<resume xmlns='urn:xmpp:sm:2' previd='x' h='0'/>"],
    [phases.authenticated, "<resume xmlns='urn:xmpp:sm:2' h='0'/>"],
    [phases.bound, "<enable xmlns='urn:xmpp:sm:2' max='soon'/>"],
  ] as const)
    expect(prepare().ignores().says(element).hears()).toMatch(/^<failed xmlns=.urn:xmpp:sm:2./)
})
