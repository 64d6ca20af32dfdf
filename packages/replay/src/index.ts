/** Recordings of sessions: the format, a deterministic replayer, the first difference, the story of one stanza. */
export { type Difference, firstDifference } from './difference.js'
export { describeStory } from './explain/describe.js'
export { type Explainable, type ExplainOptions, explain } from './explain/explain.js'
export { ends as whySessionEnds, isRefusedResumption as whyResumptionIsRefused } from './explain/rules.js'
export type { Fate, Passage, StanzaIdentity, Story } from './explain/story.js'
export { type ExportOptions, exportedLines, type JournalEntry } from './exported.js'
export { canonicalJson } from './fingerprint.js'
export { foldLine, hangOf } from './fold-lines.js'
export { deepestNesting, longestLine } from './line.js'
export { marksOf } from './marks/marks.js'
export {
  absolute,
  type Clockface,
  isFrom,
  isUntil,
  type Moment,
  type Place,
  parseMoment,
  relativeTo,
} from './moments.js'
export type { OtherAccount, OtherReducer, OtherStep, OtherStepMade } from './other-reducer.js'
export { printable } from './printable.js'
export {
  createReader,
  describeFault,
  type Recording,
  type RecordingFault,
  type RecordingReader,
  readRecording,
} from './read.js'
export { createRecorder, type Recorder, type RecorderOptions } from './recorder.js'
export * from './recording.js'
export {
  type AnyReplayed,
  createReplayer,
  isCompared,
  isOfCore,
  isOfOtherReducer,
  otherVersions,
  type Replayable,
  type ReplayedStep,
  type Replayer,
  replay,
  replayAll,
  type Verification,
  verify,
} from './replay.js'
export type { ReplayedOther } from './replay-others.js'
export { describeDifference, sideBySide } from './side-by-side.js'
export {
  createStanzaList,
  describeFates,
  describeIdentity,
  type StanzaList,
  type StanzaRow,
} from './stanzas/stanza-list.js'
export { describeStep, isShown, stepJson, type TimelineOptions, timeline, timelineJson } from './timeline.js'
