/** The outgoing link: what is submitted before there is a connection, and what becomes of it. */
import type { Account, Config } from '@smacks/core'
import { describe, expect, test } from 'vitest'
import { closed, dispositions, drive, type Effects, nonzas, sentStanzas, sm3, tags, unacked } from './driver.js'

/** Wanted, and these stanzas wait. */
const waiting = (stanzas: ReadonlyArray<string>, options: Partial<Config> = {}) => {
  const link = drive(options)
  link.want()
  link.submit(...stanzas)
  return link
}

/** With the condition that senders are told, where there is one. */
const returned = (effects: Effects): ReadonlyArray<string> =>
  effects.flatMap(effect =>
    effect._tag === 'ReturnToSender' ? [`${effect.stanza} ${effect.condition ?? 'recipient-unavailable'}`] : [],
  )

const ended = (effects: Effects): ReadonlyArray<string> =>
  effects.flatMap(effect => (effect._tag === 'EndSession' ? [effect.reason] : []))

const on = (connection: string) => ({ connection })

describe('before there is a connection', () => {
  test('a connection that is wanted does nothing yet', () => {
    const link = drive()
    expect(link.want()).toEqual([])
    expect(link.phase()).toBe('Connecting')
  })

  test('stanzas wait, in their order, and nothing of them is sent', () => {
    const link = drive()
    link.want()
    expect(link.submit('m1', 'm2')).toEqual([])
    expect(unacked(link)).toEqual(['m1', 'm2'])
  })

  test.each([
    ['connecting', () => waiting(['m1'])],
    [
      'enabling',
      () => {
        const link = waiting(['m1'])
        link.requestEnable(true, undefined, on('c1'))
        return link
      },
    ],
    [
      'hibernating',
      () => {
        const link = waiting(['m1'])
        link.requestEnable(true, undefined, on('c1'))
        link.enabled({ resume: true, id: 'link' })
        link.lose()
        return link
      },
    ],
  ])('wanting one changes nothing while the link is %s', (_, made) => {
    const link = made()
    const before = link.account()
    expect(link.want()).toEqual([])
    expect(link.account()).toBe(before)
  })

  test('nothing can come from a peer that is not there', () => {
    const link = waiting(['m1'])
    const before = link.account()
    expect([link.receive('n1'), link.ack(1), link.request(), link.lose(), link.closeStream()].flat()).toEqual([])
    expect(link.account()).toBe(before)
  })

  test('one that fails is no matter of a link that stands', () => {
    const link = waiting([])
    link.requestEnable(true, undefined, on('c1'))
    const before = link.account()
    expect(link.unreachable()).toEqual([])
    expect(link.account()).toBe(before)
  })
})

describe('the first connection', () => {
  test('<enable/> comes first, then what waited, each once, in its order, and not as something late', () => {
    const link = waiting(['m1', 'm2'])
    link.pass(20)
    const effects = link.requestEnable(true, 60, on('c1'))
    expect(tags(effects)).toEqual(['SendNonza', 'SendStanza', 'SendStanza'])
    expect(nonzas(effects)).toEqual([{ _tag: 'Enable', version: sm3, resume: true, max: 60 }])
    expect(sentStanzas(effects)).toEqual(['m1', 'm2'])
    for (const effect of effects) {
      expect(effect).toMatchObject(on('c1'))
      expect(effect).not.toHaveProperty('delayedSince')
    }
  })

  test('what waited counts from <enable/> on, before what is submitted later', () => {
    const link = waiting(['m1', 'm2'])
    link.requestEnable(true, undefined, on('c1'))
    link.submit('m3')
    link.enabled({ resume: true, id: 'link' })
    expect(unacked(link)).toEqual(['m1', 'm2', 'm3'])
    link.ack(2)
    expect(unacked(link)).toEqual(['m3'])
  })

  test('<enabled/> is followed by an <r/> for what waited', () => {
    const link = waiting(['m1'])
    link.requestEnable(true, undefined, on('c1'))
    expect(nonzas(link.enabled())).toEqual([{ _tag: 'Request', version: sm3 }])
  })

  test('a peer without stream management gets what waited, once, and nobody counts it', () => {
    const link = waiting(['m1', 'm2'])
    expect(sentStanzas(link.bind())).toEqual(['m1', 'm2'])
    expect(link.phase()).toBe('Unmanaged')
    expect(dispositions(link.lose())).toEqual([])
  })

  test('what was sent before <enable/> is not sent behind it again', () => {
    const link = waiting(['m1'])
    link.bind()
    expect(sentStanzas(link.requestEnable())).toEqual([])
    expect(unacked(link)).toEqual([])
  })

  test('a peer that refuses stream management has what waited, and does not get it again', () => {
    const link = waiting(['m1'])
    link.requestEnable(true, undefined, on('c1'))
    expect(sentStanzas(link.failed())).toEqual([])
    expect(link.phase()).toBe('Unmanaged')
  })

  test('a connection that is another session of the account has no second one', () => {
    const link = waiting(['m1'])
    link.bind('other', 'c1')
    const before = link.account()
    expect([...link.requestEnable(true, undefined, on('c1')), ...link.bind('phone', 'c1')]).toEqual([])
    expect(link.account()).toBe(before)
  })

  test('the other sessions of the account are as they were', () => {
    const link = waiting(['m1'])
    link.bind('other', 'c1')
    link.bind('phone', 'c2')
    expect(link.account().sessions.map(({ resource, _tag }) => `${resource} ${_tag}`)).toEqual([
      'phone Unmanaged',
      'other Unmanaged',
    ])
  })
})

