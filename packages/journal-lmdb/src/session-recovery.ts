/** Reads all that is stored of sessions, once, when the journal was opened. */
import type { AccountId, Journalled } from '@smacks/runtime'
import type { SessionParts } from './session-parts.js'
import { type OrphanLine, readStored } from './stored.js'

/** Tells what is journalled, and notes meanwhile what of it is needed. Nothing is written. */
export function* recoverSessions<A>(
  { stored, needed, setAside, emptied, beyond }: SessionParts<A>,
  onOrphan: (line: OrphanLine) => void,
): Generator<Journalled<A>, void, undefined> {
  const reading = needed.beginReading()
  const bad = new Map<AccountId, string>()
  const empty: Array<readonly [AccountId, number]> = []
  for (const found of readStored(stored)) {
    switch (found._tag) {
      case 'Quarantined':
        beyond(found.upTo)
        yield { _tag: 'Undecodable', account: found.account, reason: found.reason }
        break
      case 'Snapshot':
        beyond(found.upTo)
        if (found.state === undefined) empty.push([found.account, found.upTo])
        else yield { ...found, _tag: 'Baseline', state: found.state }
        break
      case 'Row':
        beyond(found.seq)
        needed.note(found.seq, found.size)
        break
      case 'Entry':
        reading.need(found.account, found.seq)
        yield { account: found.account, ...found.entry }
        break
      case 'Bad':
        bad.set(found.account, found.reason)
        break
      case 'Orphan':
        if (setAside.addOrphan(found)) onOrphan(found)
        break
    }
  }
  reading.finish()
  for (const [account, upTo] of empty.sort(([, one], [, other]) => one - other)) emptied.add(account, upTo)
  for (const [account, reason] of bad) setAside.add(account, reason)
  for (const [account, reason] of bad) yield { _tag: 'Undecodable', account, reason }
}
