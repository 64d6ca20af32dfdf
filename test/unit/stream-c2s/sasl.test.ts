/** SASL in the elements of RFC 6120 §6 and of XEP-0388: what both have in common, and where they differ. */
import { describe, expect, test } from 'vitest'
import { outcome } from './outcome.js'
import {
  auth,
  authenticate,
  base64,
  bind,
  bound,
  nsSasl,
  nsSasl2,
  openStage,
  response,
  type StageOptions,
} from './stage.js'

const opened = (options?: StageOptions) => openStage(options).connect().opens().ignores()

interface Framing {
  readonly name: string
  readonly starts: (order?: string, mechanism?: string) => string
  readonly responds: (order: string) => string
  readonly raw: (data: string) => string
  readonly abort: string
  readonly challenge: (text: string) => string
  /** What tells that one is in. */
  readonly success: RegExp
}

const framings: ReadonlyArray<Framing> = [
  {
    name: 'RFC 6120',
    starts: (order, mechanism) => auth(order, mechanism),
    responds: order => response(order),
    raw: data => `<auth xmlns='${nsSasl}' mechanism='OBEY'>${data}</auth>`,
    abort: `<abort xmlns='${nsSasl}'/>`,
    challenge: text => `<challenge xmlns='${nsSasl}'>${base64(text)}</challenge>`,
    success: /^<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><\/success>$/,
  },
  {
    name: 'SASL2',
    starts: (order, mechanism) => authenticate(order, '', mechanism),
    responds: order => response(order, nsSasl2),
    raw: data =>
      `<authenticate xmlns='${nsSasl2}' mechanism='OBEY'><initial-response>${data}</initial-response></authenticate>`,
    abort: `<abort xmlns='${nsSasl2}'><text>changed my mind</text></abort>`,
    challenge: text => `<challenge xmlns='${nsSasl2}'>${base64(text)}</challenge>`,
    success:
      /^<success xmlns='urn:xmpp:sasl:2'><authorization-identifier>romeo@a.example<\/authorization-identifier><\/success><stream:features><bind /,
  },
]

