/** Recordings of sessions: the format, a deterministic replayer, the first difference, the story of one stanza. */
export { type Difference, firstDifference } from './difference.js'
export { describeStory } from './explain/describe.js'
export { type ExplainOptions, explain } from './explain/explain.js'
export { ends as whySessionEnds, isRefusedResumption as whyResumptionIsRefused } from './explain/rules.js'
export type { Passage, StanzaIdentity, Story } from './explain/story.js'
export { canonicalJson } from './fingerprint.js'
export { deepestNesting, longestLine } from './line.js'
export { absolute, type Clockface, type Moment, parseMoment, relativeTo } from './moments.js'
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
export { describeStep, isShown, stepJson, type TimelineOptions, timeline, timelineJson } from './timeline.js'
