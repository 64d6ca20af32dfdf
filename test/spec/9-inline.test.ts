/**
 * XEP-0198 §9, SASL2 and Bind2 interaction, as far as it is decided in the core: the order of events that a
 * server produces from one `<authenticate/>`, and what they come to. Elements and features are the server's.
 */
import { expect, test } from 'vitest'
import { drive, enabled, nonzas, sentStanzas, sm3, tags } from './driver.js'

test('"it simply includes the <enable/> element in its <bind/> request": bind and enable in one go give <enabled/>', () => {
  const client = drive()
  expect(client.bind()).toEqual([])
  expect(nonzas(client.enable())).toEqual([
    { _tag: 'Enabled', version: sm3, resume: true, id: 'SM-ID of phone', max: 600 },
  ])
})

test('"able to bind a resource but unable to enable stream management, it will include a <failed/> within <bound/>": the session stands', () => {
  const client = enabled()
  expect(nonzas(client.enable())).toEqual([{ _tag: 'Failed', version: sm3, condition: 'unexpected-request' }])
  expect(client.phase()).toBe('Active')
})

test('"If the client included a <resume/>, that MUST be processed first by the server": it needs no bound resource', () => {
  const client = enabled()
  client.lose()
  client.submit('m1')
  const effects = client.resume(0)
  expect(nonzas(effects)[0]).toMatchObject({ _tag: 'Resumed' })
  expect(sentStanzas(effects)).toEqual(['m1'])
})

test('"If that resumption is successful, the server MUST skip resource binding and MUST entirely ignore the <bind/> request"', () => {
  const client = enabled()
  client.lose()
  client.resume(0)
  const resumed = client.account()
  expect(client.bind('another', 'new')).toEqual([])
  expect(client.account()).toBe(resumed)
})

test('"the stream is considered re-established immediately after the <success/> element": stanzas follow at once', () => {
  const client = enabled()
  client.lose()
  client.resume(0)
  expect(tags(client.submit('m1'))[0]).toBe('SendStanza')
})

test('"the server MUST include the <failed/> element in its <success/> response, but also MUST continue to process the <bind/>"', () => {
  const client = drive()
  expect(nonzas(client.resume(0, 'c'))).toEqual([{ _tag: 'Failed', version: sm3, condition: 'item-not-found' }])
  client.bind('phone', 'c')
  expect(nonzas(client.enable())[0]).toMatchObject({ _tag: 'Enabled' })
  expect(client.phase()).toBe('Active')
})
