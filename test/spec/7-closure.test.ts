/** XEP-0198 §7, Stream Closure. */
import { expect, test } from 'vitest'
import { closed, dispositions, type Effects, enabled, initiated, nonzas, sm3, tags } from './driver.js'

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

test('a session that may be resumed never sees its stream closed: a last <a/>, then the end of the line', () => {
  const silent = enabled()
  silent.receive('n1')
  silent.silence()
  const stopped = enabled()
  stopped.receive('n1')
  const journalled = { _tag: 'ServerStopping', journalled: true } as const
  for (const effects of [silent.fire('readProbe'), stopped.happen(journalled)]) {
    const said = effects.filter(effect => 'connection' in effect)
    expect(said).toEqual([
      { _tag: 'SendNonza', connection: 'to phone', nonza: { _tag: 'Ack', version: sm3, h: 1 } },
      { _tag: 'DropConnection', connection: 'to phone' },
    ])
  }
  expect([silent.phase(), stopped.phase()]).toEqual(['Hibernating', 'Hibernating'])
})

test('nor does the peer of a client that could not resume and may try again', () => {
  const ways: ReadonlyArray<(client: ReturnType<typeof initiated>) => Effects> = [
    client => client.silence(),
    client => client.closeStream(),
    client => client.refuse({ condition: 'invalid-xml' }),
    client => client.happen({ _tag: 'ServerStopping', journalled: true }),
  ]
  for (const way of ways) {
    const client = initiated()
    client.lose()
    client.requestResume()
    expect(way(client).filter(effect => 'connection' in effect)).toEqual([
      { _tag: 'DropConnection', connection: 'new' },
    ])
    expect(client.phase()).toBe('Hibernating')
  }
})

test('"and SHOULD maintain the session on behalf of the client": stanzas wait for it', () => {
  const client = enabled()
  client.lose()
  client.submit('m1')
  expect(dispositions(client.submit('m2'))).toEqual([])
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
