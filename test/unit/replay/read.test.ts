/** What is said of recordings that are not right. */
import { defaultConfig } from '@smacks/core'
import { createReader, deepestNesting, describeFault, readRecording } from '@smacks/replay'
import { isLeft, isRight, right } from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import { read, record, stepsOf } from './record.js'

const lines = record(stepsOf(defaultConfig, ['bind', 'enable resume', 'submit m1', 'ack all']))

/** What is wrong with the lines, or that nothing is. */
const fault = (changed: Iterable<string>): string => {
  const recording = readRecording(changed)
  return isLeft(recording) ? describeFault(recording.left) : 'no fault'
}

const withLine = (number: number, change: (line: string) => string): ReadonlyArray<string> =>
  lines.map((line, index) => (index + 1 === number ? change(line) : line))

const withMember = (number: number, key: string, value: unknown): ReadonlyArray<string> =>
  withLine(number, line => JSON.stringify({ ...JSON.parse(line), [key]: value }))

describe('a recording is read', () => {
  test('whole', () => {
    const { header, entries, truncated } = read(lines)
    expect([header.by, entries.length, truncated]).toEqual(['the tests', 4, false])
  })

  test('with empty lines between, as where somebody put files together', () => {
    expect(read(lines.flatMap(line => [line, ''])).entries).toEqual(read(lines).entries)
  })

  test('up to a last line that broke off, and that is told', () => {
    const cut = withLine(5, line => line.slice(0, 40))
    expect(read(cut)).toEqual({ ...read(lines.slice(0, 4)), truncated: true })
    expect(read([...cut, '']).truncated).toBe(true)
  })

  test('as it comes, line by line', () => {
    const reader = createReader()
    const seqs = lines.map(line => {
      const pushed = reader.push(line)
      return isRight(pushed) ? pushed.right?.seq : 'fault'
    })
    expect(seqs).toEqual([undefined, 1, 2, 3, 4])
    expect(reader.header()?.by).toBe('the tests')
    expect(isRight(reader.end())).toBe(true)
  })
})

describe('of a writer that was killed before its first line was whole', () => {
  const endOf = (...some: ReadonlyArray<string>) => {
    const reader = createReader()
    for (const line of some) expect(isRight(reader.push(line))).toBe(true)
    return reader.end()
  }

  test('nothing was recorded', () => expect(endOf()).toEqual(right({ truncated: false })))

  test('nothing was recorded either if the line is there in part, wherever it broke off', () => {
    const [header = ''] = lines
    for (let length = 1; length < header.length; length += 1)
      expect(endOf(header.slice(0, length))).toEqual(right({ truncated: true }))
  })
})

