/**
 * Rosters in LMDB, in the environment that all of a server's data shares: database `rosters`, one record for each
 * contact and one for the rest, so that a change costs the same however long the roster is.
 */
import { createHash } from 'node:crypto'
import type { Environment } from '@smacks/journal-lmdb'
import type { AccountId } from '@smacks/runtime'
import * as Either from 'fp-ts/lib/Either.js'
import type { RosterItem } from './item.js'
import { decodeHead, decodeItem, encodeHead, encodeItem } from './record.js'
import { type RosterShelf, type RosterState, type RosterStore, rosterStore } from './store.js'

export interface RostersOptions {
  readonly env: Environment
  /** Told of a record that does not decode. It stays on disk, and the contact is left out until it is put anew. */
  readonly onBadRecord?: (account: AccountId, reason: string) => void
  readonly onWriteFailure?: (account: AccountId, error: unknown) => void
  /** Milliseconds since 1970. */
  readonly now?: () => number
}

type RosterKey = [account: AccountId, part: string]

/** The part of a key that is no JID: the roster's version and the block list. */
const head = ''

/** Opens the rosters. Nothing needs to be closed but the environment. */
export const openRosters = (options: RostersOptions): RosterStore => {
  const { env, onBadRecord = () => {}, onWriteFailure = () => {}, now = Date.now } = options
  const records = env.openDB<unknown, RosterKey>({ name: 'rosters', encoding: 'json' })

  const load = (account: AccountId): RosterState | undefined => {
    const items = new Map<string, RosterItem>()
    let version = now()
    let blocked: ReadonlySet<string> = new Set()
    let found = false
    for (const { key, value } of records.getRange(rangeOf(account))) {
      found = true
      if (key[1] === head) {
        const decoded = decodeHead(value)
        if (Either.isRight(decoded)) ({ version, blocked } = decoded.right)
        else onBadRecord(account, decoded.left)
      } else {
        const decoded = decodeItem(value)
        if (Either.isRight(decoded)) items.set(decoded.right.jid, decoded.right)
        else onBadRecord(account, `${key[1]}: ${decoded.left}`)
      }
    }
    return found ? { version, items, blocked } : undefined
  }

  const shelf: RosterShelf = {
    load,
    saveItem: (account, item) => records.put([account, partOf(item.jid)], encodeItem(item)),
    dropItem: (account, jid) => records.remove([account, partOf(jid)]),
    saveHead: (account, state) => records.put([account, head], encodeHead(state)),
    forget: account => Promise.all([...records.getKeys(rangeOf(account))].map(key => records.remove(key))),
  }
  return rosterStore(shelf, { now, onWriteFailure })
}

/** All keys of an account: no JID has a character that sorts behind. */
const rangeOf = (account: AccountId) => ({ start: [account, ''], end: [account, '\u{10ffff}'] })

/** LMDB bounds its keys; a JID that is longer than any in use is named by its digest. */
const longestPart = 300

const partOf = (jid: string): string =>
  Buffer.byteLength(jid) <= longestPart ? jid : `sha256:${createHash('sha256').update(jid).digest('hex')}`
