/** Events that make no sense where they come, and limits at their edges: the core stays total there as well. */
import { sessionOf } from '@smacks/core'
import { expect, test } from 'vitest'
import { drive, enabled, sm3, tags } from '../../spec/driver.js'

test('the timer of hibernation means nothing to an active session', () => {
  const client = enabled()
  const before = client.session()
  expect(client.happen({ _tag: 'TimerFired', resource: 'phone', timer: 'hibernation', due: client.now() })).toEqual([])
  expect(client.session()).toBe(before)
})

test('an event that a phase has no rule for is void', () => {
  const client = drive()
  client.bind()
  const before = client.account()
  expect([...client.silence(), ...client.drain(), ...client.inactive(), ...client.queryArchive()]).toEqual([])
  expect(client.account()).toBe(before)
})

test('with no hibernating sessions allowed, a session that loses its line is over at once', () => {
  const client = enabled({ maxHibernatingSessions: 0 })
  client.submit('m1')
  const effects = client.lose()
  expect(tags(effects)).toContain('StoreOffline')
  expect(effects).toContainEqual({ _tag: 'EndSession', resource: 'phone', reason: 'evicted' })
  expect(sessionOf(client.account(), 'phone')).toBeUndefined()
})

test('of several hibernating sessions the one that waits longest is evicted, wherever it stands in the list', () => {
  const client = drive({ maxHibernatingSessions: 2 })
  for (const resource of ['a', 'b', 'c']) {
    client.bind(resource)
    client.enable({}, { resource })
  }
  for (const resource of ['b', 'a', 'c']) {
    client.pass(1)
    client.lose({ resource })
  }
  expect(client.account().sessions.map(({ resource }) => resource)).toEqual(['a', 'c'])
})

test('of two that wait equally long the one that was bound first is evicted', () => {
  const client = drive({ maxHibernatingSessions: 1 })
  for (const resource of ['a', 'b']) {
    client.bind(resource)
    client.enable({}, { resource })
  }
  for (const resource of ['b', 'a']) client.lose({ resource })
  expect(client.account().sessions.map(({ resource }) => resource)).toEqual(['b'])
})

test('a client whose attempt to resume failed counts as hibernating again, and the limit holds at once', () => {
  const client = drive({ maxHibernatingSessions: 1 })
  const begin = (resource: string) => {
    client.bind(resource)
    const where = { resource, connection: `to ${resource}` }
    client.happen({ _tag: 'EnableRequested', ...where, version: sm3, resume: true })
    client.happen({ _tag: 'EnabledReceived', ...where, resume: true, id: `SM-ID of ${resource}` })
  }
  for (const resource of ['phone', 'desktop', 'tablet']) begin(resource)
  const resources = () => client.account().sessions.map(({ resource, _tag }) => `${resource}: ${_tag}`)
  client.lose()
  client.requestResume()
  client.lose({ resource: 'desktop' })
  client.lose()
  expect(resources()).toEqual(['desktop: Hibernating', 'tablet: Active'])
  client.happen({ _tag: 'StanzaReceived', resource: 'tablet', connection: 'to tablet', stanza: 'n1' })
  expect(resources()).toHaveLength(2)
  client.lose({ resource: 'tablet' })
  expect(resources()).toEqual(['tablet: Hibernating'])
})