describe.each(framings)('in the elements of $name', framing => {
  test('a right initial response is a success', () => {
    expect(opened().says(framing.starts('user romeo')).hears()).toMatch(framing.success)
  })

  test('without an initial response the client is asked for it', () => {
    const client = opened().says(framing.starts())
    expect(client.hears()).toBe(framing.challenge(''))
    expect(client.says(framing.responds('user romeo')).hears()).toMatch(framing.success)
  })

  test('challenges and responses go to and fro', () => {
    const client = opened()
    expect(client.says(framing.starts('ask who')).hears()).toBe(framing.challenge('who'))
    expect(client.says(framing.responds('ask really')).hears()).toBe(framing.challenge('really'))
    expect(client.says(framing.responds('user romeo')).hears()).toMatch(framing.success)
  })

  test('a failure says why, and the client may try again', () => {
    const client = opened().says(framing.starts('fail account-disabled'))
    expect(outcome(client.hears())).toEqual(['failure(account-disabled)'])
    expect(client.says(framing.starts('user romeo')).hears()).toMatch(framing.success)
  })

  test('the text of a failure is escaped', () => {
    expect(opened().says(framing.starts('fail not-authorized')).hears()).toContain('&lt;fail not-authorized&gt;')
  })

  test('a mechanism that is not offered is invalid-mechanism', () => {
    expect(outcome(opened().says(framing.starts('user romeo', 'PLAIN')).hears())).toEqual([
      'failure(invalid-mechanism)',
    ])
  })

  test('no mechanism at all is invalid-mechanism', () => {
    expect(outcome(opened().says(framing.starts('user romeo', '')).hears())).toEqual(['failure(invalid-mechanism)'])
  })

  for (const data of ['dXNl cg==', 'dXNlcg', '%%%%', 'dXNlcg===', '===='])
    test(`'${data}' is no base64: incorrect-encoding`, () => {
      expect(outcome(opened().says(framing.raw(data)).hears())).toEqual(['failure(incorrect-encoding)'])
    })

  test('white space around the data does no harm', () => {
    expect(
      opened()
        .says(framing.raw(`\n  ${base64('user romeo')}\n`))
        .hears(),
    ).toMatch(framing.success)
  })

  test('<abort/> ends the exchange with aborted, and the client may begin anew', () => {
    const client = opened().says(framing.starts('ask who')).ignores().says(framing.abort)
    expect(outcome(client.hears())).toEqual(['failure(aborted)'])
    expect(outcome(client.says(framing.responds('user romeo')).hears())).toEqual(['failure(malformed-request)'])
    expect(client.says(framing.starts('user romeo')).hears()).toMatch(framing.success)
  })

  test('<abort/> and <response/> without an exchange fail', () => {
    const client = opened()
    expect(outcome(client.says(framing.abort).hears())).toEqual(['failure(aborted)'])
    expect(outcome(client.says(framing.responds('user romeo')).hears())).toEqual(['failure(malformed-request)'])
  })

  test('after as many failures as allowed the stream ends', () => {
    const stage = openStage({ limits: { authFailures: 3 } })
    const client = stage.connect().opens().ignores()
    const wrong = framing.starts('fail not-authorized')
    expect(outcome(client.says(wrong, framing.abort).hears())).toEqual(['failure(not-authorized)', 'failure(aborted)'])
    expect(outcome(client.says(wrong).hears())).toEqual([
      'failure(not-authorized)',
      'stream:error(policy-violation)',
      'end',
    ])
    expect(client.says(framing.starts('user romeo')).hears()).toBe('')
    expect(stage.host.nextDue()).toBeUndefined()
  })

  test('a mechanism that breaks is a fault of ours', () => {
    const stage = openStage()
    const client = stage.connect().opens().ignores()
    expect(outcome(client.says(framing.starts('throw')).hears())).toEqual([
      'stream:error(internal-server-error)',
      'end',
    ])
    expect(stage.faults.splice(0)).toHaveLength(1)
  })

  test('the account is the normalised bare JID, whatever the mechanism calls the user', () => {
    const stage = openStage()
    const client = stage.connect().opens({ to: 'A.Example' }).says(framing.starts('user RoMeO')).ignores()
    if (client.line.awaitsHeader()) client.opens().ignores()
    expect(client.says(bind('phone')).hears()).toBe(bound('romeo@a.example/phone'))
    expect([...stage.runtime.accounts()]).toEqual(['romeo@a.example'])
  })

  test('a user that no account can be of is not let in', () => {
    const client = opened()
    expect(outcome(client.says(framing.starts('user a@b/c')).hears())[0]).toMatch(/^failure/)
    expect(client.line.awaitsHeader()).toBe(false)
  })

  test('an unknown element of the namespace ends the stream', () => {
    const xmlns = framing.name === 'SASL2' ? nsSasl2 : nsSasl
    expect(outcome(opened().says(`<next xmlns='${xmlns}'/>`).hears())).toEqual([
      'stream:error(unsupported-stanza-type)',
      'end',
    ])
  })

  test('a second authentication after success ends the stream', () => {
    const client = opened().says(framing.starts('user romeo'))
    if (client.line.awaitsHeader()) client.opens()
    client.ignores()
    expect(outcome(client.says(framing.starts('user juliet')).hears())).toEqual([
      'stream:error(unsupported-stanza-type)',
      'end',
    ])
  })
})

describe('in the elements of RFC 6120 alone', () => {
  test('additional data comes with success, and data without bytes is "="', () => {
    expect(opened().says(auth('user romeo with v=1')).hears()).toBe(
      `<success xmlns='${nsSasl}'>${base64('v=1')}</success>`,
    )
    expect(opened().says(auth('user romeo with ')).hears()).toBe(`<success xmlns='${nsSasl}'>=</success>`)
  })

  test('"=" is a response without bytes', () => {
    expect(outcome(opened().says(`<auth xmlns='${nsSasl}' mechanism='OBEY'>=</auth>`).hears())).toEqual([
      'failure(not-authorized)',
    ])
  })

  test('a second <auth/> ends the exchange that is under way, and neither succeeds', () => {
    const client = opened().says(auth('ask who')).ignores()
    expect(outcome(client.says(auth('user juliet')).hears())).toEqual(['failure(malformed-request)'])
    expect(outcome(client.says(response('user romeo')).hears())).toEqual(['failure(malformed-request)'])
    expect(client.line.awaitsHeader()).toBe(false)
  })

  test('what follows success in the same packet is not heard before a new header', () => {
    const stage = openStage()
    const client = stage.connect().opens().ignores()
    client.says(auth('user romeo'), bind('phone'), 'header', bind('desk'))
    expect(outcome(client.hears())).toEqual([
      'success',
      'header',
      'stream:features(bind session sm sm csi ver sub)',
      'iq(bind)',
    ])
    expect(stage.sessions).toEqual(['romeo@a.example/desk'])
  })
})

