/**
 * What fast-check needs to make things up: configs, stanzas, and programs. A program is a list of command lines
 * (see transcript/commands.ts), which `performAll` turns into events that are plausible in the state they meet;
 * so a counterexample reads as a story, and can be put into a transcript as it is.
 */
import { type Config, type Counter, counterModulus, defaultConfig, type Event, type StanzaFacts } from '@smacks/core'
import * as fc from 'fast-check'
import { perform } from './transcript/commands.js'
import { stanzaLetters } from './transcript/stanza-names.js'
import { beginStory, type StoryStep } from './transcript/story.js'

/** Counters, often near the wrap and near the middle, where mistakes are made. */
export const counterArbitrary = (): fc.Arbitrary<Counter> =>
  fc.oneof(
    fc.integer({ min: 0, max: 5 }),
    fc.integer({ min: counterModulus - 5, max: counterModulus - 1 }),
    fc.integer({ min: counterModulus / 2 - 3, max: counterModulus / 2 + 3 }),
    fc.integer({ min: 0, max: counterModulus - 1 }),
  )

/** Configs with small limits, so that short programs reach them. */
export const configArbitrary = (): fc.Arbitrary<Config> =>
  fc
    .record({
      hibernationTime: fc.integer({ min: 1, max: 120 }),
      maxQueueSize: fc.integer({ min: 1, max: 6 }),
      maxUnackedStanzas: fc.integer({ min: 0, max: 4 }),
      maxInactiveUnackedStanzas: fc.integer({ min: 0, max: 8 }),
      maxAckDelay: fc.integer({ min: 0, max: 40 }),
      maxOldSessions: fc.integer({ min: 0, max: 3 }),
      s2sResend: fc.boolean(),
      offlineStorage: fc.boolean(),
      maxHibernatingSessions: fc.integer({ min: 1, max: 3 }),
      probeTimeout: fc.integer({ min: 1, max: 40 }),
      requestHold: fc.constantFrom(0, 0.02),
      queueCeiling: fc.integer({ min: 6, max: 20 }),
    })
    .map(changed => ({ ...defaultConfig, ...changed }))

/** Facts of any stanza. */
export const stanzaFactsArbitrary = (): fc.Arbitrary<StanzaFacts> =>
  fc.tuple(fc.constantFrom(...stanzaKinds), stanzaMarks()).map(([kind, marks]) => ({ ...kind, ...marks }))

const stanzaKinds: ReadonlyArray<Pick<StanzaFacts, 'name' | 'type'>> = [
  { name: 'message', type: 'normal' },
  { name: 'message', type: 'chat' },
  { name: 'message', type: 'groupchat' },
  { name: 'message', type: 'headline' },
  { name: 'message', type: 'error' },
  { name: 'presence', type: 'available' },
  { name: 'presence', type: 'unavailable' },
  { name: 'presence', type: 'subscribe' },
  { name: 'iq', type: 'get' },
  { name: 'iq', type: 'set' },
  { name: 'iq', type: 'result' },
  { name: 'iq', type: 'error' },
]

const stanzaMarks = (): fc.Arbitrary<Omit<StanzaFacts, 'name' | 'type'>> =>
  fc.record(
    {
      id: fc.string(),
      from: fc.constantFrom('juliet@example.org/balcony', 'example.org'),
      to: fc.constantFrom('romeo@example.net', 'romeo@example.net/orchard'),
      delayed: fc.constant<true>(true),
      copy: fc.constant<true>(true),
      again: fc.constant<true>(true),
      archived: fc.constant<true>(true),
      state: fc.constant<true>(true),
    },
    { requiredKeys: [] },
  )

/** A list of command lines. */
export type Program = ReadonlyArray<string>

export interface ProgramOptions {
  /** Which side of the negotiation the program plays; `receiving` unless told. */
  readonly role?: 'initiating' | 'receiving'
  /** The most commands after the first session is there; 40 unless told. */
  readonly maxLength?: number
  /** Whether the peer may break rules, as with an `<a/>` above what was sent; not unless told. */
  readonly rude?: boolean
}

/** Programs for one account with one or two resources. No stanza name is used twice in a program. */
export const programArbitrary = (options: ProgramOptions = {}): fc.Arbitrary<Program> => {
  const { role = 'receiving', maxLength = 40, rude = false } = options
  const counters = fc.oneof(fc.constant(undefined), fc.tuple(counterArbitrary(), counterArbitrary()))
  const resources = role === 'receiving' ? fc.constantFrom(...resourceSets) : fc.constant(onlyFirst)
  return fc
    .tuple(counters, resources)
    .chain(([placed, prefixes]) =>
      fc
        .array(fc.oneof(...linesFor(role, rude, fc.constantFrom(...prefixes))), { maxLength })
        .map(lines => numbered([...startLines(role, prefixes), ...placedLines(placed), ...lines])),
    )
}

/** Prefixes of command lines. The first resource goes without saying, and is the busier one. */
const onlyFirst: ReadonlyArray<string> = ['']
const resourceSets: ReadonlyArray<ReadonlyArray<string>> = [onlyFirst, ['', '', 'laptop: ']]

