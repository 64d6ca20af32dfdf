/** What a batch says of sessions, as text: all that can go wrong about it goes wrong here, before the transaction. */
import { isVacant } from '@smacks/core'
import { type AccountId, ChangeRefused, type SessionChange } from '@smacks/runtime'
import { bytesOfChange, bytesOfRemoval, bytesOfText } from './disk-reservation.js'
import type { KeptStanzas } from './kept.js'
import { checkAccount, checkText } from './keys.js'
import { naming } from './naming.js'
import type { SessionCodecs } from './session-codecs.js'

export interface BatchText {
  /** The row of the log, without its first line. */
  readonly lines: ReadonlyArray<Line>
  /** The snapshots' states, encoded; nothing for an account of which nothing is left. */
  readonly snapped: ReadonlyMap<AccountId, string | undefined>
  /** Keeps and forgets stanzas, in the batch's order. */
  readonly keep: ReadonlyArray<(kept: Pick<KeptStanzas<unknown>, 'forget' | 'put'>) => void>
  /** Bytes of all that is written. */
  readonly size: number
}

export interface Line {
  readonly account: AccountId
  readonly text: string
  /** What it says. */
  readonly change: SessionChange<unknown>
}

/** Characters of a row. More would be near the longest string that there can be. */
const maxRowCharacters = 256 * 1024 * 1024

/** Throws a `ChangeRefused` if something cannot be written. */
export const batchText = <A>(codecs: SessionCodecs<A>, changes: ReadonlyArray<SessionChange<A>>): BatchText => {
  let lines: Array<Line> = []
  const snapped = new Map<AccountId, string | undefined>()
  const keep: Array<BatchText['keep'][number]> = []
  let [size, characters] = [0, 0]

  const write = (change: SessionChange<A>): void => {
    const { account } = change
    checkAccount(account)
    switch (change._tag) {
      case 'EventLogged':
      case 'Baseline': {
        const text = codecs.encodeEntry(account, change)
        characters += checkText(text).length
        lines.push({ account, text, change })
        return
      }
      case 'PutSnapshot': {
        // It takes the place of what was before it. More may follow, when several turns share a batch.
        if (lines.some(line => line.account === account)) lines = lines.filter(line => line.account !== account)
        const text = encodedState(codecs, change)
        size += bytesOfChange + bytesOfText(text === undefined ? 0 : checkText(text, maxRowCharacters).length)
        snapped.set(account, text)
        return
      }
      case 'KeepUnacked': {
        const { resource, from } = change
        const texts = change.unacked.map(unacked => checkText(codecs.encodeUnacked(unacked)))
        size += texts.reduce((sum, text) => sum + bytesOfText(text.length), bytesOfChange)
        keep.push(kept => kept.put(account, resource, from, texts))
        return
      }
      case 'ForgetKept': {
        const { resource, from, count } = change
        size += bytesOfChange + count * bytesOfRemoval
        keep.push(kept => kept.forget(account, resource, from, count))
      }
    }
  }

  for (const change of changes) naming(change, () => write(change))
  checkRow(lines)
  return { lines, snapped, keep, size: size + bytesOfText(characters) }
}

/** Without its longest line the row is one that can be written, or nearer to it. */
const checkRow = (lines: ReadonlyArray<Line>): void => {
  const characters = lines.reduce((sum, { text }) => sum + text.length + 1, 0)
  if (characters <= maxRowCharacters) return
  const longest = lines.reduce((one, other) => (other.text.length > one.text.length ? other : one))
  const { account, change, text } = longest
  throw new ChangeRefused(
    change,
    `${change._tag} for ${account}: the batch has ${characters} characters, ${text.length} of them in this; ` +
      `at most ${maxRowCharacters} characters are allowed in a batch`,
  )
}

/** Of an account without sessions, and without any that are to be settled, there is nothing to know: its old sessions are kept elsewhere. */
const encodedState = <A>(
  codecs: SessionCodecs<A>,
  { state, config }: Extract<SessionChange<A>, { readonly _tag: 'PutSnapshot' }>,
): string | undefined => (isVacant(state) ? undefined : codecs.encodeState(state, config))
