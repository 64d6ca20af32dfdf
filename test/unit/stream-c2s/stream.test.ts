/** Stream headers, features and errors (RFC 6120 §§4.3, 4.7, 4.9), and STARTTLS (§5). */
import { describe, expect, test } from 'vitest'
import { outcome } from './outcome.js'
import { auth, authenticate, nsTls, openStage, response } from './stage.js'

const startTls = `<starttls xmlns='${nsTls}'/>`

describe('our header', () => {
  test('names us, the language, version and namespaces, and has an id', () => {
    const said = openStage().connect().opens().hears()
    expect(said).toMatch(
      /^<\?xml version='1.0'\?><stream:stream xmlns='jabber:client' xmlns:stream='http:\/\/etherx.jabber.org\/streams' version='1.0' from='a.example' id='[^']{20,}' xml:lang='en'><stream:features>/,
    )
  })

  test('has another id on each stream', () => {
    const client = openStage().connect().opens()
    const ids = [client.hears(), client.says(auth('user romeo'), 'header').hears()].map(
      it => / id='(.*?)'/.exec(it)?.[1],
    )
    expect(new Set(ids).size).toBe(2)
  })

  const addressees: ReadonlyArray<readonly [from: string | undefined, to: string | undefined]> = [
    [undefined, undefined],
    ['romeo@a.example', 'romeo@a.example'],
    ['romeo@a.example/phone', 'romeo@a.example'],
    ['Romeo@A.example/a/b', 'Romeo@A.example'],
    ['@', undefined],
    ['', undefined],
  ]
  for (const [from, to] of addressees)
    test(`to a client that says from='${from}' is to '${to}', the bare JID as it stands there`, () => {
      const said = openStage().connect().opens({ from }).hears()
      expect(/ to='([^']*)'/.exec(said)?.[1]).toBe(to)
    })
})

describe('a header', () => {
  test('without to is for the first domain', () => {
    const said = openStage().connect().opens({ to: undefined }).hears()
    expect(said).toContain(" from='a.example'")
    expect(outcome(said)[1]).toMatch(/^stream:features/)
  })

  test('to another domain of ours is answered from there', () => {
    expect(openStage().connect().opens({ to: 'B.example' }).hears()).toContain(" from='b.example'")
  })

  const refused: ReadonlyArray<readonly [what: string, header: Record<string, string | undefined>, condition: string]> =
    [
      ['to a domain that is not here', { to: 'c.example' }, 'host-unknown'],
      ['to nowhere', { to: '' }, 'host-unknown'],
      ['to a user', { to: 'romeo@a.example' }, 'host-unknown'],
      ['to a resource', { to: 'a.example/x' }, 'host-unknown'],
      ['to no address at all', { to: '@@' }, 'host-unknown'],
      ['of servers', { xmlns: 'jabber:server' }, 'invalid-namespace'],
      ['without a version', { version: undefined }, 'unsupported-version'],
      ['of version 0.9', { version: '0.9' }, 'unsupported-version'],
      ['of version "one"', { version: 'one' }, 'unsupported-version'],
      ['of version -1.0', { version: '-1.0' }, 'unsupported-version'],
      ['from a user of another domain', { from: 'romeo@b.example' }, 'invalid-from'],
    ]
  for (const [what, header, condition] of refused)
    test(`${what} is answered with a header and ${condition}`, () => {
      const client = openStage().connect().opens(header)
      expect(outcome(client.hears())).toEqual(['header', `stream:error(${condition})`, 'end'])
      expect(client.line.state()).toBe('closed')
    })

  for (const version of ['1.0', '01.00', '1.7', '2.0', '10.0'])
    test(`of version ${version} is accepted, and ours is 1.0 (§4.7.5)`, () => {
      const said = openStage().connect().opens({ version }).hears()
      expect(said).toContain(" version='1.0' from")
      expect(outcome(said)[1]).toMatch(/^stream:features/)
    })

  test('with a long lie is not repeated in full', () => {
    expect(
      openStage()
        .connect()
        .opens({ to: 'x'.repeat(100_000) })
        .hears().length,
    ).toBeLessThan(1_000)
  })
})

describe('after authentication, a header', () => {
  const authenticated = () => openStage().connect().opens().says(auth('user romeo')).ignores()

  test('without to and from goes on with the domain of the account', () => {
    const client = openStage().connect().opens({ to: 'b.example' }).says(auth('user romeo')).ignores()
    const said = client.opens({ to: undefined }).hears()
    expect(said).toContain(" from='b.example'")
    expect(outcome(said)[1]).toContain('bind')
  })

  test('to another domain of ours is refused with host-unknown', () => {
    const client = authenticated().opens({ to: 'b.example' })
    expect(outcome(client.hears())).toEqual(['header', 'stream:error(host-unknown)', 'end'])
  })

  test('from the own account is accepted, however it is written', () => {
    expect(outcome(authenticated().opens({ from: 'ROMEO@a.example/x' }).hears())[1]).toContain('bind')
  })

  test('from somebody else is refused with invalid-from', () => {
    const client = authenticated().opens({ from: 'juliet@a.example' })
    expect(outcome(client.hears())).toEqual(['header', 'stream:error(invalid-from)', 'end'])
  })
})

