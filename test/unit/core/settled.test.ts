/** The dispositions of stanzas that hardly ever come, and of one that waits in several places. */
import { expect, test } from 'vitest'
import { chat, type Drive, dispositions, drive, type Effects, enabled } from '../../spec/driver.js'

test('only an iq can be an answer: a message of type result is returned', () => {
  const server = enabled()
  server.submitAs({ name: 'message', type: 'result' }, 'm1')
  server.submitAs({ name: 'iq', type: 'result' }, 'q1')
  expect(dispositions(server.closeStream())).toEqual(['m1: ReturnToSender', 'q1: Discard (answer)'])
})

test('only a message is stored offline: an iq is returned, whatever its type', () => {
  const server = enabled()
  server.submitAs({ name: 'iq', type: 'chat' }, 'q1')
  server.submitAs({ name: 'iq', type: 'normal' }, 'q2')
  server.submitAs({ name: 'message', type: 'normal' }, 'm1')
  expect(dispositions(server.closeStream())).toEqual(['q1: ReturnToSender', 'q2: ReturnToSender', 'm1: StoreOffline'])
})

test('of what is lost with a line, only what was for that resource is routed anew', () => {
  const server = drive()
  server.bind()
  server.enable({ resume: false })
  server.bind('desktop')
  server.submitAs({ to: 'juliet@example.org/phone' }, 'm1')
  server.submitAs({ to: 'juliet@example.org' }, 'm2')
  server.happen({
    _tag: 'StanzaSubmitted',
    resource: 'phone',
    stanza: 'm3',
    facts: { name: 'message', type: 'chat', id: 'm3' },
  })
  expect(dispositions(server.lose())).toEqual(['m2: ReturnToSender', 'm3: ReturnToSender', 'm1: Redeliver'])
})

test('what a client can read in its archive is not stored as well, whether it was connected or asleep', () => {
  const settledBy = (end: (server: Drive) => Effects, queriesArchive: boolean) => {
    const server = enabled()
    if (queriesArchive) server.queryArchive()
    server.submitAs({ archived: true }, 'm1')
    return dispositions(end(server))
  }
  const connected = (server: Drive) => server.closeStream()
  const asleep = (server: Drive) => {
    server.lose()
    return server.fire('hibernation')
  }
  for (const end of [connected, asleep]) {
    expect(settledBy(end, true)).toEqual(['m1: Discard (archived)'])
    expect(settledBy(end, false)).toEqual(['m1: StoreOffline'])
  }
})

/** Both devices of an account, and what waits for each of them. */
const bothHolding = (phone: ReadonlyArray<string | undefined>, desktop: ReadonlyArray<string | undefined>) => {
  const server = enabled()
  server.bind('desktop')
  server.enable({}, { resource: 'desktop' })
  const submit = (resource: string, id: string | undefined) => {
    const { id: _, ...facts } = chat('m')
    server.happen({
      _tag: 'StanzaSubmitted',
      resource,
      stanza: `${id} of ${resource}`,
      facts: { ...facts, to: 'juliet@example.org', ...(id === undefined ? {} : { id }) },
    })
  }
  for (const id of phone) submit('phone', id)
  for (const id of desktop) submit('desktop', id)
  return server
}

test('when the server stops, what waits in two sessions is stored from the first', () => {
  expect(dispositions(bothHolding(['m1'], ['m1']).stop())).toEqual([
    'm1 of phone: StoreOffline',
    'm1 of desktop: Discard (copy)',
  ])
})

test('nothing says that two messages without an id are one: both are stored', () => {
  expect(dispositions(bothHolding([undefined], [undefined]).stop())).toEqual([
    'undefined of phone: StoreOffline',
    'undefined of desktop: StoreOffline',
  ])
})

test('what waits twice in the first session is stored twice, and not again from another', () => {
  expect(dispositions(bothHolding(['m1', 'm1'], ['m1', 'm1']).stop())).toEqual([
    'm1 of phone: StoreOffline',
    'm1 of phone: StoreOffline',
    'm1 of desktop: Discard (copy)',
    'm1 of desktop: Discard (copy)',
  ])
})
