import { jsonPayload } from '@smacks/codec'
import { isLeft } from 'fp-ts/lib/Either.js'
import { sessionCodecs } from '../../../packages/journal-lmdb/src/session-codecs.js'
import { holds, kindOf, same, type Target, textOf } from '../target.js'

const codecs = sessionCodecs(jsonPayload, null)

export const journal: Target = {
  name: 'journal',
  promise: 'what lies in the journal is read as it is written, or refused in one line; its account is told either way',
  words: [
    '["romeo@localhost","event",',
    '["romeo@localhost","state",',
    '"_tag":"StanzaSubmitted"',
    '"_tag":"TimerFired"',
    '"at":1',
    '"resource":"x"',
    '"unacked":[]',
    '"acked":4294967295',
    'null',
    'true',
    '-0',
    '1e21',
    '{"v":2,"reducer":2,"upTo":7}',
    '"__proto__":{}',
    '\\ud800',
    '[[[[',
    ']',
    '}',
    ',',
  ],
  run: input => {
    const text = textOf(input)
    return [lineOf(text), snapshotOf(text), unackedOf(text)].join('; ')
  },
}

const lineOf = (text: string): string => {
  const line = codecs.decodeEntry(text)
  if (isLeft(line)) return kindOf(line.left.reason)
  const { account, entry } = line.right
  const decoded = entry()
  if (isLeft(decoded)) return short(decoded.left)
  const written = codecs.encodeEntry(account, decoded.right)
  holds(codecs.accountOf(written) === account, 'the account is another at the beginning of the line', written)
  const again = codecs.decodeEntry(written)
  holds(!isLeft(again), 'what was written is not read', written)
  if (!isLeft(again)) {
    same(again.right.account, account, 'of another account')
    same(again.right.entry(), decoded, 'read as another entry')
  }
  return decoded.right._tag
}

const snapshotOf = (text: string): string => {
  const decoded = codecs.decodeSnapshot(text)
  if (isLeft(decoded)) return short(decoded.left)
  const { upTo, state, config } = decoded.right
  if (state === undefined || config === undefined) return 'a snapshot'
  const written = codecs.snapshotUpTo(upTo, codecs.encodeState(state, config))
  same(codecs.decodeSnapshot(written), decoded, 'read as another snapshot')
  return 'a snapshot of a state'
}

const unackedOf = (text: string): string => {
  const decoded = codecs.decodeUnacked(text)
  if (isLeft(decoded)) return short(decoded.left)
  same(codecs.decodeUnacked(codecs.encodeUnacked(decoded.right)), decoded, 'read as another stanza')
  return 'an unacked stanza'
}

const short = (problem: string): string => {
  holds(!problem.includes('\n'), 'more than one line', problem)
  return kindOf(problem)
}
