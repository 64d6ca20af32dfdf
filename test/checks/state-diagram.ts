/** Draws the machine of a session from the code's own tables, so that the picture cannot say what the code does not. */
import { accountTransitions, type Destination, type Phase, rules } from '@smacks/core'

interface Transition {
  readonly from: Phase | 'Unbound'
  readonly cause: string
  readonly to: Destination
}

type EventsOfPhase = Readonly<Record<string, { readonly to: ReadonlyArray<Destination> } | undefined>>

const transitions: ReadonlyArray<Transition> = [
  ...Object.entries<EventsOfPhase>(rules).flatMap(([from, events]) =>
    Object.entries(events).flatMap(([cause, rule]) => (rule?.to ?? []).map(to => ({ from: from as Phase, cause, to }))),
  ),
  ...accountTransitions,
]

/** The diagram of all that moves a session, and the table of what leaves it in its phase. */
export const drawStateDiagram = (): string =>
  ['```mermaid', 'stateDiagram-v2', ...moves(), '```', '', ...stays()].join('\n')

const moves = (): ReadonlyArray<string> => {
  const moving = transitions.filter(({ from, to }) => from !== to)
  const arrows = new Set(moving.map(arrow))
  return [...arrows].map(one => {
    const causes = moving.filter(transition => arrow(transition) === one).map(({ cause }) => cause)
    return `  ${one}: ${causes.join('<br/>')}`
  })
}

/** Mermaid writes both the beginning and the end of all things as `[*]`. */
const arrow = ({ from, to }: Transition): string =>
  `${from === 'Unbound' ? '[*]' : from} --> ${to === 'Ended' ? '[*]' : to}`

const stays = (): ReadonlyArray<string> => {
  const staying = transitions.filter(({ from, to }) => from === to)
  const phases = [...new Set(staying.map(({ from }) => from))]
  return [
    '| phase | events that can leave a session in it |',
    '| --- | --- |',
    ...phases.map(phase => {
      const causes = staying.filter(({ from }) => from === phase).map(({ cause }) => `\`${cause}\``)
      return `| \`${phase}\` | ${causes.join(', ')} |`
    }),
  ]
}

const begin = '<!-- state diagram: made from the code; SMACKS_REWRITE=1 makes it anew -->'
const end = '<!-- end of the state diagram -->'

/** The document with the diagram as it should be; the same document if it is up to date. */
export const withStateDiagram = (document: string): string => {
  const from = document.indexOf(begin)
  const to = document.indexOf(end)
  if (from < 0 || to < from) throw new Error(`the document lacks the line '${begin}' or '${end}'`)
  return `${document.slice(0, from + begin.length)}\n${drawStateDiagram()}\n${document.slice(to)}`
}
