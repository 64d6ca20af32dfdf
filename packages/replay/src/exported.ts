/**
 * A journal as a recording. It has what its sessions still need, and no more: what happened before a snapshot is gone, and
 * so is all of an account without sessions; what lies in storage is counted, and what was received is without its content.
 */
import { accountCodec, configCodec, eventCodec, type PayloadCodec } from '@smacks/codec'
import { type Account, type AccountId, type Config, type Event, type Instant, reducerVersion } from '@smacks/core'
import { headerLine } from './header.js'
import { recordingVersion } from './recording.js'

/** What is journalled of an account, in the order in which it was written. */
export type JournalEntry<A> =
  | { readonly _tag: 'Baseline'; readonly account: AccountId; readonly state: Account<A>; readonly config?: Config }
  | { readonly _tag: 'EventLogged'; readonly account: AccountId; readonly event: Event<A> }

export interface ExportOptions<A> {
  readonly payload: PayloadCodec<A>
  /** What the journal is folded by until it says something else. */
  readonly config: Config
  /** Name and version of what exports. */
  readonly by: string
  /** When it is exported: the time of a journal without events. */
  readonly now: Instant
  /** The entries, from the first on each time it is called. */
  readonly entries: () => Iterable<JournalEntry<A>>
}

/** The lines, without their ends; the header alone if nothing is journalled. Snapshots have the time of the first event behind them. */
export function* exportedLines<A>({ payload, config, by, now, entries }: ExportOptions<A>): Generator<string> {
  const states = accountCodec(payload)
  const events = eventCodec(payload)
  let at = firstTime(entries()) ?? now
  yield headerLine({
    recording: 'smacks',
    version: recordingVersion,
    reducer: reducerVersion,
    config,
    at,
    by,
    redacted: false,
    exported: true,
  })
  let seq = 0
  for (const entry of entries()) {
    seq += 1
    const { account } = entry
    if (entry._tag === 'Baseline') {
      const told = entry.config === undefined ? {} : { config: configCodec.encode(entry.config) }
      yield JSON.stringify({ seq, at, account, state: states.encode(entry.state), ...told })
      continue
    }
    at = entry.event.at
    // The line has the time already.
    const { at: _, ...event } = { ...(events.encode(entry.event) as { readonly [key: string]: unknown }) }
    yield JSON.stringify({ seq, at, account, event })
  }
}

const firstTime = (entries: Iterable<JournalEntry<unknown>>): Instant | undefined => {
  for (const entry of entries) if (entry._tag === 'EventLogged') return entry.event.at
  return undefined
}