describe('features', () => {
  test('where TLS is required offer STARTTLS alone', () => {
    const said = openStage().connect({ secure: false }).opens().hears()
    expect(said).toContain(`<stream:features><starttls xmlns='${nsTls}'><required/></starttls></stream:features>`)
  })

  test('where loopback may do without TLS offer SASL beside it, but not SASL2', () => {
    const stage = openStage({ requireEncryption: false })
    const said = stage.connect({ secure: false, address: '127.0.0.1' }).opens().hears()
    expect(outcome(said)).toEqual(['header', 'stream:features(starttls mechanisms)'])
    expect(said).toContain(`<starttls xmlns='${nsTls}'></starttls>`)
  })

  test('to others than loopback require TLS all the same', () => {
    const stage = openStage({ requireEncryption: false })
    const said = stage.connect({ secure: false, address: '192.0.2.1' }).opens().hears()
    expect(outcome(said)).toEqual(['header', 'stream:features(starttls)'])
  })

  test('inside TLS offer both framings of SASL, and what may be inlined', () => {
    const said = openStage({ mechanisms: ['OBEY', 'A&B'] })
      .connect()
      .opens()
      .hears()
    const mechanisms = '<mechanism>OBEY</mechanism><mechanism>A&amp;B</mechanism>'
    expect(said).toContain(`<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>${mechanisms}</mechanisms>`)
    expect(said).toContain(
      `<authentication xmlns='urn:xmpp:sasl:2'>${mechanisms}<inline><sm xmlns='urn:xmpp:sm:3'/>` +
        "<bind xmlns='urn:xmpp:bind:0'><inline><feature var='urn:xmpp:csi:0'/><feature var='urn:xmpp:sm:3'/></inline></bind>" +
        '</inline></authentication>',
    )
    expect(said).not.toContain('starttls')
  })

  test('offer no SASL where there is no mechanism', () => {
    const said = openStage({ mechanisms: [] }).connect().opens().hears()
    expect(said).toContain('<stream:features></stream:features>')
  })

  test('after authentication offer bind and stream management', () => {
    const said = openStage().connect().opens().says(auth('user romeo')).ignores().opens().hears()
    expect(outcome(said)).toEqual(['header', 'stream:features(bind session sm sm csi ver sub)'])
  })
})

describe('STARTTLS', () => {
  const clear = () => openStage({ requireEncryption: false }).connect({ secure: false, address: '::1' })

  test('is answered with proceed, and a new stream follows', () => {
    const client = clear().opens().ignores()
    expect(client.says(startTls).hears()).toBe(`<proceed xmlns='${nsTls}'/>`)
    expect(client.line.awaitsHeader()).toBe(true)
    expect(outcome(client.opens().hears())[0]).toBe('header')
  })

  test('is refused inside TLS', () => {
    const client = openStage().connect().opens().ignores()
    expect(outcome(client.says(startTls).hears())).toEqual(['failure', 'stream:error(policy-violation)', 'end'])
  })

  test('forgets an exchange that was begun in the clear', () => {
    const client = clear().opens().says(auth('ask who')).says(startTls).opens().ignores()
    expect(outcome(client.says(response('user romeo')).hears())).toEqual(['failure(malformed-request)'])
  })

  test('forgets the domain that was addressed in the clear', () => {
    const client = clear().opens({ to: 'b.example' }).says(startTls).ignores()
    expect(client.opens({ to: undefined }).hears()).toContain(" from='a.example'")
  })

  test('that cannot begin is a fault of ours, and ends that stream alone', () => {
    const stage = openStage()
    const client = stage.connect({ secure: false }).opens().ignores()
    Object.assign(client.line.connection, {
      startTls: () => {
        throw new Error('no certificate')
      },
    })
    expect(outcome(client.says(startTls).hears())).toEqual(['stream:error(internal-server-error)', 'end'])
    expect(stage.faults.splice(0)).toHaveLength(1)
    expect(outcome(stage.connect().opens().hears())[0]).toBe('header')
  })
})

describe('an error', () => {
  test('before the header comes inside a stream of ours (§4.9.1.2)', () => {
    const { line, hears } = openStage().connect()
    line.fault({ condition: 'not-well-formed', text: 'this is HTTP' })
    expect(outcome(hears())).toEqual(['header', 'stream:error(not-well-formed)', 'end'])
  })

  test('between authentication and the new header too', () => {
    const client = openStage().connect().opens().says(auth('user romeo')).ignores()
    client.line.fault({ condition: 'not-well-formed' })
    expect(outcome(client.hears())).toEqual(['header', 'stream:error(not-well-formed)', 'end'])
  })

  test('inside a stream comes alone', () => {
    const client = openStage().connect().opens().ignores()
    client.line.fault({ condition: 'policy-violation' })
    expect(outcome(client.hears())).toEqual(['stream:error(policy-violation)', 'end'])
  })
})

describe('the end of a stream', () => {
  test('before authentication is answered', () => {
    const client = openStage().connect().opens().ignores()
    client.closes()
    expect(outcome(client.hears())).toEqual(['end'])
  })

  test('of a session ends the session', () => {
    const stage = openStage()
    const client = stage.connect().binds()
    client.enables()
    client.closes()
    expect(outcome(client.hears())).toEqual(['a', 'end'])
    expect(stage.runtime.account('romeo@a.example').sessions).toEqual([])
  })
})

test('a client that knows neither TLS nor the rules gets no further', () => {
  for (const attempt of [auth('user romeo'), authenticate('user romeo')]) {
    const client = openStage().connect({ secure: false }).opens().ignores()
    expect(outcome(client.says(attempt).hears())).toEqual(['failure(encryption-required)'])
    expect(client.line.awaitsHeader()).toBe(false)
  }
})
