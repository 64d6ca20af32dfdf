/** What the page is told of a recording. */
import type { Mark } from '@smacks/diagram'
import {
  absolute,
  describeFates,
  describeIdentity,
  describeStep,
  explain,
  isFrom,
  isOfOtherReducer,
  type Moment,
  parseMoment,
  type StanzaRow,
  sideBySide,
  stepJson,
} from '@smacks/replay'
import type { Questions, StanzaLine, StanzaQuery, StepShown, StoryShown, Summary, Topic } from './protocol.js'
import { ReplayedRecording } from './replayed-recording.js'
import type { Source } from './source.js'

/** Answers questions of one topic. */
export type Answers = { readonly [T in Exclude<Topic, 'open'>]: (asked: Questions[T]['asked']) => Questions[T]['told'] }

/** Columns of what was recorded and what was replayed. */
const differenceWidth = 100

export const open = (
  source: Source,
  onProgress: (bytes: number, steps: number) => void,
): { readonly summary: Summary; readonly answers: Answers } => {
  const recording = new ReplayedRecording(source, onProgress)
  let found: ReadonlyArray<StanzaRow> = recording.stanzas
  return {
    summary: summaryOf(recording),
    answers: {
      step: ({ index }) => stepShown(recording, index),
      seek: ({ moment }) => seek(recording, moment),
      marks: ({ first, count }) => marksBetween(recording, first, count),
      markOf: ({ index }) => markOf(recording, index),
      find: query => {
        found = recording.stanzas.filter(row => isFound(row, query))
        return found.length
      },
      stanzas: ({ first, count }) => found.slice(first, first + count).map(lineOf),
      story: ({ asked }) => storiesOf(recording, asked),
    },
  }
}

const summaryOf = ({ header, totals, lifelines, stanzas }: ReplayedRecording): Summary => ({
  ...totals,
  by: header.by,
  begunAt: header.at,
  redacted: header.redacted,
  exported: header.exported === true,
  otherReducer: isOfOtherReducer(header),
  lifelines,
  stanzas: stanzas.length,
})

const stepShown = (recording: ReplayedRecording, index: number): StepShown => {
  const segment = recording.segmentOf(index)
  const step = segment.steps[index - segment.index]
  if (step === undefined) throw new Error(`there is no step ${index}`)
  const [event = '', ...lines] = describeStep(recording.header, step, { relative: true })
  const marked = (mark: string): ReadonlyArray<string> =>
    lines.filter(line => line.startsWith(mark)).map(line => line.slice(mark.length).trim())
  const { seq, at, account } = step.entry
  return {
    index,
    seq,
    at: absolute(at),
    account,
    event,
    effects: marked('    ->'),
    state: marked('    =').join(' '),
    json: stepJson(step),
    ...(step.difference === undefined ? {} : { difference: sideBySide(step, differenceWidth) }),
  }
}

/** The first step at or after the moment; the last one if there is none. */
const seek = (recording: ReplayedRecording, text: string): number => {
  const moment = parseMoment(text.trim())
  if (moment._tag === 'Left') throw new Error(moment.left)
  const begun = recording.header.at
  const isReached = ({ seq, at }: { readonly seq: number; readonly at: number }): boolean =>
    isFrom(moment.right satisfies Moment, { seq, at, begun })
  const segment = recording.segmentBefore(place => !isReached(place))
  const within = segment.steps.findIndex(({ entry }) => isReached(entry))
  return Math.min(segment.index + (within < 0 ? segment.steps.length : within), recording.totals.steps - 1)
}

const marksBetween = (
  recording: ReplayedRecording,
  first: number,
  count: number,
): ReadonlyArray<Mark & { readonly index: number }> => {
  const end = Math.min(first + count, recording.totals.marks)
  const found: Array<Mark & { readonly index: number }> = []
  for (let mark = first; mark < end; mark = first + found.length) {
    const segment = recording.segmentOfMark(mark)
    let number = segment.mark
    for (const [offset, marks] of segment.marks.entries())
      for (const one of marks) {
        if (number >= mark && number < end) found.push({ ...one, index: segment.index + offset })
        number += 1
      }
    if (number <= mark) break
  }
  return found
}

const markOf = (recording: ReplayedRecording, index: number): number => {
  const segment = recording.segmentOf(index)
  return segment.marks.slice(0, index - segment.index).reduce((sum, { length }) => sum + length, segment.mark)
}

const isFound = ({ stanza, ...row }: StanzaRow, { id, from, to, fate }: StanzaQuery): boolean =>
  isIn(id, stanza.id ?? `#${row.first}`) &&
  isIn(from, stanza.from ?? '') &&
  isIn(to, stanza.to ?? '') &&
  isIn(fate, describeFates(row))

const isIn = (part: string, whole: string): boolean =>
  part === '' || whole.toLowerCase().includes(part.trim().toLowerCase())

const lineOf = ({ stanza, first, last, at, ...row }: StanzaRow): StanzaLine => ({
  stanza,
  name: describeIdentity(stanza),
  fate: describeFates(row),
  at: absolute(at),
  asked: stanza.id ?? `#${first}`,
  first,
  last,
})

const storiesOf = (recording: ReplayedRecording, asked: string): ReadonlyArray<StoryShown> => {
  const rows = recording.stanzas.filter(({ stanza, first }) => (stanza.id ?? `#${first}`) === asked)
  const seq = Number(/^#(\d+)$/.exec(asked)?.[1] ?? 0)
  const first = Math.min(...rows.map(row => row.first), ...(rows.length === 0 ? [seq || 1] : []))
  const last = rows.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...rows.map(row => row.last))
  const stories = explain({ header: recording.header, ...recording.entriesBetween(first, last) }, asked)
  if (stories._tag === 'Left') throw new Error(stories.left)
  return stories.right.map(story => ({ story, times: story.passages.map(({ at }) => absolute(at)) }))
}
