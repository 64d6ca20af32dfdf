/**
 * `smacks user import`: many accounts, from lines `jid password`.
 *
 * Hashing is what takes the time. It runs in all threads of the pool at once, a batch at a time, and each batch is one
 * transaction: what was reported stays, also if the import is interrupted.
 */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { prepareNewPassword } from '@smacks/sasl'
import * as Either from 'fp-ts/lib/Either.js'
import type { AccountStore, Credentials } from '../accounts/accounts.js'
import type { ServerConfig } from '../config/server-config.js'
import { accountOfServer } from './account.js'
import { CommandFailure } from './exit-code.js'
import { changingPasswords, withAccounts } from './storage.js'
import { say, type Terminal } from './terminal.js'

export interface ImportOptions {
  /** Absent or `-`: standard input. */
  readonly file?: string | undefined
  /** Report each account, not only those that are refused. */
  readonly verbose: boolean
}

/** Imports, and reports. Fails if a line was refused; all others are imported then. */
export const importUsers = async (terminal: Terminal, config: ServerConfig, options: ImportOptions): Promise<void> => {
  const { file = '-' } = options
  const counts = await changingPasswords(config, tell =>
    withAccounts(config, accounts => {
      // Not before: a file that cannot be opened says so to whoever reads it by then.
      const input = file === '-' ? terminal.input : createReadStream(file)
      return importAll(terminal, config, options, { accounts, tell }, linesOf(input, file))
    }),
  )
  say(terminal.out, `${counts.added} added, ${counts.updated} updated, ${counts.refused} refused.`)
  if (counts.refused > 0) throw new CommandFailure('Not all lines were imported.')
}

interface Line extends Credentials {
  readonly number: number
}

interface Counts {
  added: number
  updated: number
  refused: number
}

interface Target {
  readonly accounts: AccountStore
  /** Told of each batch, whose passwords it changed. */
  readonly tell: (accounts: ReadonlyArray<string>) => Promise<void>
}

/** Enough for all threads, little enough to be lost. */
const batchSize = 256

const importAll = async (
  terminal: Terminal,
  { domains }: ServerConfig,
  { verbose }: ImportOptions,
  { accounts, tell }: Target,
  lines: AsyncIterable<readonly [number: number, text: string]>,
): Promise<Counts> => {
  const counts: Counts = { added: 0, updated: 0, refused: 0 }
  const progress = createProgress(terminal)
  let batch: Array<Line> = []

  const flush = async (): Promise<void> => {
    const outcomes = await accounts.put(batch)
    for (const [index, outcome] of outcomes.entries()) {
      counts[outcome] += 1
      if (verbose) say(terminal.out, `line ${batch[index]?.number}: ${outcome} ${batch[index]?.jid}`)
    }
    await tell(batch.filter((_, index) => outcomes[index] === 'updated').map(({ jid }) => jid))
    batch = []
    progress.told(counts.added + counts.updated + counts.refused)
  }

  for await (const [number, text] of lines) {
    const parsed = parseLine(text, domains)
    if (parsed === undefined) continue
    if (Either.isLeft(parsed)) {
      counts.refused += 1
      progress.clear()
      say(terminal.err, `line ${number}: refused: ${parsed.left}`)
      continue
    }
    batch.push({ number, ...parsed.right })
    if (batch.length >= batchSize) await flush()
  }
  if (batch.length > 0) await flush()
  progress.clear()
  return counts
}

/** Nothing for an empty line or a comment. A password is all that follows the JID and the blanks after it. */
const parseLine = (text: string, domains: ReadonlyArray<string>): Either.Either<string, Credentials> | undefined => {
  if (/^\s*(#|$)/.test(text)) return undefined
  const [, typed = '', password = ''] = /^\s*(\S+)\s*(.*)$/s.exec(text) ?? []
  const jid = accountOfServer(typed, domains)
  if (Either.isLeft(jid)) return jid
  if (password === '') return Either.left(`${typed} has no password; a line is: jid password`)
  const prepared = prepareNewPassword(password)
  return Either.isLeft(prepared) ? prepared : Either.right({ jid: jid.right, password })
}

/** The lines and their numbers, from 1. */
async function* linesOf(input: Readable, file: string): AsyncGenerator<readonly [number: number, text: string]> {
  let number = 0
  try {
    for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      number += 1
      yield [number, number === 1 ? text.replace(/^\ufeff/, '') : text]
    }
  } catch (cause) {
    throw new CommandFailure(`${file} cannot be read: ${cause instanceof Error ? cause.message : cause}`)
  }
}

interface Progress {
  readonly told: (accounts: number) => void
  /** Before anything else is written. */
  readonly clear: () => void
}

/** A line that is written over on a terminal; elsewhere a line now and then. */
const createProgress = ({ err }: Terminal): Progress => {
  if (err.isTTY === true) {
    return { told: accounts => void err.write(`\r${accounts} accounts ...`), clear: () => void err.write('\r\u001b[K') }
  }
  let next = 2_000
  return {
    told: accounts => {
      if (accounts < next) return
      next = accounts + 2_000
      say(err, `${accounts} accounts ...`)
    },
    clear: () => {},
  }
}
