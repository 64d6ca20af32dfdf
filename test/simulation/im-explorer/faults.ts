/** Faults that are planted between instant messaging and what it is given: the search is to find each. */
import { presenceRecords } from '../../../packages/im/src/presence/record.js'
import { rosterRecords } from '../../../packages/im/src/roster/roster.js'
import type { Fault } from './process.js'

/** The records of a kind are in a batch of their own, behind that of the turn at hand. */
const later =
  (kind: string): Fault['runtime'] =>
  (runtime, atEnd) => ({
    ...runtime,
    change: change => {
      if (change._tag === 'PutRecord' && change.kind === kind) atEnd(() => atEnd(() => runtime.change(change)))
      else runtime.change(change)
    },
  })

export const faults: ReadonlyArray<Fault> = [
  {
    name: 'after a restart nobody knows what presence sessions had',
    records: records => (kind, account) => (kind === presenceRecords ? [] : records(kind, account)),
  },
  {
    name: 'after a restart nobody knows to whom presence was directed',
    records: records => (kind, account) =>
      kind !== presenceRecords
        ? records(kind, account)
        : [...records(kind, account)].map(record => ({
            ...record,
            text: record.text.replace(/"directed":\[[^\]]*\]/, '"directed":[]'),
          })),
  },
  {
    name: 'nobody is told of sessions that did not survive the restart',
    messaging: (messaging, isRecovering) => ({
      ...messaging,
      sessionEnded: (account, resource, reason) => {
        if (!isRecovering()) messaging.sessionEnded(account, resource, reason)
      },
      recovery: { ...messaging.recovery, resume: () => {} },
    }),
  },
  { name: 'the presence of a session is durable later than what it shows', runtime: later(presenceRecords) },
  { name: 'a subscription is durable later than what is said of it', runtime: later(rosterRecords) },
  {
    name: 'of a session that ended its presence stays written',
    runtime: runtime => ({
      ...runtime,
      change: change => {
        if (change._tag !== 'DropRecord' || change.kind !== presenceRecords) runtime.change(change)
      },
    }),
  },
]
