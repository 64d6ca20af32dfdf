/** What people read: why a session ended, why a stanza was given up, and what a peer is told that broke a rule. */
import { type DiscardReason, describeEffect, type Effect, type EndReason } from '@smacks/core'
import { describe, expect, test } from 'vitest'
import { closed, type Drive, drive, type Effects, enabled, initiated } from '../../spec/driver.js'

const ends: { readonly [R in EndReason]: string } = {
  closed: 'the peer closed the stream',
  evicted: 'it held more than is allowed',
  expired: 'hibernation took too long',
  failed: 'the peer did not resume it',
  lost: 'its line dropped and cannot be resumed',
  refused: 'the peer broke a rule',
  'remote-server-not-found': 'the other server was not found',
  'remote-server-timeout': 'the other server could not be reached in time',
  replaced: 'its resource was bound anew',
  stopped: 'the server stops',
}

const discards: { readonly [R in DiscardReason]: string } = {
  answer: 'nobody waits for the answer to an answer',
  answered: 'it was answered already',
  archived: 'its client reads it in the archive',
  copy: 'the original lives elsewhere',
  delivered: 'another session acked it',
  error: 'an error is never answered',
  held: 'another session has it still',
  presence: 'a presence is never answered',
  transient: 'nobody misses it',
}

describe('why a session ended', () => {
  for (const [reason, said] of Object.entries(ends)) {
    const outcome = reason as EndReason
    test(reason, () => {
      expect(describeEffect({ _tag: 'EndSession', resource: 'phone', reason: outcome })).toBe(
        `end the session of phone: ${said}`,
      )
      const notice = { _tag: 'HibernationEnded', outcome, hibernatedSince: 0 } as const
      expect(describeEffect({ _tag: 'Notify', resource: 'phone', notice })).toBe(
        `tell of phone: over, since ${said}; it hibernated since 1970-01-01T00:00:00.000Z`,
      )
    })
  }
})

describe('why a stanza was given up', () => {
  for (const [reason, said] of Object.entries(discards))
    test(reason, () => {
      const facts = { name: 'message', type: 'chat', id: 'm1' } as const
      const effect: Effect<string> = {
        _tag: 'Discard',
        resource: 'phone',
        stanza: 'm1',
        facts,
        reason: reason as DiscardReason,
      }
      expect(describeEffect(effect)).toBe(`discard message m1: ${said}`)
    })
})

describe('what the peer is told when its stream is ended', () => {
  const resuming = (options = {}): Drive => {
    const client = initiated(options)
    client.submit('m1')
    client.lose()
    client.requestResume()
    return client
  }
  const told: ReadonlyArray<readonly [string, () => Effects, string, string]> = [
    [
      'it never acks',
      () => {
        const server = enabled({ queueCeiling: 1 })
        server.submit('m1')
        return server.submit('m2')
      },
      'resource-constraint',
      'More than 1 stanzas are unacknowledged; acknowledge what you receive.',
    ],
    [
      'it answers no <r/>, and cannot resume',
      () => {
        const server = drive()
        server.bind()
        server.enable({ resume: false })
        server.silence()
        return server.fire('readProbe')
      },
      'connection-timeout',
      'The ack request was not answered.',
    ],
    [
      'it resumes another session than was asked for',
      () => resuming().resumed(0, 'another'),
      'undefined-condition',
      "You resumed 'another', but 'SM-ID of phone' was asked for.",
    ],
    [
      'it resumes with an h that cannot be',
      () => resuming().resumed(9),
      'undefined-condition',
      'You acknowledged 9 stanzas, which is not between what you acknowledged and what was sent.',
    ],
    [
      'too much is queued while it does not answer <resume/>',
      () => resuming({ queueCeiling: 1 }).submit('m2'),
      'resource-constraint',
      'More than 1 stanzas are unacknowledged; acknowledge what you receive.',
    ],
  ]
  for (const [name, happens, condition, text] of told)
    test(name, () => {
      expect(closed(happens()).map(({ error }) => error)).toEqual([{ condition, text }])
    })

  test('nothing, where it may well close', () => {
    const other = drive()
    other.bind()
    expect(closed(other.closeStream())).toStrictEqual([{ _tag: 'CloseConnection', connection: 'to phone' }])
  })
})
