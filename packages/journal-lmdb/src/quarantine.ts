/**
 * The quarantine: database `journal-quarantine`, key `[account, part]`. What is journalled of an account of which something
 * does not decode lies here as it was, so that nothing overwrites it until somebody repairs it. Part 0 says up to which
 * row of the log and why, part 1 is the snapshot, the parts from 2 on are the lines of the log, each after the number of
 * its row. A line of another version has that row's first line in front.
 *
 * Lines of which not even the account can be told lie under the account of no name.
 */
import type { AccountId } from '@smacks/runtime'
import type { Environment } from './environment.js'

/** The account under which lines lie whose account cannot be told. */
export const unknownAccount: AccountId = ''

export interface QuarantinedLine {
  /** The row it was in. */
  readonly seq: number
  readonly text: string
  /** The first line of that row, if it is of another version. */
  readonly head?: string
}

export interface Quarantined {
  readonly reason: string
  /** The last row of the log that is here. */
  readonly upTo: number
  /** As it was, if there was one. */
  readonly snapshot?: string
  /** As they were, oldest first. */
  readonly lines: ReadonlyArray<QuarantinedLine>
}

/** `put` and `drop` belong into a transaction. */
export interface Quarantine {
  readonly put: (account: AccountId, quarantined: Quarantined) => void
  readonly drop: (account: AccountId) => void
  readonly read: (account: AccountId) => Quarantined | undefined
  readonly why: (account: AccountId) => Pick<Quarantined, 'reason' | 'upTo'>
  /** Who is here, by name. */
  readonly accounts: () => ReadonlyArray<AccountId>
}

type Key = [account: AccountId, part: number]

const [headPart, snapshotPart, firstLine] = [0, 1, 2]

export const openQuarantine = (env: Environment): Quarantine => {
  const parts = env.openDB<string, Key>({ name: 'journal-quarantine', encoding: 'string' })
  const drop = (account: AccountId): void => {
    for (const key of [...parts.getKeys(allOf(account))]) parts.removeSync(key)
  }
  const why = (account: AccountId): Pick<Quarantined, 'reason' | 'upTo'> => {
    const [upTo, reason] = cut(parts.get([account, headPart]) ?? '', ' ')
    return { reason, upTo: Number(upTo) }
  }
  return {
    put: (account, { reason, upTo, snapshot, lines }) => {
      drop(account)
      parts.putSync([account, headPart], `${upTo} ${reason}`)
      if (snapshot !== undefined) parts.putSync([account, snapshotPart], snapshot)
      lines.forEach((line, index) => {
        parts.putSync([account, firstLine + index], encodeLine(line))
      })
    },
    drop,
    why,
    read: account => {
      if (!parts.doesExist([account, headPart])) return undefined
      const snapshot = parts.get([account, snapshotPart])
      const lines = [...parts.getRange({ start: [account, firstLine], end: allOf(account).end })]
      return {
        ...why(account),
        ...(snapshot === undefined ? {} : { snapshot }),
        lines: lines.map(({ value }) => decodeLine(value)),
      }
    },
    accounts: () => {
      const found: Array<AccountId> = []
      for (const [account, part] of parts.getKeys({})) if (part === headPart) found.push(account)
      return found
    },
  }
}

const allOf = (account: AccountId) => ({ start: [account, 0], end: [account, Number.MAX_SAFE_INTEGER] })

/** Lines of the log have no line breaks. */
const encodeLine = ({ seq, head, text }: QuarantinedLine): string =>
  head === undefined ? `${seq} ${text}` : `${seq} ${head}\n${text}`

const decodeLine = (value: string): QuarantinedLine => {
  const [seq, rest] = cut(value, ' ')
  if (!rest.includes('\n')) return { seq: Number(seq), text: rest }
  const [head, text] = cut(rest, '\n')
  return { seq: Number(seq), head, text }
}

const cut = (text: string, mark: string): readonly [before: string, after: string] => {
  const at = text.indexOf(mark)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + mark.length)]
}
