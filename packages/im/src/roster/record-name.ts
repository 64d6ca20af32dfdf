/** The name of a contact's record. */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { utf8Length } from '@smacks/codec'

/** Journals bound the names of records; a JID that is longer than any in use is named by its digest. */
const longestName = 300

export const recordName = (jid: string): string =>
  utf8Length(jid) <= longestName ? jid : `sha256:${bytesToHex(sha256(utf8ToBytes(jid)))}`
