/** What `npm run bench` is asked for. */
import { parseArgs } from 'node:util'
import type { Measure, SubjectId } from './measure.js'
import { measures } from './measures/index.js'
import { subjectIds } from './subjects.js'

/** Names for several measures. */
const groups: Readonly<Record<string, ReadonlyArray<string>>> = {
  /** What durability costs. */
  journal: [
    ...['saturated', 'paced', 'single'].flatMap(name => [name, `${name}-memory`, `${name}-disk`]),
    'heap',
    'recovery',
  ],
  /** What the plots are made of. */
  curves: ['load-curve', 'memory-curve'],
}

export const help = `npm run bench -- [GROUP] [options]

  journal            what durability costs: messages, latency, recovery, disk and memory
  curves             what the plots are made of
  --list             the measures, their targets, and who takes part
  --only NAMES       some measures: names of --list, with commas
  --subjects NAMES   of ${subjectIds.join(',')}; again is today's build once more, for the noise
  --pairs N          how often all are measured in turns, of each measure
  --quick            a look: short, once each; its figures mean little
  --json FILE        the result, with all single values; written after each measure
  --markdown FILE    the table that is printed at the end
  --svg DIR          plots of the measures that are curves
  --from FILE        prints and plots a result that --json wrote; measures nothing
  --base DIR         a checkout of the old build that is built; otherwise it is built once, which takes a minute

It needs Linux and, to mean something, two cores that have nothing else to do: the server has one, the load the other.
Prosody and ejabberd take part where they are installed (apt install prosody ejabberd).
`

export interface Asked {
  readonly action: 'help' | 'list' | 'run' | { readonly from: string }
  readonly measures: ReadonlyArray<Measure>
  readonly subjects: ReadonlyArray<SubjectId>
  readonly quick: boolean
  readonly pairs?: number
  readonly json?: string
  readonly markdown?: string
  readonly svg?: string
  readonly base?: string
}

/** Throws an `Error` that names what is wrong, and what is allowed. */
export const parseCommandLine = (args: ReadonlyArray<string>): Asked => {
  const { values: given, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      subjects: { type: 'string' },
      pairs: { type: 'string' },
      json: { type: 'string' },
      markdown: { type: 'string' },
      svg: { type: 'string' },
      from: { type: 'string' },
      base: { type: 'string' },
    },
  })
  const { help: wantsHelp, list, quick, only, subjects, pairs, from, ...files } = given
  const grouped = positionals.flatMap(name => choice('the group', name, Object.keys(groups)))
  const wanted = [
    ...grouped.flatMap(name => groups[name] ?? []),
    ...(only === undefined ? [] : choice('--only', only, allNames)),
  ]
  return {
    action: wantsHelp ? 'help' : list ? 'list' : from === undefined ? 'run' : { from },
    measures: wanted.length === 0 ? measures : measures.filter(({ name }) => wanted.includes(name)),
    subjects: subjects === undefined ? subjectIds : choice('--subjects', subjects, subjectIds),
    quick,
    ...(pairs !== undefined && { pairs: positive('--pairs', pairs) }),
    ...files,
  }
}

const allNames = measures.map(({ name }) => name)

const choice = <T extends string>(option: string, text: string, allowed: ReadonlyArray<T>): ReadonlyArray<T> =>
  text.split(',').map(name => {
    const found = allowed.find(each => each === name)
    if (found === undefined) throw new Error(`${option} has '${name}'; allowed are ${allowed.join(', ')}`)
    return found
  })

const positive = (option: string, text: string): number => {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new Error(`${option} has '${text}'; allowed is a number from 1 to 9999`)
  return Number(text)
}
