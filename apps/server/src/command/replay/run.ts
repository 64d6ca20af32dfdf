/** The steps of files made again, in the order in which they come, and what that came to. */
import { reducerVersion } from '@smacks/core'
import {
  type AnyReplayed,
  createReplayer,
  isCompared,
  isOfOtherReducer,
  otherVersions,
  type RecordingHeader,
  type Replayer,
} from '@smacks/replay'
import { reducers } from '../../recording/reducers.js'
import { goesOn, nameOf, type RecordedEntry } from './read.js'

/** What all steps came to. */
export interface Result {
  readonly steps: number
  readonly accounts: number
  /** Steps of which the recording says what they came to. */
  readonly compared: number
  /** How many of them differ. Those after the first may be its consequences. */
  readonly differing: number
  readonly first?: { readonly file: string; readonly step: AnyReplayed }
}

export interface Run {
  /** Makes the step of an entry, if it is that of an event. */
  readonly take: (one: RecordedEntry) => AnyReplayed | undefined
  /** True if the entry is the first of files that do not follow from those before. */
  readonly begins: (one: RecordedEntry) => boolean
  readonly result: () => Result
}

/** `note` is told what whoever reads the result should know. */
export const createRun = (note: (text: string) => void): Run => {
  const accounts = new Set<string>()
  let [steps, compared, differing] = [0, 0, 0]
  let first: Result['first']
  let last: RecordedEntry | undefined
  let replayer: Replayer | undefined

  const begins = (one: RecordedEntry): boolean =>
    one.isFirst && (last === undefined || !goesOn(last.file, one.file) || !isSameKind(last.header, one.header))

  const take = (one: RecordedEntry): AnyReplayed | undefined => {
    if (one.isFirst) tellReducer(one)
    // What was known of accounts still holds where a file goes on, and is checked against what the file says of them.
    if (replayer === undefined || begins(one)) replayer = createReplayer(one.header, reducers)
    last = one
    const step = replayer.take(one.entry)
    if (step !== undefined) count(one, step)
    return step
  }

  const tellReducer = ({ file, header }: RecordedEntry): void => {
    if (isOfOtherReducer(header))
      note(
        `${nameOf(file)} was recorded with version ${header.reducer} of the rules. This is version ${reducerVersion}, which may decide otherwise.`,
      )
    for (const { name, version } of otherVersions(header, reducers))
      note(
        `${nameOf(file)} was recorded with version ${header.reducers?.[name]} of the rules of ${name}. This is version ${version}, which may decide otherwise.`,
      )
  }

  const count = ({ file }: RecordedEntry, step: AnyReplayed): void => {
    const { entry, difference } = step
    steps += 1
    accounts.add(entry.account)
    if (isCompared(step)) compared += 1
    if (difference === undefined) return
    differing += 1
    first ??= { file, step }
  }

  return {
    take,
    begins,
    result: () => ({
      steps,
      accounts: accounts.size,
      compared,
      differing,
      ...(first === undefined ? {} : { first }),
    }),
  }
}

const isSameKind = (one: RecordingHeader, other: RecordingHeader): boolean =>
  one.redacted === other.redacted && JSON.stringify(one.config) === JSON.stringify(other.config)
