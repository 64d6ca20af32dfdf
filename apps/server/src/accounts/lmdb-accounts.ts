/**
 * Accounts in LMDB, in an environment of their own (`accounts-environment.ts`).
 *
 * Every read sees what was committed last, by whatever process: an account that `smacks user add` adds while the
 * server runs can log in at once.
 */
import { createHmac, randomBytes } from 'node:crypto'
import { bareJid, type Jid, parseJid } from '@smacks/codec'
import type { Environment } from '@smacks/journal-lmdb'
import type { ScramHash, ScramKeys } from '@smacks/sasl'
import {
  CredentialsError,
  decodeAccountJid,
  defaultIterations,
  hashBytes,
  makeKeys,
  prepareNewPassword,
  scramHashes,
} from '@smacks/sasl'
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Option from 'fp-ts/lib/Option.js'
import type { AccountStore, Credentials } from './accounts.js'
import { decodeKeys, encodeRecord, type KeysByHash } from './record.js'

export interface AccountsOptions {
  readonly env: Environment
  /**
   * Removes all that is stored for an account elsewhere, by its bare JID, before the account itself: whoever has the name
   * next must find nothing, also if the process ends in between. Resolves when that is durable.
   */
  readonly purge?: (jid: string) => Promise<void>
  /** PBKDF2 iterations of new keys, at least 4,096. */
  readonly iterations?: number
  /** Called for a record that does not decode. Its account exists, but cannot log in until it gets a new password. */
  readonly onDefect?: (jid: string, reason: string) => void
}

/** Opens the accounts. Nothing needs to be closed but the environment. */
export const openAccounts = ({
  env,
  purge = async () => {},
  iterations = defaultIterations,
  onDefect,
}: AccountsOptions): AccountStore => {
  const records = openRecords(env)
  const decoyKeys = createDecoys(loadSecret(env), iterations)

  /** Writes the account if it is there, or is not, as `isThere` wants it. Keys are made first: a transaction must not wait. */
  const write = async (credentials: Credentials, isThere: boolean): Promise<boolean> => {
    const { key, record } = await prepare(credentials, iterations)
    return durably(env, () => {
      if (records.doesExist(key) !== isThere) return false
      records.put(key, record)
      return true
    })
  }

  return {
    exists: jid =>
      pipe(
        accountJid(jid),
        Option.exists(name => records.doesExist(keyOf(name))),
      ),

    keys: (jid, hash) => {
      const name = accountJid(jid)
      const record = Option.isSome(name) ? records.get(keyOf(name.value)) : undefined
      // Reading a record takes longer than finding none; how long it takes must not tell which of the two it was.
      const decoded = decodeKeys(record ?? JSON.parse(decoyRecord), hash)
      if (record === undefined) return undefined
      if (Either.isRight(decoded)) return decoded.right
      onDefect?.(jid, decoded.left)
      return undefined
    },

    decoyKeys,

    add: (jid, password) => write({ jid, password }, false),

    changePassword: (jid, password) => write({ jid, password }, true),

    remove: async jid => {
      const name = accountJid(jid)
      if (Option.isNone(name)) return false
      const key = keyOf(name.value)
      if (!records.doesExist(key)) return false
      await purge(bareJid(name.value))
      return durably(env, () => {
        if (!records.doesExist(key)) return false
        records.remove(key)
        return true
      })
    },

    list: domain => listed(records, domain),

    put: async accounts => {
      const entries = await Promise.all(accounts.map(account => prepare(account, iterations)))
      return durably(env, () =>
        entries.map(({ key, record }) => {
          const outcome = records.doesExist(key) ? 'updated' : 'added'
          records.put(key, record)
          return outcome
        }),
      )
    },
  }
}

type Records = ReturnType<typeof openRecords>

const openRecords = (env: Environment) => env.openDB<unknown, string>({ name: 'accounts', encoding: 'json' })

const listed = (records: Records, domain: string | undefined): ReadonlyArray<string> => {
  const home = domain === undefined ? undefined : Option.toUndefined(parseJid(domain))?.domain
  if (domain !== undefined && home === undefined) return []
  // '!' follows the space: all keys of a domain lie between the two.
  const range = home === undefined ? {} : { start: `${home} `, end: `${home}!` }
  return Array.from(records.getKeys(range), jidOf)
}

interface Entry {
  readonly key: string
  readonly record: unknown
}

const prepare = async ({ jid, password }: Credentials, iterations: number): Promise<Entry> => {
  const name = orThrow(decodeAccountJid(jid))
  const preparedPassword = orThrow(prepareNewPassword(password))
  const made = await Promise.all(
    scramHashes.map(async hash => [hash, await makeKeys(preparedPassword, hash, iterations)]),
  )
  return { key: keyOf(name), record: encodeRecord(Object.fromEntries(made) as KeysByHash) }
}

const orThrow = <A>(decoded: Either.Either<string, A>): A => {
  if (Either.isLeft(decoded)) throw new CredentialsError(decoded.left)
  return decoded.right
}

/** All of it or nothing, in one transaction; resolves when that is as durable as the environment promises. */
export const durably = async <A>(env: Environment, action: () => A): Promise<A> => {
  const result = await env.childTransaction(action)
  await env.flushed
  return result
}

const accountJid = (jid: string): Option.Option<Jid> => Option.fromEither(decodeAccountJid(jid))

/** Domain first, so that the accounts of a domain lie together. The space is in no JID, and sorts before all that is. */
const keyOf = ({ local, domain }: Jid): string => `${domain} ${local}`

const jidOf = (key: string): string => {
  const space = key.indexOf(' ')
  return `${key.slice(space + 1)}@${key.slice(0, space)}`
}

/**
 * What decoy salts are derived from. It is stored, since a salt that changes with each start of the server would show
 * that the user does not exist.
 */
const loadSecret = (env: Environment): Buffer => {
  const secrets = env.openDB<Buffer, string>({ name: 'secrets', encoding: 'binary' })
  return env.transactionSync(() => {
    const stored = secrets.get('decoy')
    if (stored !== undefined) return stored
    const fresh = randomBytes(32)
    secrets.put('decoy', fresh)
    return fresh
  })
}

/** Only the salt is ever shown, so it alone is another for each account; what no password matches may be the same for all. */
const createDecoys = (secret: Buffer, iterations: number) => {
  const derived = (purpose: string, ...of: ReadonlyArray<string>) =>
    createHmac('sha256', secret)
      .update([purpose, ...of].join('\n'))
      .digest()
  const keysFor = (hash: ScramHash) => ({
    iterations,
    storedKey: derived('stored key', hash).subarray(0, hashBytes(hash)),
    serverKey: derived('server key', hash).subarray(0, hashBytes(hash)),
  })
  const keys = { 'SHA-1': keysFor('SHA-1'), 'SHA-256': keysFor('SHA-256') }
  return (jid: string, hash: ScramHash): ScramKeys => ({
    ...keys[hash],
    salt: derived('salt', hash, jid).subarray(0, 16),
  })
}

const decoysOf = (decoy: ReturnType<typeof createDecoys>): KeysByHash => ({
  'SHA-1': decoy('', 'SHA-1'),
  'SHA-256': decoy('', 'SHA-256'),
})

/** What is read where there is no account: as long as any other. */
const decoyRecord = JSON.stringify(encodeRecord(decoysOf(createDecoys(randomBytes(32), defaultIterations))))