describe('no connection', () => {
  test.each(['remote-server-not-found', 'remote-server-timeout'] as const)(
    '%s: each stanza goes back with it, whatever s2sResend says',
    condition => {
      for (const s2sResend of [false, true]) {
        const link = waiting(['m1', 'm2'], { s2sResend })
        const effects = link.unreachable(condition)
        expect(returned(effects)).toEqual([`m1 ${condition}`, `m2 ${condition}`])
        expect(ended(effects)).toEqual([condition])
        expect(link.phase()).toBeUndefined()
      }
    },
  )

  test.each([
    ['it is given up', 'closed', () => waiting(['m1'], { s2sResend: true }), 'close'],
    ['the process stops', 'stopped', () => waiting(['m1'], { s2sResend: true }), 'stop'],
  ] as const)('%s: what waited goes back, and is not routed anew to wait for the same', (_, reason, made, how) => {
    const link = made()
    const effects = how === 'stop' ? link.stop() : link.happen({ _tag: 'CloseRequested', resource: 'phone' })
    expect(returned(effects)).toEqual(['m1 recipient-unavailable'])
    expect(ended(effects)).toEqual([reason])
    expect(closed(effects)).toEqual([])
  })

  test('too much waits: memory stays bounded, and all goes back, the last one too', () => {
    const link = waiting(['m1', 'm2'], { queueCeiling: 2, s2sResend: true })
    const effects = link.submit('m3')
    expect(dispositions(effects)).toEqual(['m1: ReturnToSender', 'm2: ReturnToSender', 'm3: ReturnToSender'])
    expect(ended(effects)).toEqual(['evicted'])
  })
})

describe('a process that ends', () => {
  const journalled: ReadonlyArray<readonly [string, (link: ReturnType<typeof waiting>) => Effects]> = [
    ['stops', link => link.happen({ _tag: 'ServerStopping', journalled: true })],
    ['is killed', link => link.happen({ _tag: 'ServerRestarted' })],
  ]
  test.each(journalled)('%s: what the journal has waits on, as it was', (_, happens) => {
    const link = waiting(['m1'])
    const before: Account<string> = link.account()
    expect(happens(link)).toEqual([])
    expect(link.account()).toEqual(before)
    expect(sentStanzas(link.requestEnable(true, undefined, on('c1')))).toEqual(['m1'])
  })

  test.each([
    [true, ['m1: Redeliver']],
    [false, ['m1: ReturnToSender']],
  ])('is killed before <enabled/> came: with s2sResend = %s, %s', (s2sResend, disposition) => {
    const link = waiting(['m1'], { s2sResend })
    link.requestEnable(true, undefined, on('c1'))
    expect(dispositions(link.happen({ _tag: 'ServerRestarted' }))).toEqual(disposition)
  })

  test('stops for good: a link that stands gives back what is unacked, since nobody will be there to route it', () => {
    const link = waiting(['m1'], { s2sResend: true })
    link.requestEnable(true, undefined, on('c1'))
    expect(dispositions(link.stop())).toEqual(['m1: ReturnToSender'])
  })
})
