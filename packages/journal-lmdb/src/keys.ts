/** LMDB bounds its keys to 1978 bytes. What names things is bounded here, so that they fit, and so is what is stored. */

import { createHash } from 'node:crypto'
import type { Resource } from '@smacks/core'
import type { AccountId } from '@smacks/runtime'

/** Longer accounts are not journalled. */
export const maxAccountBytes = 1900

/** Account and name of a record together. */
const maxRecordKeyBytes = 1960

/** The name of a kind of records. */
const maxKindBytes = 200

/** Databases that are not the application's. */
const ownDatabases = /^(journal-.*|offline|old-sessions)$/s

export const isStorable = (account: AccountId): boolean =>
  Buffer.byteLength(account) <= maxAccountBytes && !account.includes('\0')

/** Throws an `Error` if LMDB cannot take the account's name. */
export const checkAccount = (account: AccountId): void => {
  if (isStorable(account)) return
  throw new Error(
    `the account's name has ${Buffer.byteLength(account)} bytes; ` +
      `at most ${maxAccountBytes} bytes are allowed, and U+0000 is not one of them`,
  )
}

/** Throws an `Error` if records cannot be called so. */
export const checkKind = (kind: string): void => {
  const bytes = Buffer.byteLength(kind)
  if (bytes === 0 || bytes > maxKindBytes || kind.includes('\0'))
    throw new Error(
      `records of the kind ${shown(kind)}: its name has ${bytes} bytes; ` +
        `1 to ${maxKindBytes} are allowed, and U+0000 is not one of them`,
    )
  if (ownDatabases.test(kind))
    throw new Error(
      `records of the kind ${shown(kind)}: the journal uses this name itself; ` +
        'allowed is any but "offline", "old-sessions" and those that begin with "journal-"',
    )
}

/** Throws an `Error` if LMDB cannot take the name of a record. */
export const checkRecordKey = (account: AccountId, name: string): void => {
  checkAccount(account)
  const bytes = Buffer.byteLength(account) + Buffer.byteLength(name)
  if (bytes <= maxRecordKeyBytes && !name.includes('\0')) return
  throw new Error(
    `the account and the name ${shown(name)} of the record have ${bytes} bytes; ` +
      `at most ${maxRecordKeyBytes} are allowed, and U+0000 is not one of them`,
  )
}

/**
 * What stands for a resource in a key: the resource, or its SHA-256 behind a character that no resource has, where it
 * would be too long.
 */
export const resourceKey = (account: AccountId, resource: Resource): string =>
  Buffer.byteLength(account) + Buffer.byteLength(resource) <= maxAccountBytes && !resource.includes('\0')
    ? resource
    : `\u0001${createHash('sha256').update(resource).digest('base64url')}`

/** The entries of a sorted range up to the first that is not of the account. */
export function* entriesOf<Entry extends { readonly key: readonly [AccountId, ...ReadonlyArray<unknown>] }>(
  account: AccountId,
  entries: Iterable<Entry>,
): Generator<Entry, void, undefined> {
  for (const entry of entries) {
    if (entry.key[0] !== account) return
    yield entry
  }
}

/** Characters of what happened, of one stanza, of a record: far more than any has, and little beside what a string may have. */
const maxTextCharacters = 64 * 1024 * 1024

/** The text. Throws an `Error` if it is longer than what is stored as one. */
export const checkText = (text: string, most = maxTextCharacters): string => {
  if (text.length <= most) return text
  throw new Error(`what is to be stored has ${text.length} characters; at most ${most} are allowed`)
}

const shown = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text)
