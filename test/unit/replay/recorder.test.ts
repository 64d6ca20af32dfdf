/** What the recorder writes, and what it leaves out. */
import { defaultConfig, emptyAccount, reducerVersion } from '@smacks/core'
import { createRecorder, type StepMade } from '@smacks/replay'
import { storyStart } from '@smacks/testkit'
import { describe, expect, test } from 'vitest'
import { namePayload, record, recordAll, stepsOf } from './record.js'

const parsed = (lines: ReadonlyArray<string>): ReadonlyArray<Record<string, unknown>> =>
  lines.map(line => JSON.parse(line))

const online = ['bind', 'enable resume']

describe('a recording', () => {
  test('begins with a header that says by what it was made and how to read it', () => {
    const [header] = parsed(record(stepsOf(defaultConfig, online)))
    expect(header).toEqual({
      recording: 'smacks',
      version: 1,
      reducer: reducerVersion,
      config: defaultConfig,
      at: storyStart,
      by: 'the tests',
      redacted: false,
    })
  })

  test('numbers its entries from 1', () => {
    const [, ...entries] = parsed(record(stepsOf(defaultConfig, [...online, 'submit m1', 'ack all'])))
    expect(entries.map(({ seq }) => seq)).toEqual([1, 2, 3, 4])
  })

  test('says the time of an event once', () => {
    const [, bound] = parsed(record(stepsOf(defaultConfig, ['bind']), { outcome: 'none' }))
    expect(bound).toEqual({
      seq: 1,
      at: storyStart,
      account: 'romeo@example.net',
      event: { _tag: 'SessionBound', resource: 'phone', connection: 'c1' },
    })
  })

  test('tells a state only where it does not follow from the entries before', () => {
    const steps = stepsOf(
      defaultConfig,
      [...online, 'submit m1', 'given counters h=7 acked=0', 'receive m2'].slice(0, 3),
    )
    const others = stepsOf(
      defaultConfig,
      [...online, 'given counters h=7 acked=9', 'receive m2', 'receive m3'],
      'other',
    )
    const kinds = parsed(record([...steps, ...others])).map(line =>
      'state' in line ? 'state' : 'event' in line ? 'event' : 'header',
    )
    expect(kinds).toEqual(['header', 'event', 'event', 'event', 'state', 'event', 'event'])
  })

  test('tells the old sessions that an account is loaded with after its last session was over', () => {
    const steps = stepsOf(defaultConfig, [...online, 'lose-transport', 'wait 600', 'bind'])
    const states = parsed(record(steps)).filter(line => 'state' in line)
    expect(states.map(({ state }) => state)).toEqual([
      { sessions: [], oldSessions: [{ smId: 'sm-1', h: 0, at: storyStart + 600_000 }] },
    ])
  })

  test('does not forget that an account with sessions was lost', () => {
    const [bound] = stepsOf(defaultConfig, ['bind'])
    const again: ReadonlyArray<StepMade<string>> =
      bound === undefined ? [] : [bound, { ...bound, before: emptyAccount }]
    expect(parsed(record(again)).filter(line => 'state' in line)).toHaveLength(1)
  })

  test('begun anew has a header and the state of each account at its next step', () => {
    const steps = stepsOf(defaultConfig, [...online, 'submit m1', 'ack all'])
    const [, second] = recordAll(steps, namePayload, { restarts: new Set([3]) })
    expect(
      parsed(second ?? []).map(line => Object.keys(line).find(key => ['recording', 'state', 'event'].includes(key))),
    ).toEqual(['recording', 'state', 'event'])
  })

  test('says which stanza came, if it is told how to see that', () => {
    const lines: Array<string> = []
    const recorder = createRecorder({
      payload: namePayload,
      facts: name => ({ name: 'message', type: 'chat', id: name }),
      config: defaultConfig,
      by: 'the tests',
      redacted: false,
      outcome: 'none',
      write: line => lines.push(line),
      now: () => 0,
    })
    for (const step of stepsOf(defaultConfig, [...online, 'receive m1'])) recorder.observe(step)
    expect(parsed(lines).at(-1)).toMatchObject({
      event: { stanza: 'm1', facts: { name: 'message', type: 'chat', id: 'm1' } },
    })
  })
})

describe('an outcome', () => {
  test('has the effects, and the sessions that changed', () => {
    const entry = parsed(record(stepsOf(defaultConfig, [...online, 'laptop: bind', 'submit m1']))).at(-1)
    expect(entry?.outcome).toMatchObject({
      effects: [
        { _tag: 'SendStanza', connection: 'c1', stanza: expect.stringMatching(/^[0-9a-f]{12}$/) },
        { _tag: 'ArmTimer', resource: 'phone', timer: 'ackHold' },
      ],
      sessions: [{ resource: 'phone', outbound: { acked: 0, unacked: { length: 1 } } }],
    })
  })

  test('names the sessions that are over', () => {
    const entry = parsed(record(stepsOf(defaultConfig, [...online, 'close']))).at(-1)
    expect(entry?.outcome).toMatchObject({ gone: ['phone'] })
  })

  test('takes the same space whatever waits', () => {
    const lengthOf = (count: number): number => {
      const names = Array.from({ length: count }, (_, index) => `m${1_000_000 + index}`)
      const steps = stepsOf(defaultConfig, [...online, 'lose-transport', `submit ${names.join(' ')}`])
      const last = record(steps).at(-1) ?? ''
      return last.length - String(steps.length).length - 2 * String(count).length
    }
    expect(lengthOf(5_000)).toBe(lengthOf(50))
  })

  test('of a line that drops does not name all that waits', () => {
    const names = Array.from({ length: 300 }, (_, index) => `m${index}`)
    const last = record(stepsOf(defaultConfig, [...online, `submit ${names.join(' ')}`, 'lose-transport'])).at(-1) ?? ''
    expect(last).toContain('"length":300')
    expect(last).not.toContain('m150')
  })

  test('can be a digest, which is the same whenever the outcome is', () => {
    const digests = (program: ReadonlyArray<string>) =>
      parsed(record(stepsOf(defaultConfig, program), { outcome: 'digest' }))
        .slice(1)
        .map(({ digest }) => digest)
    expect(digests([...online, 'submit m1'])).toEqual(digests([...online, 'submit m1']))
    expect(digests([...online, 'submit m1']).at(-1)).not.toBe(digests([...online, 'submit m2']).at(-1))
    expect(digests(online)[0]).toMatch(/^[0-9a-f]{16}$/)
  })
})
