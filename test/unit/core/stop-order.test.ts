import { type AccountStep, defaultConfig, type Event, emptyAccount, step } from '@smacks/core'
import { expect, test } from 'vitest'

const run = (events: ReadonlyArray<Event<string>>) =>
  events.reduce<AccountStep<string>>(([account], event) => step(defaultConfig)(account, event), [emptyAccount, []])[1]

test('what waits in several sessions is stored in the order of time, not of sessions', () => {
  const begin = (resource: string): ReadonlyArray<Event<string>> => [
    { _tag: 'SessionBound', at: 0, resource, connection: resource },
    {
      _tag: 'EnableReceived',
      at: 0,
      resource,
      connection: resource,
      version: 'urn:xmpp:sm:3',
      resume: true,
      freshId: resource,
    },
  ]
  const message = (at: number, resource: string): Event<string> => ({
    _tag: 'StanzaSubmitted',
    at,
    resource,
    stanza: `m${at}`,
    facts: { name: 'message', type: 'chat', id: `m${at}` },
  })
  const effects = run([
    ...begin('phone'),
    ...begin('laptop'),
    message(1, 'laptop'),
    message(2, 'phone'),
    message(3, 'laptop'),
    message(4, 'phone'),
    { _tag: 'ServerStopping', at: 5 },
  ])
  expect(effects.filter(({ _tag }) => _tag === 'StoreOffline')).toMatchObject([
    { stanza: 'm1' },
    { stanza: 'm2' },
    { stanza: 'm3' },
    { stanza: 'm4' },
  ])
})
