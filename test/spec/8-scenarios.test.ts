/** XEP-0198 §8, Scenarios. */
import { describe, expect, test } from 'vitest'
import { drive, nonzas, sentStanzas, sm3, unacked } from './driver.js'

const ack = (h: number) => ({ _tag: 'Ack', version: sm3, h })
const request = { _tag: 'Request', version: sm3 }

describe('§8.1 Basic Acking Scenario', () => {
  test('"As a client, send <enable/> with no attributes, and ignore the attributes on the <enabled/> response"', () => {
    const client = drive()
    client.bind()
    expect(nonzas(client.requestEnable(false))).toEqual([{ _tag: 'Enable', version: sm3, resume: false }])
    client.enabled({ max: 5 })
    client.lose()
    expect(client.phase()).toBeUndefined()
  })

  test('"As a server, respond via <enabled/> with no attributes"', () => {
    const client = drive()
    client.bind()
    expect(nonzas(client.enable({ resume: false, max: 5 }))).toEqual([{ _tag: 'Enabled', version: sm3, resume: false }])
  })

  test('"When receiving an <r/> element, immediately respond via an <a/> element where h is the sequence number of the last handled stanza"', () => {
    const client = managed()
    expect(nonzas([...client.receive('roster get'), ...client.request()])).toEqual([ack(1)])
  })

  test('"first put the stanza in an unacknowledged queue. Then send the stanza over the wire with <r/>"', () => {
    const client = managed()
    const effects = client.submit('roster result')
    expect(unacked(client)).toEqual(['roster result'])
    expect(effects.map(({ _tag }) => _tag)).toEqual(['SendStanza', 'SendNonza', 'ArmTimer'])
    expect(nonzas(effects)).toEqual([request])
  })

  test('"When receiving an <a/>, all stanzas whose paired value is less than or equal to h can be removed"', () => {
    const client = managed()
    client.submit('m1', 'm2', 'm3')
    client.ack(2)
    expect(unacked(client)).toEqual(['m3'])
  })

  test('the example session: iq, presence and message, each acked', () => {
    const server = managed({ maxUnackedStanzas: 10 })
    const said = [
      ...server.receive('<iq id="ls72g593" type="get"/>'),
      ...server.request(),
      ...server.submit('<iq id="ls72g593" type="result"/>'),
      ...server.ack(1),
      ...server.receive('<presence/>'),
      ...server.request(),
      ...server.submit('<presence from="romeo@montague.lit/orchard"/>'),
      ...server.ack(2),
      ...server.receive('<message to="juliet@example.com"/>'),
      ...server.request(),
    ]
    expect(nonzas(said)).toEqual([ack(1), ack(2), ack(3)])
    expect(unacked(server)).toEqual([])
  })
})

describe('§8.2 Efficient Acking Scenario', () => {
  test('"A more efficient approach is to periodically request acks (e.g., every 5 stanzas)"', () => {
    const client = managed({ maxUnackedStanzas: 4 })
    const batch = (first: number) => Array.from({ length: 5 }, (_, index) => `m${first + index}`)
    const one = client.submit(...batch(1))
    expect(sentStanzas(one)).toEqual(batch(1))
    expect(nonzas(one)).toEqual([request])
    client.ack(5)
    expect(nonzas(client.submit(...batch(6)))).toEqual([request])
    client.ack(10)
    expect(unacked(client)).toEqual([])
  })

  test('"on mobile networks, it is advisable to only request acknowledgements when an entity has other data to send": an inactive client is asked less', () => {
    const client = managed({ maxInactiveUnackedStanzas: 2 })
    client.inactive()
    expect(nonzas(client.submit('m1', 'm2'))).toEqual([])
    expect(nonzas(client.submit('m3'))).toEqual([request])
  })

  test('"... or in lieu of a whitespace keepalive or XMPP ping": a silent connection is asked, also when all is acked', () => {
    expect(nonzas(managed().silence())).toEqual([request])
  })
})

const managed = (options = {}) => {
  const client = drive(options)
  client.bind()
  client.enable({ resume: false })
  return client
}
