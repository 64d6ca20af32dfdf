/** XEP-0198 §7, Stream Closure. */
import { expect, test } from 'vitest'
import { closed, enabled, fates, nonzas, sm3, tags } from './driver.js'

test('"A cleanly closed stream differs from an unfinished stream": only the latter hibernates', () => {
  const clean = enabled()
  clean.closeStream()
  expect(clean.phase()).toBeUndefined()
  const unfinished = enabled()
  unfinished.lose()
  expect(unfinished.phase()).toBe('Hibernating')
})

test('"it MUST send a </stream:stream> so that the server can send unavailable presence": the session ends in the same step', () => {
  const effects = enabled().closeStream()
  expect(tags(effects)).toEqual(['SendNonza', 'CloseConnection', 'EndSession'])
  expect(effects.at(-1)).toEqual({ _tag: 'EndSession', resource: 'phone', reason: 'closed' })
})

test('a session that was closed cleanly cannot be resumed', () => {
  const client = enabled()
  client.closeStream()
  expect(nonzas(client.resume(0))).toEqual([{ _tag: 'Failed', version: sm3, condition: 'item-not-found' }])
})

test('"If the stream is not cleanly closed then the server SHOULD consider the stream to be unfinished": contacts are told nothing', () => {
  expect(tags(enabled().lose())).not.toContain('EndSession')
})

test('"(even if the client closes its TCP connection to the server)": a line that dropped is all the core is told', () => {
  const client = enabled()
  expect(closed(client.lose())).toEqual([])
  expect(client.phase()).toBe('Hibernating')
})

test('"and SHOULD maintain the session on behalf of the client": stanzas wait for it', () => {
  const client = enabled()
  client.lose()
  client.submit('m1')
  expect(fates(client.submit('m2'))).toEqual([])
  expect(client.phase()).toBe('Hibernating')
})

test('"... for a limited amount of time": then it is over, and contacts are told once', () => {
  const client = enabled()
  client.lose()
  const effects = client.fire('hibernation')
  expect(effects.filter(({ _tag }) => _tag === 'EndSession')).toEqual([
    { _tag: 'EndSession', resource: 'phone', reason: 'expired' },
  ])
})

test('"The client can send whatever presence it wishes before leaving the stream in an unfinished state": it is delivered like any stanza', () => {
  const client = enabled()
  expect(client.receive('<presence><show>xa</show></presence>')).toEqual([
    { _tag: 'Deliver', resource: 'phone', stanza: '<presence><show>xa</show></presence>' },
  ])
  expect(tags(client.lose())).not.toContain('EndSession')
})
