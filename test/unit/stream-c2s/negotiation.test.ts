/** What each element means before there is a session, without a stream: every state, and what is refused in it. */
import { describe, expect, test } from 'vitest'
import { authenticatedSteps, unauthenticatedSteps } from '../../../packages/stream-c2s/src/negotiation.js'
import { auth, authenticate, bind, nsBind, nsSasl, nsSasl2, nsTls, response, sm3 } from './stage.js'
import { authenticated, clientElement, refused, replied, unauthenticated } from './steps.js'

const states = {
  'in the clear': unauthenticated({ isSecure: false, isPrivate: false }),
  'on loopback in the clear': unauthenticated({ isSecure: false }),
  'inside TLS': unauthenticated(),
  'during SASL': unauthenticated({ exchange: 'sasl' }),
  'during SASL2': unauthenticated({ exchange: 'sasl2' }),
}

const outOfTurn = [refused('policy-violation')]
const unknown = [refused('unsupported-stanza-type')]
const early = [refused('not-authorized')]
const premature = [replied('failed', 'not-authorized')]
const startsTls = [{ _tag: 'StartTls', proceed: `<proceed xmlns='${nsTls}'/>` }]
const tlsIsOn = [replied('failure'), refused('policy-violation')]
const given = (framing: string, request: object) => [
  { _tag: 'Authenticate', framing, request, element: expect.anything() },
]
const needsTls = (framing: string) => [
  { _tag: 'FailAuthentication', framing, condition: 'encryption-required', text: expect.any(String) },
]
const start = { _tag: 'Start', mechanism: 'OBEY', initialResponse: 'eA==' }
const respond = { _tag: 'Respond', data: 'eA==' }
const abort = { _tag: 'Abort' }

type Steps = ReadonlyArray<object>

/** In the order of the states above; the last one stands for those that are missing, but for SASL2's. */
const table: Array<[element: string, ...steps: Array<Steps>]> = [
  ['<message/>', early],
  [bind('phone'), early],
  [`<starttls xmlns='${nsTls}'/>`, startsTls, startsTls, tlsIsOn],
  [`<stoptls xmlns='${nsTls}'/>`, unknown],
  [auth('x'), needsTls('sasl'), given('sasl', start)],
  [response('x'), given('sasl', respond)],
  [`<abort xmlns='${nsSasl}'/>`, given('sasl', abort)],
  [`<success xmlns='${nsSasl}'/>`, unknown],
  [`<authenticate xmlns='${nsSasl}'/>`, unknown],
  [authenticate('x'), needsTls('sasl2'), needsTls('sasl2'), given('sasl2', start)],
  [`<auth xmlns='${nsSasl2}'/>`, unknown],
  ...['enable', 'resume', 'r', 'a', 'enabled', 'x'].map((name): [string, Steps] => [
    `<${name} xmlns='${sm3}'/>`,
    premature,
  ]),
  [`<resume xmlns='urn:xmpp:sm:99'/>`, unknown],
  ["<inactive xmlns='urn:xmpp:csi:0'/>", unknown],
  ["<message xmlns='jabber:server'/>", unknown],
]

for (const [place, [state, facts]] of Object.entries(states).entries())
  describe(state, () => {
    test.each<[string, ...Array<Steps>]>(table)('%s', (element, ...steps) => {
      const expected = facts.exchange === 'sasl2' ? outOfTurn : (steps[place] ?? steps.at(-1))
      expect(unauthenticatedSteps(facts, clientElement(element))).toEqual(expected)
    })

    test('what belongs to an exchange of SASL2 is given to it', () => {
      const said = (xml: string) => unauthenticatedSteps(facts, clientElement(xml))
      expect(said(response('x', nsSasl2))).toEqual(given('sasl2', respond))
      expect(said(`<abort xmlns='${nsSasl2}'/>`)).toEqual(given('sasl2', abort))
    })
  })

describe('authenticated', () => {
  const question = { _tag: 'ResumeReceived', at: 5, connection: 'c1', version: sm3, previd: 'x', h: 3 }
  test.each<[string, Steps]>([
    [`<resume xmlns='${sm3}' previd='x' h='3'/>`, [{ _tag: 'Resume', question }]],
    [`<resume xmlns='${sm3}' h='3'/>`, [replied('failed', 'bad-request')]],
    [`<resume xmlns='urn:xmpp:sm:99' previd='x' h='3'/>`, unknown],
    ...['enable', 'r', 'a', 'enabled'].map((name): [string, Steps] => [
      `<${name} xmlns='${sm3}'/>`,
      [replied('failed', 'unexpected-request')],
    ]),
    ['<message/>', early],
    ["<iq type='get' id='i'><query xmlns='jabber:iq:roster'/></iq>", early],
    [`<iq type='get' id='i'><bind xmlns='${nsBind}'/></iq>`, early],
    [`<message type='set'><bind xmlns='${nsBind}'/></message>`, early],
    [auth('x'), unknown],
    [`<starttls xmlns='${nsTls}'/>`, unknown],
    ["<active xmlns='urn:xmpp:csi:0'/>", unknown],
  ])('%s', (element, steps) => expect(authenticatedSteps(authenticated(), clientElement(element))).toEqual(steps))

  test('a <resume/> that makes no sense is told what its session handled', () =>
    expect(authenticatedSteps(authenticated(), clientElement(`<resume xmlns='${sm3}' previd='known'/>`))).toEqual([
      { _tag: 'Reply', xml: expect.stringMatching(/^<failed [^>]*h='7'/) },
    ]))
})

describe('<bind/>', () => {
  const steps = (resource: string | undefined, facts = {}) =>
    authenticatedSteps(authenticated(facts), clientElement(bind(resource)))
  const binds = (resource: string) => [
    { _tag: 'Reply', xml: expect.stringContaining(`<jid>romeo@a.example/${resource}</jid>`) },
    { _tag: 'Bind', event: { _tag: 'SessionBound', at: 5, resource, connection: 'c1' } },
  ]
  const fails = (type: string, condition: string) => [
    { _tag: 'Reply', xml: expect.stringMatching(new RegExp(`<error type="${type}"><${condition} `)) },
  ]

  test('binds what is wanted, as it is compared, or else something new', () => {
    expect(steps('Phone')).toEqual(binds('Phone'))
    expect(steps(' a b ')).toEqual(binds('a b'))
    expect(steps(undefined)).toEqual(binds('fresh-1'))
    expect(steps('')).toEqual(binds('fresh-1'))
  })

  test('of no resourcepart, or of one that is too long, binds nothing', () => {
    expect(steps('a&#10;b')).toEqual(fails('modify', 'bad-request'))
    expect(steps('\u6f22'.repeat(341))).toEqual(binds('\u6f22'.repeat(341)))
    expect(steps('x'.repeat(1_024))).toEqual(fails('modify', 'bad-request'))
  })

  test('needs room, but for a session that gives way', () => {
    const resources = ['phone', 'desk']
    expect(steps('tablet', { resources: ['phone'] })).toEqual(binds('tablet'))
    expect(steps('tablet', { resources })).toEqual(fails('wait', 'resource-constraint'))
    expect(steps('desk', { resources })).toEqual(binds('desk'))
    expect(steps('tablet', { resources, resourcesPerUser: 3 })).toEqual(binds('tablet'))
  })

  test('of an account whose name is long has to be short', () =>
    expect(
      authenticatedSteps(
        authenticated({ account: `${'\u6f22'.repeat(300)}@a.example` }),
        clientElement(bind('\u6f22'.repeat(300))),
      ),
    ).toEqual(fails('modify', 'not-acceptable')))
})
