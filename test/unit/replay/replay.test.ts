/** Replays that come to something else, and how that is shown. */
import { defaultConfig } from '@smacks/core'
import {
  describeDifference,
  type Entry,
  firstDifference,
  type Recording,
  replay,
  sideBySide,
  verify,
} from '@smacks/replay'
import { describe, expect, test } from 'vitest'
import { recordingOf } from './record.js'

const story = recordingOf(['bind', 'enable resume', 'wait 1', 'submit m1', 'submit m2', 'ack h=1', 'lose-transport'])

const withEntry = (recording: Recording, seq: number, change: (entry: Entry) => Entry): Recording => ({
  ...recording,
  entries: recording.entries.map(entry => (entry.seq === seq ? change(entry) : entry)),
})

/** Somebody changed the `h` of the ack. */
const otherAck = withEntry(story, 5, entry =>
  entry._tag === 'Event' && entry.event._tag === 'AckReceived' ? { ...entry, event: { ...entry.event, h: 2 } } : entry,
)

describe('a verification', () => {
  test('of what was not changed finds nothing', () => {
    expect(verify(replay(story))).toEqual({ steps: 6, compared: 6, differing: 0 })
  })

  test('says which step was the first to differ, and how many did', () => {
    const { steps, differing, first } = verify(replay(otherAck))
    expect([steps, differing, first?.entry.seq]).toEqual([6, 2, 5])
    expect(first?.difference).toEqual({
      path: 'effects[1]',
      recorded: { _tag: 'SendNonza', connection: 'c1', nonza: { _tag: 'Request', version: 'urn:xmpp:sm:3' } },
      replayed: undefined,
    })
  })

  test('of a recording without outcomes compares nothing', () => {
    const bare = story.entries.map(({ ...entry }) => {
      if (entry._tag !== 'Event') return entry
      const { outcome: _, ...rest } = entry
      return rest
    })
    expect(verify(replay({ header: story.header, entries: bare }))).toMatchObject({
      steps: 6,
      compared: 0,
      differing: 0,
    })
  })

  test('finds a state that is told to be another than was left', () => {
    const [first] = [...replay(story)].slice(2)
    const entries: ReadonlyArray<Entry> = [
      ...story.entries.slice(0, 2),
      { _tag: 'State', seq: 3, at: 0, account: 'romeo@example.net', state: { sessions: [], oldSessions: [] } },
      ...story.entries.slice(2),
    ]
    const found = verify(replay({ header: story.header, entries })).first
    expect(found?.entry.account).toBe(first?.entry.account)
    expect(found?.difference).toMatchObject({ path: 'before.sessions[0]', recorded: undefined })
  })
})

describe('two columns', () => {
  const shown = (recording: Recording, width?: number): string => {
    const { first } = verify(replay(recording))
    return first === undefined ? 'no difference' : sideBySide(first, width).join('\n')
  }

  test('show what was recorded beside what was replayed, and mark what differs', () => {
    expect(shown(otherAck)).toMatchInlineSnapshot(`
      "#5 romeo@example.net phone on c1: <a h='2'/> came
        recorded                                                  replayed
        --------------------------------------------------------- ---------------------------------------------------------
        disarm the timer ackDelay of phone                        disarm the timer ackDelay of phone
      ! send <r/> on c1                                           (nothing)
      ! arm the timer ackDelay of phone, due                      (nothing)
      ! 2024-01-01T00:00:31.000Z
      ! phone.outbound.acked = 1                                  phone.outbound.acked = 2
      ! phone.outbound.unacked.length = 1                         phone.outbound.unacked.length = 0
      ! phone.outbound.unacked.first = message type=chat m2       (nothing)
      ! from=juliet@example.org/balcony to=romeo@example.net
      ! at=1704067201000 stanza=5a669488ee20
      ! phone.outbound.unacked.last = message type=chat m2        (nothing)
      ! from=juliet@example.org/balcony to=romeo@example.net
      ! at=1704067201000 stanza=5a669488ee20
      ! phone.request.awaiting = true                             phone.request.awaiting = false
      ! phone.request.requestedFor = 2                            phone.request.requestedFor = 1
      ! phone.deadlines.ackDelay = 1704067231000                  (nothing)
      effects[1]: recorded {"_tag":"SendNonza","connection":"c1","nonza":{"_tag":"Request","version":"urn:xmpp:sm:3"}}, replayed nothing"
    `)
  })

  test('are as narrow as they are told', () => {
    expect(
      Math.max(
        ...shown(otherAck, 60)
          .split('\n')
          .slice(1, -1)
          .map(line => line.length),
      ),
    ).toBeLessThanOrEqual(60)
  })

  test('show the data where the prose is the same', () => {
    const otherFacts = withEntry(story, 4, entry =>
      entry._tag === 'Event' && entry.event._tag === 'StanzaSubmitted'
        ? { ...entry, event: { ...entry.event, facts: { ...entry.event.facts, type: 'headline' } } }
        : entry,
    )
    expect(shown(otherFacts)).toContain('"type":"chat"')
    expect(shown(otherFacts)).toContain('"type":"headline"')
  })

  test('give way to one line where only a digest was recorded', () => {
    const digested = withEntry(story, 5, entry => {
      if (entry._tag !== 'Event') return entry
      const { outcome: _, ...rest } = entry
      return { ...rest, digest: '0123456789abcdef' }
    })
    expect(shown(digested)).toMatchInlineSnapshot(`
      "#5 romeo@example.net phone on c1: <a h='1'/> came
      digest: recorded "0123456789abcdef", replayed "d0b34f0c125552ba""
    `)
  })
})

describe('the first difference', () => {
  const cases: ReadonlyArray<
    readonly [
      recorded: Parameters<typeof firstDifference>[0],
      replayed: Parameters<typeof firstDifference>[0],
      line: string,
    ]
  > = [
    [{ a: [1, { h: 3 }] }, { a: [1, { h: 4 }] }, 'a[1].h: recorded 3, replayed 4'],
    [{ a: [1] }, { a: [1, 2] }, 'a[1]: recorded nothing, replayed 2'],
    [{ 'a b': null }, {}, '["a b"]: recorded null, replayed nothing'],
    [{ a: [] }, { a: {} }, 'a: recorded [], replayed {}'],
    [{}, JSON.parse('{"__proto__":{"h":1}}'), '__proto__: recorded nothing, replayed {"h":1}'],
    [{ b: 1, a: 1 }, { a: 2, b: 2 }, 'b: recorded 1, replayed 2'],
  ]
  test.each(cases)('of %j and %j', (recorded, replayed, line) => {
    const difference = firstDifference(recorded, replayed)
    expect(difference && describeDifference(difference)).toBe(line)
  })

  test('is none where all is the same, in whatever order', () => {
    expect(firstDifference({ a: [1, null], b: 'x' }, { b: 'x', a: [1, null] })).toBeUndefined()
  })
})

test('a recording knows its config', () => {
  expect(story.header.config).toEqual(defaultConfig)
})