const startLines = (role: 'initiating' | 'receiving', prefixes: ReadonlyArray<string>): Program => {
  const lines =
    role === 'receiving' ? ['bind', 'enable resume'] : ['bind', 'request-enable resume', 'enabled resume id=peer-1']
  return [...new Set(prefixes)].flatMap(prefix => lines.map(line => `${prefix}${line}`))
}

const placedLines = (counters: readonly [h: Counter, acked: Counter] | undefined): Program =>
  counters === undefined ? [] : [`given counters h=${counters[0]} acked=${counters[1]}`]

/** The events of a program, in the states that they meet. */
export const eventStreamArbitrary = (
  config: Config = defaultConfig,
  options?: ProgramOptions,
): fc.Arbitrary<ReadonlyArray<Event<string>>> =>
  programArbitrary(options).map(program => runProgram(config, program).map(({ event }) => event))

/** Runs a program from the start. */
export const runProgram = (config: Config, program: Program): ReadonlyArray<StoryStep> => {
  const steps: Array<StoryStep> = []
  let story = beginStory(config)
  for (const line of program) {
    const [after, made] = perform(story, line)
    story = after
    steps.push(...made)
  }
  return steps
}

type Weighted = fc.WeightedArbitrary<string>

const linesFor = (
  role: 'initiating' | 'receiving',
  rude: boolean,
  prefix: fc.Arbitrary<string>,
): ReadonlyArray<Weighted> => [
  ...[...trafficLines, ...(role === 'receiving' ? receivingLines : initiatingLines), ...(rude ? rudeLines : [])].map(
    ({ weight, arbitrary }) => ({ weight, arbitrary: fc.tuple(prefix, arbitrary).map(parts => parts.join('')) }),
  ),
  { weight: 3, arbitrary: fc.constantFrom(0, 0.01, 0.02, 1, 10, 30, 60, 600).map(seconds => `wait ${seconds}`) },
  { weight: 1, arbitrary: fc.constant('stop') },
  { weight: 1, arbitrary: fc.constantFrom(3_600, -3_600).map(seconds => `set-clock by=${seconds}`) },
]

const counted = (line: string, least: number): fc.Arbitrary<string> =>
  fc.integer({ min: least, max: least + 4 }).map(count => `${line}${count}`)

/** A few stanza names; `#` is where their numbers go. */
const names = (marks: ReadonlyArray<string>): fc.Arbitrary<string> =>
  fc
    .array(fc.tuple(fc.constantFrom(...stanzaLetters), fc.constantFrom(...marks)), { minLength: 1, maxLength: 4 })
    .map(made => made.map(([letter, mark]) => `${letter}#${mark}`).join(' '))

const trafficLines: ReadonlyArray<Weighted> = [
  {
    weight: 8,
    arbitrary: names(['', '', '', '(copy)', '(archived)', '(delayed)', '(full)', '(again)', '(state)', '(state)']).map(
      line => `submit ${line}`,
    ),
  },
  { weight: 4, arbitrary: names(['']).map(line => `receive ${line}`) },
  { weight: 6, arbitrary: counted('ack some=', 0) },
  { weight: 2, arbitrary: fc.constant('request') },
  { weight: 3, arbitrary: fc.constant('lose-transport') },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'drain',
      'drain room=1',
      'drain room=2',
      'be-silent',
      'inactive',
      'active',
      'query-archive',
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom('close', 'request-close', 'refuse policy-violation', 'bind') },
]

const receivingLines: ReadonlyArray<Weighted> = [
  { weight: 4, arbitrary: counted('resume some=', 0) },
  { weight: 2, arbitrary: counted('resume room=2 some=', 0) },
  { weight: 2, arbitrary: fc.constantFrom('enable', 'enable resume', 'enable resume max=5', 'enable resume sm:2') },
  { weight: 1, arbitrary: fc.constant('resume h=0 previd=unknown') },
]

const initiatingLines: ReadonlyArray<Weighted> = [
  { weight: 4, arbitrary: fc.constant('request-resume') },
  { weight: 4, arbitrary: counted('resumed some=', 0) },
  { weight: 2, arbitrary: counted('resumed room=2 some=', 0) },
  { weight: 1, arbitrary: fc.constantFrom('failed item-not-found', 'failed item-not-found h=1') },
  { weight: 2, arbitrary: fc.constantFrom('request-enable resume', 'request-enable') },
  { weight: 2, arbitrary: fc.constantFrom('want', 'want', 'unreachable remote-server-timeout') },
  { weight: 2, arbitrary: fc.constantFrom('enabled', 'enabled resume id=peer-2', 'enabled resume id=peer-3 max=5') },
]

const rudeLines: ReadonlyArray<Weighted> = [
  { weight: 1, arbitrary: counted('ack +', 1) },
  { weight: 1, arbitrary: counted('ack -', 1) },
  { weight: 1, arbitrary: fc.constant('malformed-ack') },
  { weight: 1, arbitrary: counted('resume +', 1) },
]

/** Puts numbers in place of `#`, so that each name is used once. */
const numbered = (lines: ReadonlyArray<string>): Program => {
  let count = 0
  return lines.map(line =>
    line.replace(/#/g, () => {
      count += 1
      return String(count)
    }),
  )
}
