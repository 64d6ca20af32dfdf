/** Makes the steps of other reducers again, and says where they come to something else. */
import type { Json } from '@smacks/codec'
import * as Either from '#fp-ts/Either'
import { type Difference, firstDifference } from './difference.js'
import { hashOf } from './fingerprint.js'
import { LeftBehind, type OtherAccount, type OtherReducer } from './other-reducer.js'
import { digestDigits } from './outcome.js'
import type { OtherEventEntry, OtherOutcome, OtherStateEntry, RecordingHeader } from './recording.js'
import { plain } from './view.js'

/** A step of another reducer, made again if that can be. */
export interface ReplayedOther {
  readonly entry: OtherEventEntry
  /** Absent if nobody here knows the reducer: then it is only told what was recorded. */
  readonly reducer?: OtherReducer
  /** What it came to. Absent as well if it cannot be made again, since what decided is redacted. */
  readonly outcome?: OtherOutcome
  /** Where the recording says something else first. */
  readonly difference?: Difference
}

export class OtherReplayer {
  private readonly known: ReadonlyMap<string, OtherReducer>

  constructor(
    private readonly header: Pick<RecordingHeader, 'redacted'>,
    private readonly reducers: ReadonlyArray<OtherReducer>,
    private readonly left = new LeftBehind<OtherAccount>(),
    private readonly stated = new Map<string, OtherStateEntry>(),
  ) {
    this.known = new Map(reducers.map(reducer => [reducer.name, reducer]))
  }

  fork(): OtherReplayer {
    return new OtherReplayer(this.header, this.reducers, this.left.fork(), new Map(this.stated))
  }

  state(entry: OtherStateEntry): void {
    if (this.known.has(entry.reducer)) this.stated.set(`${entry.reducer}\n${entry.account}`, entry)
  }

  step(entry: OtherEventEntry): ReplayedOther {
    const reducer = this.known.get(entry.reducer)
    if (reducer === undefined) return { entry }
    // Text that was replaced may have decided, such as a priority.
    return this.header.redacted ? { entry, reducer } : this.again(reducer, entry)
  }

  private again(reducer: OtherReducer, entry: OtherEventEntry): ReplayedOther {
    const { account } = entry
    const name = `${reducer.name}\n${account}`
    const foreseen = this.left.get(reducer.name, account)
    const statement = this.stated.get(name)
    this.stated.delete(name)
    const begun = statement === undefined ? undefined : reducer.begin(statement.state)
    if (begun !== undefined && Either.isLeft(begun)) return unreadable(reducer, entry, 'before', begun.left)
    const before = begun?.right ?? foreseen
    if (before === undefined) return unreadable(reducer, entry, 'before', 'no state is recorded')
    const stepped = before.step(entry.event, entry.asked)
    if (Either.isLeft(stepped)) return unreadable(reducer, entry, 'event', stepped.left)
    const { after, outcome, unforeseen } = stepped.right
    this.left.put(reducer.name, account, after)
    const difference =
      contradiction(foreseen, statement) ??
      (unforeseen === undefined ? differenceOf(entry, outcome) : neverAsked(unforeseen))
    return { entry, reducer, outcome, ...(difference === undefined ? {} : { difference }) }
  }
}

/** Nobody recorded it so: the recording was changed, or is of another version. */
const unreadable = (reducer: OtherReducer, entry: OtherEventEntry, path: string, problem: string): ReplayedOther => ({
  entry,
  reducer,
  difference: { path, recorded: undefined, replayed: problem },
})

const neverAsked = ({ question, subject }: { readonly question: string; readonly subject?: string }): Difference => ({
  path: `asked.${question}`,
  recorded: undefined,
  replayed: subject ?? 'asked',
})

const contradiction = (
  foreseen: OtherAccount | undefined,
  statement: OtherStateEntry | undefined,
): Difference | undefined =>
  foreseen === undefined || statement === undefined
    ? undefined
    : firstDifference(statement.state, foreseen.json(), 'before')

const differenceOf = ({ outcome, digest }: OtherEventEntry, replayed: OtherOutcome): Difference | undefined => {
  if (outcome !== undefined) return firstDifference(plain(outcome), plain(replayed))
  return digest === undefined ? undefined : firstDifference(digest, otherDigest(replayed), 'digest')
}

export const otherDigest = (outcome: OtherOutcome): string => hashOf(plain(outcome) satisfies Json, digestDigits)
