/** Edge cases of XEP-0198, by number: queue and timeout. */
import { describe, expect, test } from 'vitest'
import { closed, dispositions, drive, enabled, nonzas, sentStanzas, unacked } from '../driver.js'
import { bound, failed, request } from './words.js'

describe('queue and timeout', () => {
  test('74. one stanza too many: the live stream goes on, and every stanza stays', () => {
    const client = enabled({ maxQueueSize: 3 })
    expect(sentStanzas(client.submit('m1', 'm2', 'm3', 'm4'))).toEqual(['m1', 'm2', 'm3', 'm4'])
    expect(client.phase()).toBe('Active')
    expect(unacked(client)).toEqual(['m1', 'm2', 'm3', 'm4'])
  })

  test('74. a queue at the ceiling ends the session, live or hibernating, and each stanza has a disposition', () => {
    const live = enabled({ queueCeiling: 2 })
    const overflow = live.submit('m1', 'm2', 'm3')
    expect(closed(overflow)[0]?.error?.condition).toBe('resource-constraint')
    expect(dispositions(overflow)).toEqual(['m1: StoreOffline', 'm2: StoreOffline', 'm3: StoreOffline'])
    const asleep = enabled({ queueCeiling: 2 })
    asleep.lose()
    expect(dispositions(asleep.submit('m1', 'm2', 'm3'))).toEqual([
      'm1: StoreOffline',
      'm2: StoreOffline',
      'm3: StoreOffline',
    ])
  })

  test('75. a burst at login ends nothing', () => {
    const client = enabled()
    client.submit(...Array.from({ length: 5_000 }, (_, index) => `m${index}`))
    expect(client.phase()).toBe('Active')
    client.ack(5_000)
    expect(unacked(client)).toEqual([])
  })

  test('76. too many unacked: resource-constraint with the h, and the session waits until an h brings it below the limit', () => {
    const client = enabled({ maxQueueSize: 2 })
    client.submit('m1', 'm2', 'm3')
    client.lose()
    const before = client.account()
    expect(nonzas(client.resume(0))).toEqual([failed('resource-constraint', { h: 0 })])
    expect(client.account()).toBe(before)
    expect(sentStanzas(client.resume(1))).toEqual(['m2', 'm3'])
  })

  test.each([
    [{ name: 'iq', type: 'get' }, 'ReturnToSender'],
    [{ name: 'iq', type: 'set' }, 'ReturnToSender'],
    [{ name: 'iq', type: 'result' }, 'Discard (answer)'],
    [{ name: 'iq', type: 'error' }, 'Discard (error)'],
    [{ name: 'presence', type: 'available' }, 'Discard (presence)'],
    [{ name: 'presence', type: 'error' }, 'Discard (error)'],
    [{ name: 'message', type: 'chat' }, 'StoreOffline'],
    [{ name: 'message', type: 'normal' }, 'StoreOffline'],
    [{ name: 'message', type: 'headline' }, 'ReturnToSender'],
    [{ name: 'message', type: 'groupchat' }, 'ReturnToSender'],
    [{ name: 'message', type: 'error' }, 'Discard (error)'],
  ] as const)('77. timeout of the last session: %j comes to %s', (facts, disposition) => {
    const client = enabled()
    client.submitAs(facts)
    client.lose()
    expect(dispositions(client.fire('hibernation'))).toEqual([`m: ${disposition}`])
  })

  test('78. a carbon copy and an archive result are neither returned nor stored', () => {
    const client = enabled()
    client.submitAs({ copy: true })
    client.lose()
    expect(dispositions(client.fire('hibernation'))).toEqual(['m: Discard (copy)'])
  })

  test('79. an archived message is neither returned nor stored if the client uses its archive', () => {
    const client = enabled()
    client.queryArchive()
    client.submitAs({ archived: true }, 'archived')
    client.submitAs({}, 'not archived')
    client.lose()
    expect(dispositions(client.fire('hibernation'))).toEqual([
      'archived: Discard (archived)',
      'not archived: StoreOffline',
    ])
  })

  test('79. a client that never looked into its archive still gets it', () => {
    const client = enabled()
    client.submitAs({ archived: true })
    client.lose()
    expect(dispositions(client.fire('hibernation'))).toEqual(['m: StoreOffline'])
  })

  test('80. a message to the bare JID that waits in several sessions is stored once when the server stops', () => {
    const client = enabled()
    client.bind('desktop')
    client.enable({}, { resource: 'desktop' })
    client.submitAs({ to: 'juliet@example.org' }, 'm1')
    client.submitAs({ to: 'juliet@example.org' }, 'm1', 'desktop')
    expect(dispositions(client.stop())).toEqual(['m1: StoreOffline', 'm1: Discard (copy)'])
  })

  test('80. two messages that only look alike are both stored', () => {
    const client = enabled()
    client.bind('desktop')
    client.enable({}, { resource: 'desktop' })
    client.submitAs({ to: 'juliet@example.org' }, 'm1')
    client.submitAs({ to: 'juliet@example.org' }, 'm1')
    client.pass(1)
    client.submitAs({ to: 'juliet@example.org' }, 'm1', 'desktop')
    expect(dispositions(client.stop())).toEqual(['m1: StoreOffline', 'm1: StoreOffline', 'm1: StoreOffline'])
  })

  test('80. a session that ends while others stand never routes a message to the bare JID anew', () => {
    const client = bound()
    client.enable({ resume: false })
    client.bind('desktop')
    client.submitAs({ to: 'juliet@example.org' })
    expect(dispositions(client.lose())).toEqual(['m: ReturnToSender'])
  })

  test('81. last session: messages are stored; other sessions there, or no offline storage: returned', () => {
    const ended = (options: object, others: boolean) => {
      const client = enabled(options)
      if (others) client.bind('desktop')
      client.submit('m1')
      client.lose()
      return dispositions(client.fire('hibernation'))
    }
    expect(ended({}, false)).toEqual(['m1: StoreOffline'])
    expect(ended({}, true)).toEqual(['m1: ReturnToSender'])
    expect(ended({ offlineStorage: false }, false)).toEqual(['m1: ReturnToSender'])
  })

  test('82. what is sent again states the time it was first submitted; what is new states none', () => {
    const client = enabled()
    const first = client.now()
    client.submit('m1')
    client.pass(10)
    client.lose()
    client.pass(10)
    client.submit('m2')
    client.pass(10)
    const again = [...client.resume(0), ...client.submit('m3')].flatMap(effect =>
      effect._tag === 'SendStanza' ? [effect.delayedSince] : [],
    )
    expect(again).toEqual([first, first + 20_000, undefined])
  })

  test('83. a new session binds the resource of a hibernating one: the queue goes to one place, the timer is dead', () => {
    const client = enabled()
    client.submit('m1')
    client.lose()
    const due = client.now() + 600_000
    const effects = client.bind('phone', 'second')
    expect(dispositions(effects)).toEqual(['m1: StoreOffline'])
    expect(effects).toContainEqual({ _tag: 'DisarmTimer', resource: 'phone', timer: 'hibernation' })
    client.pass(600)
    const before = client.account()
    expect(client.happen({ _tag: 'TimerFired', resource: 'phone', timer: 'hibernation', due })).toEqual([])
    expect(client.account()).toBe(before)
  })

  test('84. the late end of an old connection does not touch the session', () => {
    const client = enabled()
    client.bind('phone', 'second')
    const before = client.account()
    const late = { connection: 'to phone' }
    expect([...client.lose(late), ...client.closeStream(late), ...client.refuse({ condition: 'reset' }, late)]).toEqual(
      [],
    )
    expect(client.account()).toBe(before)
  })

  test('85. the timer fires first, then <resume/> comes: item-not-found with h', () => {
    const client = enabled()
    client.lose()
    client.fire('hibernation')
    expect(nonzas(client.resume(0))).toEqual([failed('item-not-found', { h: 0 })])
  })

  test('85. <resume/> comes first, then the timer fires: nothing happens', () => {
    const client = enabled()
    client.lose()
    const due = client.now() + 600_000
    client.pass(600)
    client.resume(0)
    const before = client.account()
    expect(client.happen({ _tag: 'TimerFired', resource: 'phone', timer: 'hibernation', due })).toEqual([])
    expect(client.account()).toBe(before)
  })

  test('88. a push module hears of hibernation, of each stanza that waits, of a delayed ack, and of the end', () => {
    const client = enabled()
    client.submit('m1')
    const heard = [
      ...client.fire('ackDelay'),
      ...client.lose(),
      ...client.submit('m2'),
      ...client.resume(0),
      ...client.submit('m3'),
    ].flatMap(effect => (effect._tag === 'Notify' ? [effect.notice._tag] : []))
    expect(heard).toEqual(['AckDelayed', 'HibernationStarted', 'HibernationStanzaQueued', 'HibernationEnded'])
  })

  test('89. an ack is asked for when the client becomes active, and while inactive at its own threshold', () => {
    const client = enabled({ maxInactiveUnackedStanzas: 3 })
    client.inactive()
    expect(nonzas(client.submit('m1', 'm2', 'm3'))).toEqual([])
    expect(nonzas(client.active())).toEqual([request])
    client.ack(3)
    client.inactive()
    expect(nonzas(client.submit('m4', 'm5', 'm6', 'm7'))).toEqual([request])
  })

  test('91. hibernating sessions are bounded: one too many ends the one that hibernates longest', () => {
    const client = drive({ maxHibernatingSessions: 2 })
    for (const resource of ['a', 'b', 'c']) {
      client.bind(resource)
      client.enable({}, { resource })
      client.pass(1)
      client.lose({ resource })
    }
    expect(client.account().sessions.map(({ resource }) => resource)).toEqual(['b', 'c'])
    expect(nonzas(client.resume(0, 'new', 'SM-ID of a'))).toEqual([failed('item-not-found', { h: 0 })])
  })

  test('91. a session that is over leaves nothing but its h', () => {
    const client = enabled()
    client.submit('m1')
    client.lose()
    client.fire('hibernation')
    expect(client.account()).toEqual({
      sessions: [],
      oldSessions: [{ smId: 'SM-ID of phone', h: 0, at: client.now() }],
    })
  })
})
