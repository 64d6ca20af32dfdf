/**
 * What LMDB knows of the log in files, in the database where rows of the log lay before there were files: a program that
 * knows of no files finds a version there that is newer than its own, and refuses the folder instead of beginning anew.
 */
import { parseJson } from '@smacks/codec'
import { isLeft } from '#fp-ts/Either'
import * as t from '#io-ts'
import { logStamp, refuseNewer } from './record-version.js'
import type { RowDatabase } from './row-database.js'

export interface LogNote {
  /** Names the log. */
  readonly log: string
  /** The first row that is needed; there is a segment that begins with it. */
  readonly first: number
  /** What the rows up to this one say of LMDB is there, in LMDB. */
  readonly applied: number
}

/** Rows have greater numbers. */
const noteKey = 0

const noteCodec = t.type({ log: t.string, first: t.number, applied: t.number })

/** The note; nothing if the log never was in files. Throws an `Error` if a newer program wrote it. */
export const readNote = (rows: RowDatabase): LogNote | undefined => {
  const text = rows.get(noteKey)
  if (text === undefined) return undefined
  refuseNewer('the note of the log', text)
  const json = parseJson(text)
  if (isLeft(json) || !noteCodec.is(json.right)) throw new Error(`the note of the log is ${text.slice(0, 80)}`)
  return json.right
}

/** Belongs into a transaction. */
export const writeNote = (rows: RowDatabase, { log, first, applied }: LogNote): void => {
  rows.putSync(noteKey, `${logStamp},"log":"${log}","first":${first},"applied":${applied}}`)
}
