/** Sequence diagrams: what is drawn of recorded steps, where it goes, and how it looks in a terminal. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defaultConfig as config } from '@smacks/core'
import { createMarksTimeline, type Mark, placeMarks } from '@smacks/diagram'
import {
  createStanzaList,
  describeFates,
  explain,
  marksOf,
  type Recording,
  readRecording,
  replay,
} from '@smacks/replay'
import { programArbitrary } from '@smacks/testkit'
import * as fc from 'fast-check'
import { isLeft } from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import { runs } from '../../property/runs.js'
import { namePayload, read, recordAll, stepsOf } from '../replay/record.js'

const recorded = (name: string): Recording => {
  const path = fileURLToPath(new URL(`../../recordings/${name}.ndjson`, import.meta.url))
  const recording = readRecording(readFileSync(path, 'utf8').split('\n'))
  if (isLeft(recording)) throw new Error(recording.left.problem)
  return recording.right
}

const marksIn = (recording: Recording): ReadonlyArray<Mark> => [...replay(recording)].flatMap(step => marksOf(step))

const drawn = (marks: ReadonlyArray<Mark>, width: number): ReadonlyArray<string> => {
  const written: Array<string> = []
  const draw = createMarksTimeline({ width, begun: marks[0]?.at ?? 0, write: text => written.push(text) })
  for (const mark of marks) draw(mark)
  return written.join('').split('\n')
}

describe('of a session that is cut and resumed', () => {
  const marks = marksIn(recorded('cut-by-reset'))

  test('there are the cut, hibernation, resumption, and what is sent again, in their order', () => {
    const all = marks.filter(({ lifeline }) => lifeline === 'juliet@localhost/balcony').map(({ text }) => text)
    const story = ['<enable', '<enabled', '<a h=', 'cut: ', 'hibernates, ', 'RESUMED', 'again message']
    const places = story.map(part => all.findIndex(text => text.startsWith(part)))
    expect(places).not.toContain(-1)
    const cut = places.slice(3, 5)
    expect(cut).toEqual([...cut].sort((one, other) => one - other))
    expect(marks.find(({ text }) => text.startsWith('hibernates'))?.reach).toBe('away')
  })

  test('no line of a terminal is wider than it is', () => {
    for (const width of [60, 80, 100, 160])
      for (const line of drawn(marks, width)) expect(line.length).toBeLessThanOrEqual(width)
  })

  test('names of sessions stand above their sides', () => {
    expect(drawn(marks, 100).find(line => line.includes('orchard'))).toMatch(/juliet.*server.*romeo/)
  })
})

test('a window of marks is placed as it is in the whole', () => {
  const marks = marksIn(recorded('happy-path'))
  const columns = [...new Set(marks.map(({ lifeline }) => lifeline))].slice(0, 1)
  const plane = { columns, rowHeight: 20, columnWidth: 100, serverX: 50 }
  const whole = placeMarks(marks, 0, plane)
  expect(placeMarks(marks.slice(3, 9), 3, plane)).toEqual(whole.slice(3, 9))
  for (const { mark, x, fromX, toX, isShared } of whole) {
    expect(isShared).toBe(mark.lifeline !== columns[0])
    expect([fromX, toX]).toEqual(mark.way === 'in' ? [x, 50] : mark.way === 'out' ? [50, x] : [x, x])
  }
})

test('the list of stanzas knows the fates that their stories tell', () => {
  fc.assert(
    fc.property(programArbitrary({ rude: true }), program => {
      const recording = read(recordAll(stepsOf(config, program), namePayload, { config })[0] ?? [])
      const list = createStanzaList()
      const steps = new Map([...replay(recording)].map(step => [step.entry.seq, step]))
      for (const entry of recording.entries) list.take(entry, steps.get(entry.seq))
      for (const row of list.rows()) {
        const stories = explain(recording, row.stanza.id ?? '')
        if (isLeft(stories)) continue
        const story = stories.right.find(one => JSON.stringify(one.stanza) === JSON.stringify(row.stanza))
        const told = (story?.fates ?? []).map(({ how }) => how).sort()
        expect([...row.fates].flatMap(([how, count]) => Array.from({ length: count }, () => how)).sort()).toEqual(told)
        expect(describeFates(row)).not.toBe('')
      }
    }),
    runs(200),
  )
})
