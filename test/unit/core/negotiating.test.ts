import { defaultConfig, describeSession } from '@smacks/core'
import { describe, expect, test } from 'vitest'
import { chat, drive, sm3 } from '../../spec/driver.js'

const link = { resource: 'phone', connection: 'c1' }

/** A link that waits for the answer to `<enable/>`, and holds these stanzas. */
const negotiating = (options: Parameters<typeof drive>[0], ...stanzas: ReadonlyArray<string>) => {
  const client = drive(options)
  client.want()
  client.happen({ _tag: 'EnableRequested', ...link, version: sm3, resume: true, hold: true })
  client.submit(...stanzas)
  return client
}

describe('what is held until <enabled/>', () => {
  test('is told as waiting', () => {
    expect(describeSession(negotiating({}, 'm1').session())).toBe(
      'phone is negotiating on c1, waiting since 1970-01-01T00:16:40.000Z, nothing sent, 1 unacked: message m1 to juliet@example.org/phone',
    )
  })

  test('has no more bytes than all sessions of its account may have: then it goes back, and the stream is closed', () => {
    const client = drive({ maxAccountQueueBytes: 100 })
    for (const resource of ['phone', 'other']) {
      client.want(resource)
      const connection = `to ${resource}`
      client.happen({ _tag: 'EnableRequested', resource, connection, version: sm3, resume: true, hold: true })
    }
    const submit = (resource: string, stanza: string) =>
      client.happen({ _tag: 'StanzaSubmitted', resource, stanza, facts: chat(stanza), size: 60 })
    expect(submit('phone', 'm1')).toEqual([])
    expect(submit('other', 'm2').map(({ _tag }) => _tag)).toEqual(['CloseConnection', 'ReturnToSender', 'EndSession'])
    expect(client.account().sessions.map(({ _tag }) => _tag)).toEqual(['Negotiating'])
  })

  test('ends where the options do not allow it any more', () => {
    const client = negotiating({}, 'm1', 'm2')
    const config = { ...defaultConfig, queueCeiling: 1 }
    const effects = client.happen({ _tag: 'ConfigChanged', config })
    expect(effects.map(({ _tag }) => _tag)).toEqual([
      'CloseConnection',
      'ReturnToSender',
      'ReturnToSender',
      'EndSession',
    ])
  })

  test('is an iq that nobody answered yet, whatever an answer says', () => {
    const client = negotiating({}, 'm1')
    expect(client.happen({ _tag: 'IqAnswered', resource: 'phone', id: 'm1', to: 'romeo@example.net' })).toEqual([])
    expect(client.session()).not.toHaveProperty('outbound.answered')
  })
})
