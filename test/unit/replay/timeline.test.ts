/** Timelines, and the moments that bound them. */
import { defaultConfig } from '@smacks/core'
import { isShown, parseMoment, relativeTo, replay, type TimelineOptions, timeline, timelineJson } from '@smacks/replay'
import { storyStart } from '@smacks/testkit'
import { isRight } from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import { recordingOf } from './record.js'

const story = recordingOf([
  'bind',
  'enable resume',
  'laptop: bind',
  'wait 1',
  'submit m1',
  'receive m2',
  'lose-transport',
  'wait 5',
  'resume h=0',
])

const lines = (options: TimelineOptions): ReadonlyArray<string> => [...timeline(story.header, replay(story), options)]

const shownSeqs = (options: TimelineOptions): ReadonlyArray<number> =>
  [...replay(story)].filter(step => isShown(story.header, step, options)).map(({ entry }) => entry.seq)

const moment = (text: string): NonNullable<TimelineOptions['from']> => {
  const parsed = parseMoment(text)
  if (!isRight(parsed)) throw new Error(parsed.left)
  return parsed.right
}

test('a timeline tells each event, its effects and the state after it', () => {
  expect(lines({ relative: true }).join('\n')).toMatchInlineSnapshot(`
    "#1 +0.000s romeo@example.net phone on c1: the resource was bound
        =  phone is unmanaged on c1
    #2 +0.000s romeo@example.net phone on c1: <enable resume='true'/> came; sm-1 is a fresh SM-ID
        -> send <enabled resume='true' id='sm-1' max='600'/> on c1
        =  phone is active on c1, h=0, sent 0, nothing unacked
    #3 +0.000s romeo@example.net laptop on c2: the resource was bound
        =  laptop is unmanaged on c2
    #4 +1.000s romeo@example.net phone: message m1 to romeo@example.net was submitted
        -> send message m1 to romeo@example.net on c1
        -> send <r/> on c1
        -> arm the timer ackDelay of phone, due +31.000s
        =  phone is active on c1, h=0, sent 1, 1 unacked (m1), an <r/> is unanswered, ackDelay due +31.000s
    #5 +1.000s romeo@example.net phone on c1: a stanza came
        -> deliver a stanza from phone
        =  phone is active on c1, h=1, sent 1, 1 unacked (m1), an <r/> is unanswered, ackDelay due +31.000s
    #6 +1.000s romeo@example.net phone on c1: the line dropped
        -> disarm the timer ackDelay of phone
        -> arm the timer hibernation of phone, due +10m01.000s
        -> tell of phone: hibernating until +10m01.000s, 1 unacked: message m1 to romeo@example.net
        =  phone is hibernating, resumable by sm-1, h=1, sent 1, 1 unacked (m1), disconnected since +1.000s, hibernation due +10m01.000s
    #7 +6.000s romeo@example.net c3: <resume previd='sm-1' h='0'/> came
        -> disarm the timer hibernation of phone
        -> let c3 be the connection of phone
        -> send <resumed previd='sm-1' h='1'/> on c3
        -> send message m1 to romeo@example.net again on c3, delayed since +1.000s
        -> send <r/> on c3
        -> arm the timer ackDelay of phone, due +36.000s
        -> tell of phone: resumed; it hibernated since +1.000s
        =  phone is active on c3, h=1, sent 1, 1 unacked (m1), an <r/> is unanswered, ackDelay due +36.000s"
  `)
})

test('times are absolute unless told', () => {
  expect(lines({})[0]).toBe('#1 2024-01-01T00:00:00.000Z romeo@example.net phone on c1: the resource was bound')
})

test('what a recording holds does nothing to a terminal', () => {
  const [first] = replay(story)
  const evil = first && { ...first, entry: { ...first.entry, account: 'romeo\u001b[2J\u009b1m\nx' } }
  const [line] = [...timeline(story.header, evil === undefined ? [] : [evil])]
  expect(line).toContain('romeo\\u001b[2J\\u009b1m\\u000ax')
})

describe('only what is wanted is shown:', () => {
  test('from an offset on', () => expect(shownSeqs({ from: moment('+1s') })).toEqual([4, 5, 6, 7]))
  test('until a time', () => expect(shownSeqs({ until: moment('2024-01-01T00:00:00Z') })).toEqual([1, 2, 3]))
  test('between entries', () => expect(shownSeqs({ from: moment('#3'), until: moment('#5') })).toEqual([3, 4, 5]))
  test('an account', () => expect(shownSeqs({ account: 'juliet@example.org' })).toEqual([]))
  test('a session, with the resumption that names it by its SM-ID', () => {
    expect(shownSeqs({ session: 'phone' })).toEqual([1, 2, 4, 5, 6, 7])
    expect(shownSeqs({ session: 'laptop' })).toEqual([3])
  })
})

test('as JSON each step is one line', () => {
  const steps = [...timelineJson(story.header, replay(story))].map(line => JSON.parse(line))
  expect(steps.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7])
  expect(steps[4]).toMatchObject({
    at: storyStart + 1000,
    account: 'romeo@example.net',
    event: { _tag: 'StanzaReceived', stanza: 'm2' },
    effects: [{ _tag: 'Deliver', resource: 'phone', stanza: 'm2' }],
    state: { sessions: [{ resource: 'phone', inbound: { handled: 1 } }, { resource: 'laptop' }] },
  })
})

describe('moments', () => {
  test.each([
    ['+90s', { _tag: 'After', milliseconds: 90_000 }],
    ['+1m30s', { _tag: 'After', milliseconds: 90_000 }],
    ['+1h2m3.5s', { _tag: 'After', milliseconds: 3_723_500 }],
    ['+250ms', { _tag: 'After', milliseconds: 250 }],
    ['+2m', { _tag: 'After', milliseconds: 120_000 }],
    ['#42', { _tag: 'Seq', seq: 42 }],
    ['2026-01-01T12:00:00Z', { _tag: 'At', at: Date.UTC(2026, 0, 1, 12) }],
  ])('%s is understood', (text, expected) => expect(moment(text)).toEqual(expected))

  test.each(['', '+', '90', '+1x', '#0', '#x', 'yesterday', '2026', '+1m30', '2026-99-01'])('%j is not', text => {
    expect(() => moment(text)).toThrow(`found ${JSON.stringify(text)}, allowed: a time as`)
  })

  test.each([
    [0, '+0.000s'],
    [1_250, '+1.250s'],
    [61_250, '+1m01.250s'],
    [3_723_500, '+1h02m03.500s'],
    [-5, '-0.005s'],
    [59_999.9, '+59.999s'],
  ])('%d ms after the beginning is written %s', (milliseconds, text) => {
    expect(relativeTo(storyStart)(storyStart + milliseconds)).toBe(text)
  })

  test('what is written can be read', () => {
    for (const milliseconds of [0, 1, 999, 60_000, 3_599_999, 90_000_001])
      expect(moment(relativeTo(0)(milliseconds))).toEqual({ _tag: 'After', milliseconds })
  })
})

test('what lies in storage is told by its number', () => {
  const config = { ...defaultConfig, queueStorage: true }
  const stored = recordingOf(['bind', 'enable resume', 'submit m1', 'lose-transport', 'submit m2'], config)
  const states = [...timeline(stored.header, replay(stored))].flatMap(
    line => /sent \d.*?(?=, \w+ due|, disc)/.exec(line) ?? [],
  )
  expect(states).toEqual([
    'sent 1, 1 unacked (m1)',
    'sent 1, 1 unacked, 1 of them in storage',
    'sent 2, 2 unacked, 2 of them in storage',
  ])
})