describe('in the elements of SASL2 alone', () => {
  test('additional data comes with success, also without bytes', () => {
    expect(opened().says(authenticate('user romeo with v=1')).hears()).toContain(
      `<additional-data>${base64('v=1')}</additional-data>`,
    )
    expect(opened().says(authenticate('user romeo with ')).hears()).toContain('<additional-data></additional-data>')
  })

  test('no stream restart follows: the next element is heard', () => {
    const client = opened().says(authenticate('user romeo')).ignores()
    expect(client.says(bind('phone')).hears()).toBe(bound('romeo@a.example/phone'))
  })

  test('an <initial-response/> without bytes is one', () => {
    const empty = `<authenticate xmlns='${nsSasl2}' mechanism='OBEY'><initial-response/></authenticate>`
    expect(outcome(opened().says(empty).hears())).toEqual(['failure(not-authorized)'])
  })

  const others: ReadonlyArray<string> = [
    '<presence/>',
    "<r xmlns='urn:xmpp:sm:3'/>",
    "<resume xmlns='urn:xmpp:sm:3' h='0' previd='x'/>",
    auth('user romeo'),
    response('user romeo'),
    authenticate('user romeo'),
    `<next xmlns='${nsSasl2}'/>`,
    "<x xmlns='urn:example:x'/>",
  ]
  for (const other of others)
    test(`"Servers MUST disconnect Clients immediately if any other traffic is received": ${other}`, () => {
      const client = opened().says(authenticate('ask who')).ignores()
      expect(outcome(client.says(other).hears())).toEqual(['stream:error(policy-violation)', 'end'])
      expect(client.says(response('user romeo', nsSasl2)).hears()).toBe('')
    })

  test('is not for streams without TLS, not even on loopback (§5)', () => {
    const client = openStage({ requireEncryption: false }).connect({ secure: false, address: '127.0.0.1' }).opens()
    expect(outcome(client.ignores().says(authenticate('user romeo')).hears())).toEqual(['failure(encryption-required)'])
    expect(client.says(auth('user romeo')).hears()).toMatch(/^<success/)
  })

  test('"If the stream\'s from attribute does not match the authorization string, the server MUST fail the authentication"', () => {
    const client = openStage().connect().opens({ from: 'juliet@a.example' }).ignores()
    expect(outcome(client.says(authenticate('user romeo')).hears())).toEqual(['failure(invalid-authzid)'])
    expect(outcome(client.says(authenticate('user juliet')).hears())[0]).toBe('success(authorization-identifier)')
  })

  test('a from that is no address of a user says nothing of who may log in', () => {
    for (const from of ['a.example', '@@', '']) {
      const client = openStage().connect().opens({ from }).ignores()
      expect(outcome(client.says(authenticate('user romeo')).hears())[0]).toBe('success(authorization-identifier)')
    }
  })
})

describe('one framing does not end what the other began', () => {
  test('<response/> of SASL2 to a challenge of RFC 6120', () => {
    const client = opened().says(auth('ask who')).ignores()
    expect(outcome(client.says(response('user romeo', nsSasl2)).hears())).toEqual(['failure(malformed-request)'])
    expect(client.line.awaitsHeader()).toBe(false)
  })

  test('<authenticate/> while an exchange of RFC 6120 is under way', () => {
    const client = opened().says(auth('ask who')).ignores()
    expect(outcome(client.says(authenticate('user romeo')).hears())).toEqual(['failure(malformed-request)'])
    // What it asked for is forgotten with it.
    expect(outcome(client.says(authenticate('user romeo')).hears())).toHaveLength(2)
  })

  test('"The server MUST NOT process any inline features requested by the client in a failed authentication request"', () => {
    const stage = openStage()
    const client = stage.connect().opens().ignores()
    client.says(authenticate('fail not-authorized', "<bind xmlns='urn:xmpp:bind:0'/>")).ignores()
    expect(client.says(authenticate('user romeo')).hears()).not.toContain('<bound')
    expect(stage.sessions).toEqual([])
  })
})
