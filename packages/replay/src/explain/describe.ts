/** Stories in lines. */
import { absolute, relativeTo } from '../moments.js'
import { printable } from '../printable.js'
import type { RecordingHeader } from '../recording.js'
import type { ExplainOptions } from './explain.js'
import type { Passage, StanzaIdentity, Story } from './story.js'
import { nameOf } from './words.js'

/** A story for people to read: which stanza, what happened, why, and what became of it. */
export const describeStory = (
  header: RecordingHeader,
  { stanza, passages, verdict }: Story,
  { relative = false }: ExplainOptions = {},
): ReadonlyArray<string> => {
  const clockface = relative ? relativeTo(header.at) : absolute
  const heads = passages.map(({ seq, at }) => `${clockface(at)} #${seq}`)
  const width = Math.max(0, ...heads.map(head => head.length))
  return [
    title(stanza),
    ...passages.flatMap((passage, index) => {
      const isSameStep = heads[index - 1] === heads[index] && passages[index - 1]?.account === passage.account
      return lines(passage, (isSameStep ? '' : (heads[index] ?? '')).padEnd(width))
    }),
    `=> ${verdict}`,
  ].map(printable)
}

const title = (stanza: StanzaIdentity): string =>
  [
    nameOf(stanza),
    ...(stanza.from === undefined ? [] : [`from ${stanza.from}`]),
    ...(stanza.to === undefined ? [] : [`to ${stanza.to}`]),
  ].join(' ')

const lines = ({ text, rule }: Passage, head: string): ReadonlyArray<string> => [
  `${head}  ${text}`,
  ...(rule === undefined ? [] : [`${' '.repeat(head.length)}    ${rule}`]),
]
