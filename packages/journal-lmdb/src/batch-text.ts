/** What a batch says of sessions, as text: all that can go wrong about it goes wrong here, before the transaction. */
import { isVacant } from '@smacks/core'
import type { AccountId, SessionChange } from '@smacks/runtime'
import { bytesOfChange, bytesOfRemoval, bytesOfText } from './file-room.js'
import type { KeptStanzas } from './kept.js'
import { checkAccount } from './keys.js'
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
}

/** Throws an `Error` that names change and account if something cannot be written. */
export const batchText = <A>(codecs: SessionCodecs<A>, changes: ReadonlyArray<SessionChange<A>>): BatchText => {
  let lines: Array<Line> = []
  const snapped = new Map<AccountId, string | undefined>()
  const keep: Array<BatchText['keep'][number]> = []
  let [size, characters] = [0, 0]

  const write = (change: SessionChange<A>): void => {
    const { account } = change
    checkAccount(account)
    switch (change._tag) {
      case 'Happened':
      case 'Known': {
        const text = codecs.encodeEntry(account, change)
        characters += text.length
        lines.push({ account, text })
        return
      }
      case 'PutSnapshot': {
        // It takes the place of what was before it. More may follow, when several turns share a batch.
        if (lines.some(line => line.account === account)) lines = lines.filter(line => line.account !== account)
        const text = encodedState(codecs, change)
        size += bytesOfChange + bytesOfText(text?.length ?? 0)
        snapped.set(account, text)
        return
      }
      case 'KeepUnacked': {
        const { resource, from } = change
        const texts = change.unacked.map(codecs.encodeUnacked)
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
  return { lines, snapped, keep, size: size + bytesOfText(characters) }
}

/** Of an account without sessions, and without any that are to be settled, there is nothing to know: its old sessions are kept elsewhere. */
const encodedState = <A>(
  codecs: SessionCodecs<A>,
  { state, config }: Extract<SessionChange<A>, { readonly _tag: 'PutSnapshot' }>,
): string | undefined => (isVacant(state) ? undefined : codecs.encodeState(state, config))
