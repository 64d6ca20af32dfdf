/** What the server's own recording tells of the sessions of each account, read while it is written. */
import { closeSync, existsSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'

export type Sign = 'bound' | 'closed' | 'enabled' | 'failed' | 'hibernating' | 'resumed'

export interface Sighting {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly account: string
  readonly sign: Sign
  /** How the server ended a line: the condition of the stream error, `end` for the end tag alone, `FIN alone` for neither. */
  readonly how?: string
}

export interface Watch {
  /** All that was recorded so far. */
  readonly look: () => ReadonlyArray<Sighting>
  /** What was recorded of an account since a moment. */
  readonly since: (account: string, at: number) => ReadonlyArray<Sighting>
}

export const watchRecording = (folder: string): Watch => {
  const sightings: Array<Sighting> = []
  const offsets = new Map<string, number>()
  const look = (): ReadonlyArray<Sighting> => {
    const names = existsSync(folder) ? readdirSync(folder).sort() : []
    for (const name of names) {
      const text = readOn(join(folder, name), offsets)
      for (const line of text.split('\n')) if (line !== '') sightings.push(...signsOf(line))
    }
    return sightings
  }
  return {
    look,
    since: (account, at) => look().filter(it => it.account === account && it.at >= at),
  }
}

/** The whole lines that were added since the last time. */
const readOn = (path: string, offsets: Map<string, number>): string => {
  const from = offsets.get(path) ?? 0
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(fstatSync(file).size - from)
    const length = readSync(file, bytes, 0, bytes.length, from)
    const whole = bytes.subarray(0, length).lastIndexOf('\n') + 1
    offsets.set(path, from + whole)
    return bytes.subarray(0, whole).toString()
  } finally {
    closeSync(file)
  }
}

interface Line {
  readonly at: number
  readonly account?: string
  readonly event?: { readonly _tag: string }
  readonly outcome?: {
    readonly effects?: ReadonlyArray<{
      readonly _tag: string
      readonly nonza?: { readonly _tag: string }
      readonly error?: { readonly condition: string }
    }>
    readonly sessions?: ReadonlyArray<{ readonly _tag: string }>
  }
}

const signsOf = (text: string): ReadonlyArray<Sighting> => {
  const { at, account, event, outcome } = JSON.parse(text) as Line
  if (account === undefined || event === undefined) return []
  const saw = (sign: Sign, how?: string): Sighting => ({ at, account, sign, ...(how === undefined ? {} : { how }) })
  const found: Array<Sighting> = []
  if (event._tag === 'SessionBound') found.push(saw('bound'))
  for (const { _tag, nonza, error } of outcome?.effects ?? []) {
    if (_tag === 'CloseConnection') found.push(saw('closed', error?.condition ?? 'end'))
    if (_tag === 'DropConnection') found.push(saw('closed', 'FIN alone'))
    if (nonza?._tag === 'Enabled') found.push(saw('enabled'))
    if (nonza?._tag === 'Resumed') found.push(saw('resumed'))
    if (nonza?._tag === 'Failed') found.push(saw('failed'))
  }
  if (outcome?.sessions?.some(session => session._tag === 'Hibernating') === true) found.push(saw('hibernating'))
  return found
}
