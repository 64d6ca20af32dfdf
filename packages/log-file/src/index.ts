/** A segmented append-only log: records of text, numbered from 1, in files that follow each other. */
export { type Damage, damageText, type LogContent, type LogRecord, type OpenSegment, openContent } from './content.js'
export { type LogFile, type LogFolder, openIfThere } from './files.js'
export { type LogOptions, SegmentedLog } from './log.js'
export { nodeFolder } from './node-files.js'
export { recordOverhead } from './record.js'
export type { SegmentHeader } from './segment.js'
