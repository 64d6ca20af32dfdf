/** Sequence diagrams of sessions: what is drawn, where it goes, and a renderer for terminals. */
export { createLifelines, type Lifelines } from './lifelines.js'
export type { Mark, Reach, Tone, Way } from './mark.js'
export { createMarksTimeline, type MarksTimelineOptions } from './marks-timeline.js'
export { type Place, type Plane, placeMarks } from './place.js'
export { createTimeline, type Paint, type Side, type Timeline, type TimelineOptions } from './timeline.js'
export { toneStyles } from './tone-styles.js'
