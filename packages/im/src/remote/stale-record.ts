/** How it is written down that a contact's server may not know the state of an account: versioned, decoded by io-ts. */
import { type VersionedRecord, versionedRecord } from '@smacks/codec'
import * as t from '#io-ts'
import type { Stale } from './stale-contacts.js'

/** The kind of the records; each is named by its contact. */
export const staleRecords = 'stale-contacts'

const staleRecord: VersionedRecord<Stale> = versionedRecord(
  t.intersection(
    [
      t.type({ contact: t.string, resources: t.readonlyArray(t.string) }),
      t.partial({
        to: t.literal(true),
        from: t.union([t.literal('subscribed'), t.literal('unsubscribed')]),
        probe: t.literal(true),
      }),
    ],
    'a contact whose server may not know the state of the account',
  ),
)

export const encodeStale = staleRecord.write

/** What was written, or what is wrong with it. */
export const decodeStale = staleRecord.read
