/** SASL whose answers take a while: what comes meanwhile, and what was told of what failed. */
import { describe, expect, test } from 'vitest'
import { outcome } from './outcome.js'
import { auth, authenticate, bind, nsSasl, openStage, response } from './stage.js'

const features = 'stream:features(bind session sm sm csi ver sub)'

/** Some promises later. */
const soon = async (): Promise<void> => {
  for (let hop = 0; hop < 10; hop += 1) await Promise.resolve()
}

describe('an answer that takes a while', () => {
  test('comes, and what was sent behind it is met in the state that it led to', async () => {
    const client = openStage().connect().opens().ignores()
    client.says(auth('later user romeo'), 'header', bind('phone'))
    expect(client.hears()).toBe('')
    await soon()
    expect(outcome(client.hears())).toEqual(['success', 'header', features, 'iq(bind)'])
  })

  test('comes in SASL2 too', async () => {
    const client = openStage().connect().opens().ignores()
    client.says(authenticate('ask who')).says(response('later user romeo', 'urn:xmpp:sasl:2'))
    expect(outcome(client.hears())).toEqual(['challenge'])
    await soon()
    expect(outcome(client.hears())).toEqual(['success(authorization-identifier)', features])
  })

  test('comes to nobody whose line is gone', async () => {
    const stage = openStage()
    const client = stage.connect().opens().ignores()
    client.says(auth('later user romeo'))
    client.drops()
    await soon()
    expect([client.hears(), stage.leases()]).toEqual(['', 0])
  })

  test('comes to nobody who took too long', async () => {
    const stage = openStage()
    const client = stage.connect().opens().ignores()
    client.says(auth('later user romeo'))
    stage.host.advance(31_000)
    await soon()
    expect([client.hears(), client.line.state(), stage.leases()]).toEqual(['', 'dropped', 0])
  })

  test('that is a fault of ours ends the stream', async () => {
    const stage = openStage()
    const client = stage.connect().opens().ignores()
    client.says(auth('later throw'))
    await soon()
    expect(outcome(client.hears())).toEqual(['stream:error(internal-server-error)', 'end'])
    expect(stage.faults.splice(0)).toHaveLength(1)
  })
})

describe('a login that fails', () => {
  test('is told with its address, its mechanism and its condition', async () => {
    const stage = openStage()
    const client = stage.connect({ address: '198.51.100.7' }).opens()
    client.says(auth('fail not-authorized'), auth('x', 'UNHEARD-OF'), `<abort xmlns='${nsSasl}'/>`)
    const address = '198.51.100.7'
    expect(stage.failedLogins).toEqual([
      { address, condition: 'not-authorized', mechanism: 'OBEY', account: undefined },
      { address, condition: 'invalid-mechanism', mechanism: undefined, account: undefined },
      { address, condition: 'aborted', mechanism: undefined, account: undefined },
    ])
  })
})

describe('an account that is being removed', () => {
  test('ends who is authenticated and not bound, and lets nobody in until it is done', () => {
    const stage = openStage()
    const other = stage.connect().authenticates('juliet')
    const client = stage.connect().authenticates('romeo')
    const reopen = stage.unbound.close('romeo@a.example')
    stage.unbound.end('romeo@a.example', { condition: 'not-authorized' })
    expect(outcome(client.hears())).toEqual(['stream:error(not-authorized)', 'end'])
    expect(outcome(other.says(bind('phone')).hears())).toEqual(['iq(bind)'])
    const refused = stage.connect().opens().ignores()
    expect(outcome(refused.says(auth('user romeo')).hears())).toEqual(['failure(not-authorized)'])
    reopen()
    expect(outcome(refused.says(auth('user romeo')).hears())).toEqual(['success'])
    expect(stage.leases()).toBe(1)
  })
})
