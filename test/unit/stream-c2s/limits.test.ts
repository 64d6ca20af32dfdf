/** What a stream may cost before it is somebody's: time, elements, memory. */
import { describe, expect, test } from 'vitest'
import { outcome } from './outcome.js'
import { auth, authenticate, bind, type Client, nsTls, openStage, response, type Stage, sm3 } from './stage.js'

const early = `<r xmlns='${sm3}'/>`

describe('the time until a resource is bound', () => {
  const states: Readonly<Record<string, (stage: Stage) => Client>> = {
    'a connection that says nothing': stage => stage.connect(),
    'an open stream': stage => stage.connect().opens(),
    'a stream that asked for TLS': stage =>
      stage.connect({ secure: false }).opens().says(`<starttls xmlns='${nsTls}'/>`),
    'an exchange under way': stage => stage.connect().opens().says(authenticate('ask who')),
    'a stream that awaits its new header': stage => stage.connect().opens().says(auth('user romeo')),
    'an authenticated stream': stage => stage.connect().authenticates(),
    'a failed resumption': stage => stage.connect().authenticates().says(`<resume xmlns='${sm3}' previd='x' h='0'/>`),
  }
  for (const [what, reach] of Object.entries(states))
    test(`is over for ${what}`, () => {
      const stage = openStage({ limits: { unauthenticatedSeconds: 30 } })
      const client = reach(stage).ignores()
      stage.host.advance(29_999)
      expect(client.hears()).toBe('')
      stage.host.advance(1)
      // Not a word of the stream: whoever is so slow may have a session to resume.
      expect(client.hears()).toBe('')
      expect(client.line.state()).toBe('dropped')
      expect([stage.leases(), stage.host.nextDue()]).toEqual([0, undefined])
    })

  test('does not concern a session', () => {
    const stage = openStage()
    const client = stage.connect().binds()
    expect(stage.host.nextDue()).toBeUndefined()
    stage.host.advance(3_600_000)
    expect(client.line.state()).toBe('open')
  })

  test('does not concern a resumed session', () => {
    const stage = openStage()
    const former = stage.connect().binds()
    const id = former.enables()
    const client = stage.connect().authenticates().says(`<resume xmlns='${sm3}' previd='${id}' h='0'/>`)
    stage.host.advance(3_600_000)
    expect(client.line.state()).toBe('open')
  })

  test('ends with the connection', () => {
    for (const end of [(it: Client) => it.drops(), (it: Client) => it.closes()]) {
      const stage = openStage()
      end(stage.connect().opens())
      expect(stage.host.nextDue()).toBeUndefined()
    }
  })
})

describe('the number of elements until a resource is bound', () => {
  test('is counted over restarts', () => {
    const client = openStage({ limits: { negotiationElements: 20 } })
      .connect()
      .opens()
    client.says(...Array(10).fill(early), auth('user romeo'), 'header', ...Array(9).fill(early)).ignores()
    expect(outcome(client.says(early).hears())).toEqual(['stream:error(policy-violation)', 'end'])
  })

  test('does not concern a session', () => {
    const client = openStage({ limits: { negotiationElements: 20 } })
      .connect()
      .binds()
    client.enables()
    expect(outcome(client.says(...Array(100).fill(early)).hears())).toEqual(Array(100).fill('a'))
  })
})

describe('the number of sessions of an account', () => {
  const full = () => {
    const stage = openStage({ limits: { resourcesPerUser: () => 2 } })
    for (const resource of ['one', 'two']) stage.connect().binds(resource)
    return stage
  }

  test('is bounded: bind is refused with resource-constraint, and may be asked again', () => {
    const stage = full()
    const client = stage.connect().authenticates()
    const said = client.says(bind('three')).hears()
    expect(outcome(said)).toEqual(['iq(error)'])
    expect(said).toContain('resource-constraint')
    expect(said).toContain('type="wait"')
    expect(outcome(client.says(bind('one')).hears())).toEqual(['iq(bind)'])
  })

  test('does not concern other accounts', () => {
    expect(outcome(full().connect().authenticates('juliet').says(bind('three')).hears())).toEqual(['iq(bind)'])
  })

  test('lets SASL2 succeed without <bound/>, and the features offer bind', () => {
    const client = full().connect().opens().ignores()
    const inline = `<bind xmlns='urn:xmpp:bind:0'><enable xmlns='${sm3}'/></bind>`
    const said = client.says(authenticate('user romeo', inline)).hears()
    expect(outcome(said)).toEqual([
      'success(authorization-identifier)',
      'stream:features(bind session sm sm csi ver sub)',
    ])
    expect(said).toContain('<authorization-identifier>romeo@a.example</authorization-identifier>')
  })
})

describe('an account is held in memory', () => {
  test('from authentication until a resource is bound', () => {
    const stage = openStage()
    const client = stage.connect().opens().says(auth('ask who'))
    expect(stage.leases()).toBe(0)
    client.says(response('user romeo'), 'header')
    expect(stage.leases()).toBe(1)
    client.says(bind('phone'))
    expect(stage.leases()).toBe(0)
    expect([...stage.runtime.accounts()]).toEqual(['romeo@a.example'])
  })

  const ways: Readonly<Record<string, (client: Client) => void>> = {
    'the line drops': client => client.drops(),
    'the client closes': client => client.closes(),
    'the client is refused': client => void client.says('<message/>'),
    'the transport finds a fault': client => client.line.fault({ condition: 'not-well-formed' }),
    'the line drops before the new header': client => client.drops(),
    'it resumed nothing and left': client => {
      client.says(`<resume xmlns='${sm3}' previd='x' h='0'/>`)
      client.drops()
    },
  }
  for (const [way, end] of Object.entries(ways))
    test(`no longer than that: ${way}`, () => {
      const stage = openStage()
      const client = way.includes('before the new header')
        ? stage.connect().opens().says(auth('user romeo'))
        : stage.connect().authenticates()
      expect(stage.leases()).toBe(1)
      end(client)
      stage.host.settle()
      expect([stage.leases(), [...stage.runtime.accounts()]]).toEqual([0, []])
    })
})
