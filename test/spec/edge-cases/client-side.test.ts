/** Edge cases of XEP-0198, by number: the client side. */
import { describe, expect, test } from 'vitest'
import { dispositions, handledBy, initiated, nonzas, sentStanzas } from '../driver.js'

describe('the client side', () => {
  test('96. <failed h/> trims what comes back; without h all comes back', () => {
    const gaveUp = (h?: number) => {
      const client = initiated()
      client.submit('m1', 'm2')
      client.lose()
      client.requestResume()
      return dispositions(client.failed(h))
    }
    expect(gaveUp(1)).toEqual(['m2: ReturnToSender'])
    expect(gaveUp()).toEqual(['m1: ReturnToSender', 'm2: ReturnToSender'])
    expect(gaveUp(9)).toEqual(['m1: ReturnToSender', 'm2: ReturnToSender'])
  })

  test('97. after a failed resume, nothing is counted or asked before the new <enabled/>', () => {
    const client = initiated()
    client.lose()
    client.requestResume()
    client.failed()
    client.bind('phone', 'new')
    expect(nonzas([...client.submit('m1'), ...client.receive('n1')])).toEqual([])
    client.requestEnable()
    expect(nonzas(client.submit('m2'))).toEqual([])
    client.enabled({ resume: true, id: 'second' })
    expect(handledBy(client)).toBe(0)
  })

  test('100. a write into a half-open line is found by the unanswered <r/>, and resumed exactly once', () => {
    const client = initiated()
    client.submit('m1')
    client.silence()
    client.fire('readProbe')
    expect(client.phase()).toBe('Hibernating')
    client.requestResume()
    expect(sentStanzas(client.resumed(0))).toEqual(['m1'])
  })
})
