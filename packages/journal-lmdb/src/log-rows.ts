/**
 * The log as it is read: rows, one a batch, their numbers only growing. What a program before this one wrote lies in LMDB,
 * and behind it follow the records of the log in files.
 *
 * A row has lines: entries of sessions, and, behind a `+`, what is to be done in LMDB.
 */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Damage, type LogContent, type LogFolder, type LogRecord, nodeFolder, openContent } from '@smacks/log-file'
import { pathOf } from './disk-reservation.js'
import type { Environment } from './environment.js'
import { type LogNote, readNote } from './log-note.js'
import { type RowDatabase, rangeOfRows } from './row-database.js'
import { linesOf } from './row-lines.js'

export interface Row {
  readonly _tag: 'Row'
  readonly seq: number
  /** Tells by which rules it is read. */
  readonly head: string
  /** Which line of the row the first of these is, from 1. */
  readonly firstLine: number
  /** Entries of sessions. */
  readonly lines: ReadonlyArray<string>
  /** What is to be done in LMDB, without the mark. */
  readonly acts: ReadonlyArray<string>
  /** Bytes or characters of the row, with what it takes besides, and without snapshots. */
  readonly size: number
}

export interface OpenRows {
  /** All rows in their order, and what is damaged between them. */
  readonly read: () => Generator<Damage | Row, void, undefined>
  readonly note: LogNote | undefined
  /** The log in files; nothing if there is none. */
  readonly content: LogContent | undefined
  readonly close: () => void
}

/** What a row in LMDB takes besides its characters: its key and LMDB's own notes. */
const rowOverhead = 24

/** What stands before a line that is about LMDB. */
export const actMark = '+'

/** The folder of the log. */
export const logPath = (env: Environment): string => logPathIn(pathOf(env))

/** The same, in the directory of an environment. */
export const logPathIn = (directory: string): string => join(directory, 'journal')

export const logFolder = (env: Environment): LogFolder => nodeFolder(logPath(env))

/** Opens the log so that what is trimmed meanwhile can still be read. What is read of LMDB afterwards is no older. */
export const openRows = (folder: LogFolder | undefined, rows: RowDatabase): OpenRows => {
  let note: LogNote | undefined
  const content =
    folder === undefined
      ? undefined
      : openContent(folder, () => {
          note = readNote(rows)
          return note?.first ?? 0
        })
  note ??= readNote(rows)
  return {
    read: function* () {
      yield* rowsIn(rows)
      if (content !== undefined)
        for (const found of content.read()) yield found._tag === 'Damage' ? found : rowOf(found)
    },
    note,
    content,
    close: () => content?.close(),
  }
}

/** Nothing if the folder is not there. */
export const existingLogFolder = (env: Environment): LogFolder | undefined =>
  existsSync(logPath(env)) ? logFolder(env) : undefined

function* rowsIn(rows: RowDatabase): Generator<Row, void, undefined> {
  const range = rangeOfRows(rows)
  if (range === undefined) return
  for (const { key: seq, value } of rows.getRange({ start: 1 })) {
    const [head = '', ...lines] = value.split('\n')
    yield { _tag: 'Row', seq, head, firstLine: 2, lines, acts: [], size: value.length + rowOverhead }
  }
}

export const rowOf = ({ number, bytes, stamp, size }: LogRecord): Row => {
  const all = linesOf(bytes)
  const lines = all.filter(line => !line.startsWith(actMark))
  const acts = all.length === lines.length ? [] : all.filter(isAct).map(line => line.slice(actMark.length))
  const snapshots = acts.reduce((sum, act) => sum + (act.includes(',"snapshot",{') ? act.length : 0), 0)
  return { _tag: 'Row', seq: number, head: stamp, firstLine: 1, lines, acts, size: size - snapshots }
}

const isAct = (line: string): boolean => line.startsWith(actMark)

/** The number of the last row; 0 if there is none. */
export const lastRow = (folder: LogFolder | undefined, rows: RowDatabase): number => {
  const log = openRows(folder, rows)
  try {
    let last = log.note?.applied ?? 0
    for (const found of log.read()) last = Math.max(last, found._tag === 'Row' ? found.seq : found.last)
    return last
  } finally {
    log.close()
  }
}