describe('a fault names the line, the path, what was found and what is allowed:', () => {
  test('nothing at all', () =>
    expect(fault([])).toMatchInlineSnapshot(`"line 1: nothing was recorded: the end, where a header is needed"`))
  test('a header that broke off', () =>
    expect(fault([(lines[0] ?? '').slice(0, 30)])).toMatchInlineSnapshot(
      `"line 1: nothing was recorded: the end, where a header is needed"`,
    ))
  test('a header that broke off, with others behind it', () =>
    expect(fault(withLine(1, line => line.slice(0, 30)))).toMatchInlineSnapshot(
      `"line 1: found "{\\"recording\\":\\"smacks\\",\\"version", allowed: one JSON value"`,
    ))
  test('something else', () =>
    expect(fault(['{"log":1}'])).toMatchInlineSnapshot(
      `"line 1: this is no recording: the first line must begin {"recording":"smacks","version":"`,
    ))
  test('no JSON at all', () =>
    expect(fault(['<message/>', ...lines])).toMatchInlineSnapshot(
      `"line 1: found "<message/>", allowed: one JSON value"`,
    ))
  test('a newer version', () =>
    expect(fault(withLine(1, line => line.replace('"version":1', '"version":3')))).toMatchInlineSnapshot(
      `"line 1: version: found 3, allowed: 1, 2; it was made by a newer smacks, "the tests", and needs one to be read"`,
    ))
  test('no version that can be', () =>
    expect(fault(withLine(1, line => line.replace('"version":1', '"version":"new"')))).toMatchInlineSnapshot(
      `"line 1: version: found "new", allowed: 1, 2"`,
    ))
  test('a config that is none', () =>
    expect(fault(withMember(1, 'config', { maxQueueSize: -1 }))).toMatchInlineSnapshot(
      `"line 1: config.maxQueueSize: found -1, allowed: an integer, 0 or more"`,
    ))
  test('a header with another key', () =>
    expect(fault(withMember(1, 'bye', true))).toMatchInlineSnapshot(
      `"line 1: bye: found true, allowed: no such key, but recording, version, reducer, config, at, by, redacted, exported"`,
    ))
  test('an h that is no counter', () =>
    expect(fault(withLine(5, line => line.replace('"h":1', '"h":-1')))).toMatchInlineSnapshot(
      `"line 5: event.h: found -1, allowed: an integer from 0 to 4294967295"`,
    ))
  test('an event nobody knows', () =>
    expect(fault(withLine(5, line => line.replace('AckReceived', 'AckRecieved')))).toMatchInlineSnapshot(
      `"line 5: event._tag: found "AckRecieved", did you mean AckReceived?; allowed: AckReceived, ArchiveQueried, ClientActive, ClientInactive, ClockStepped, CloseRequested, ConfigChanged, ConnectionDrained, ConnectionFailed, ConnectionLost, ConnectionSilent, ConnectionWanted, EnableReceived, EnableRequested, EnabledReceived, FailedReceived, IqAnswered, MalformedAckReceived, MessageSubmitted, QueueSettled, RequestReceived, ResumeReceived, ResumeRequested, ResumedReceived, ServerRestarted, ServerStopping, SessionBound, StanzaReceived, StanzaSubmitted, StreamClosed, StreamRefused, TimerFired"`,
    ))
  test('an event with a time of its own', () =>
    expect(fault(withMember(3, 'event', { _tag: 'ServerStopping', at: 3 }))).toMatchInlineSnapshot(
      `"line 3: event.at: found 3, allowed: no such key, since the entry has the time"`,
    ))
  test('an entry with another key', () =>
    expect(fault(withMember(3, 'digets', 'x'))).toMatchInlineSnapshot(
      `"line 3: digets: found "x", allowed: no such key, but seq, at, account, event, outcome, digest"`,
    ))
  test('an outcome without effects', () =>
    expect(fault(withMember(3, 'outcome', { sessions: [] }))).toMatchInlineSnapshot(
      `"line 3: outcome.effects: missing, allowed: a list of objects"`,
    ))
  test('a missing entry', () =>
    expect(fault(lines.filter((_, index) => index !== 3))).toMatchInlineSnapshot(
      `"line 4: seq: found 4, allowed: 3; entry 3 is missing"`,
    ))
  test('several missing entries', () =>
    expect(fault(lines.filter((_, index) => index !== 3 && index !== 2))).toMatchInlineSnapshot(
      `"line 3: seq: found 4, allowed: 2; the 2 entries from 2 to 3 are missing"`,
    ))
  test('an entry that is there twice', () =>
    expect(fault([...lines, lines[4] ?? ''])).toMatchInlineSnapshot(
      `"line 6: seq: found 4, allowed: 5; the entries are out of order, or one is there twice"`,
    ))
  test('a line that broke off, with others behind it', () =>
    expect(fault([...withLine(5, line => line.slice(0, 40)), '{}'])).toMatchInlineSnapshot(
      `"line 5: found "{\\"seq\\":4,\\"at\\":1704067200000,\\"account\\":\\"r", allowed: one JSON value"`,
    ))
  test('a line that is nested too deep', () =>
    expect(fault([...lines, `${'['.repeat(deepestNesting + 1)}`])).toMatchInlineSnapshot(
      `"line 6: the line is nested deeper than 300 levels"`,
    ))
})

test('brackets in strings do not nest', () => {
  const [header = ''] = lines
  const deep = header.replace('the tests', `\\"${'['.repeat(5_000)}\\\\`)
  expect(read([deep]).header.by).toBe(`"${'['.repeat(5_000)}\\`)
})

test('after a fault all else has the same', () => {
  const reader = createReader()
  expect(isLeft(reader.push('nonsense'))).toBe(true)
  expect(reader.push(lines[0] ?? '')).toEqual(reader.end())
})
