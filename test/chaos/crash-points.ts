/** Where a server can be told to die. The names are what `SMACKS_CRASH=point:count` takes. */

/** Each point, and what it means to die there for the `count`th time that the process comes by. */
export const crashPoints = {
  'before-commit': 'a batch is whole, nothing of it is written',
  'in-append': 'half of a record of the log is written',
  'after-append': 'a record of the log is written, and nothing that it says of LMDB is done',
  'in-rotation': 'half of the header of a new segment is written',
  'in-trim': 'a segment is needed no more, and still there',
  'in-apply': 'some of what batches say of LMDB is done, the transaction is not ended',
  'after-commit': 'a batch is durable, and nobody was told',
  'in-sync': 'a commit was begun and has not answered; only with durability disk',
  'mid-write': 'part of the bytes for one client have left',
  'after-write': 'one client has its bytes, the next has not',
  'before-snapshot': 'a batch with a snapshot is whole, nothing of it is written',
  'in-snapshot': 'a snapshot is in LMDB, the transaction is not ended',
  'after-snapshot': 'a batch with a snapshot is durable, and nobody was told',
  'in-recovery': 'some of the journal is read',
  'after-recovery': 'the sessions are back, and nobody can connect yet',
  'in-stop': 'the process was told to stop, and the next batch is durable',
} as const

export type CrashPoint = keyof typeof crashPoints

export interface CrashPlan {
  readonly point: CrashPoint
  /** From 1. */
  readonly count: number
}

export const encodePlan = ({ point, count }: CrashPlan): string => `${point}:${count}`

/** Throws an `Error` that says what is allowed. */
export const decodePlan = (text: string): CrashPlan => {
  const [name = '', digits = ''] = text.split(':')
  const point = pointNames.find(known => known === name)
  const count = Number(digits)
  if (point === undefined || !Number.isInteger(count) || count < 1)
    throw new Error(`SMACKS_CRASH is ${text}; allowed is point:count, of the points ${pointNames.join(', ')}`)
  return { point, count }
}

export const pointNames = Object.keys(crashPoints) as ReadonlyArray<CrashPoint>
