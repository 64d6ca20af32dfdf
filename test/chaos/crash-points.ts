/** Where a server can be made to die by itself. */

export const crashPoints = [
  /** What a turn caused is about to be committed. */
  'before a commit',
  /** It is durable, and nobody has seen anything of it. */
  'after a commit',
  /** Half of the bytes of a write have left. */
  'in the middle of a write',
  'before a snapshot',
  'after a snapshot',
  /** The journal is being read; nobody is let in yet. */
  'during recovery',
  /** What was read is about to be committed as the sessions' new state. */
  'at the end of recovery',
] as const

export type CrashPoint = (typeof crashPoints)[number]

export const isCrashPoint = (name: string): name is CrashPoint => crashPoints.some(point => point === name)
