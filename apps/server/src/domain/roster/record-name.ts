/** The name of a contact's record. */
import { createHash } from 'node:crypto'

/** Journals bound the names of records; a JID that is longer than any in use is named by its digest. */
const longestName = 300

export const recordName = (jid: string): string =>
  Buffer.byteLength(jid) <= longestName ? jid : `sha256:${createHash('sha256').update(jid).digest('hex')}`
