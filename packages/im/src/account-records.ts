/** The kinds of records that the domain keeps of accounts: with an account all of its go. */
import { presenceRecords } from './presence/record.js'
import { staleRecords } from './remote/stale-record.js'
import { rosterRecords } from './roster/roster.js'

export const accountRecords: ReadonlyArray<string> = [rosterRecords, presenceRecords, staleRecords]
