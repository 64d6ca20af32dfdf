/** How many stanzas a line of a story says to have been handled. */
import { advance, type Counter, type Session, sessionOf } from '@smacks/core'
import type { Story } from './story.js'
import { hasWord, type Line, numberOption } from './words.js'

/** `h=4`, or relative to the last `h`: `+2`, `-1`; `some=3` is three more or as many as are unacked, `all` is all. */
export const countOf = (story: Story, line: Line): Counter => {
  const h = numberOption(line, 'h')
  if (h !== undefined) return h
  const session = sessionOf(story.account, line.resource)
  const outbound = session === undefined || session._tag === 'Unmanaged' ? undefined : session.outbound
  const acked = outbound?.acked ?? 0
  const unacked = session === undefined ? 0 : coverable(session, line)
  if (hasWord(line, 'all')) return advance(acked, unacked)
  const relative = line.words.find(word => /^[+-][0-9]+$/.test(word))
  if (relative !== undefined) return advance(acked, Number(relative))
  return advance(acked, Math.min(numberOption(line, 'some') ?? 0, unacked))
}

/** How many stanzas the `h` of an honest peer can cover: what it got, on this connection or before it resumes. */
const coverable = (session: Session<string>, { verb }: Line): number => {
  if (session._tag === 'Unmanaged') return 0
  const { unacked, unsent } = session.outbound
  return unacked.length - (session._tag === 'Active' && verb === 'ack' ? session.unwritten : unsent.count)
}
