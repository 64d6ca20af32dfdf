/** States that the types allow and no sequence of events leads to: the core stays total there as well. */
import { type Account, defaultConfig, type Session, sessionOf, step } from '@smacks/core'
import { expect, test } from 'vitest'
import { drive, enabled, initiated, sm3, tags } from '../../spec/driver.js'

const noDeadlines = { ackDelay: undefined, ackHold: undefined, hibernation: undefined, readProbe: undefined }

const having = (account: Account<string>, session: Session<string>): Account<string> => ({
  ...account,
  sessions: [session],
})

test('the deadline of hibernation means nothing to an active session', () => {
  const session = enabled().session()
  if (session._tag !== 'Active') throw new Error('it should be active')
  const due = 1_000_000
  const client = drive({}, having(enabled().account(), { ...session, deadlines: { ...noDeadlines, hibernation: due } }))
  expect(client.fire('hibernation')).toEqual([])
  expect(client.session()).toEqual(session)
})

test('a session that resumes without a deadline falls back without one', () => {
  const before = initiated()
  before.lose()
  before.requestResume()
  const session = before.session()
  if (session._tag !== 'Resuming') throw new Error('it should be resuming')
  const client = drive({}, having(before.account(), { ...session, deadlines: noDeadlines }))
  expect(client.lose()).toEqual([])
  expect(client.phase()).toBe('Hibernating')
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

test('a session that hibernates without a deadline gets one when the server starts again', () => {
  const before = enabled()
  before.lose()
  const session = before.session()
  if (session._tag !== 'Hibernating') throw new Error('it should be hibernating')
  const account = having(before.account(), { ...session, deadlines: noDeadlines })
  const [after] = step(defaultConfig)(account, { _tag: 'ServerRestarted', at: 5_000, lastAlive: 3_000 })
  expect(after.sessions).toMatchObject([{ _tag: 'Hibernating', deadlines: { hibernation: 605_000 } }])
})
