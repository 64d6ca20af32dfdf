/** How many steps the core makes, without any shell. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Account, Event, StanzaFacts } from '@smacks/core'
import { builds, headlinePairs, type Measure, type Size } from '../measure.js'
import { cpuSecondsOf } from './cpu-seconds.js'

/** Of the build that is measured, which may be an old one. */
type Core = Pick<typeof import('@smacks/core'), 'defaultConfig' | 'emptyAccount' | 'step'>

const facts: StanzaFacts = { name: 'message', type: 'chat', from: 'a@localhost/load', to: 'b@localhost/load' }
const stanza = '<message/>'
const at = 1_700_000_000_000
const session = { resource: 'load', connection: 'c1' }

const many = 10_000
const sizes = {
  full: { warm: 1.5, measure: 5, accounts: many },
  quick: { warm: 0.5, measure: 1, accounts: many },
  smallest: { warm: 0, measure: 0.05, accounts: 50 },
} as const satisfies Readonly<Record<Size, object>>

export const coreSteps: Measure = {
  name: 'core',
  title: 'Steps of the core',
  how: `in a process of its own, on the core of the load: eight stanzas come and eight go, the peer asks once and acks twice, again and again; of one account, and of ${many.toLocaleString('en')} in turn, as a server has them. Processor time, garbage collection among it.`,
  figures: [
    {
      key: 'one',
      title: 'steps of the core a second of CPU, one account',
      unit: '1/s',
      better: 'more',
      digits: 0,
      targets: { base: 2.5 },
    },
    {
      key: 'many',
      title: 'steps of the core a second of CPU, 10,000 accounts',
      unit: '1/s',
      better: 'more',
      digits: 0,
      targets: { base: 2.5 },
    },
  ],
  subjects: builds,
  pairs: headlinePairs,
  seconds: { full: 18, quick: 6, smallest: 2 },
  run: async (trial, size) => {
    const core: Core = await import(pathToFileURL(join(trial.build, 'packages/core/dist/index.js')).href)
    const { warm, measure, accounts } = sizes[size]
    trial.progress('one account')
    const one = stepsPerSecond(core, 1, warm, measure)
    trial.progress(`${accounts} accounts`)
    return { one, many: stepsPerSecond(core, accounts, warm, measure) }
  },
}

const stepsPerSecond = (core: Core, count: number, warm: number, measure: number): number => {
  const advance = core.step(core.defaultConfig)
  const accounts = Array.from({ length: count }, () => opened(core))
  let rounds = 0
  let effects = 0

  /** Eight stanzas come and eight go, the peer asks once and acks twice: 19 steps of each account. */
  const round = (): number => {
    let steps = 0
    for (let index = 0; index < count; index += 1) {
      let account = accounts[index] ?? opened(core)
      const take = (event: Event<string>): void => {
        const [next, caused] = advance(account, event)
        account = next
        effects += caused.length
        steps += 1
      }
      for (let half = 1; half <= 2; half += 1) {
        for (let times = 0; times < 4; times += 1) {
          take({ _tag: 'StanzaReceived', at, ...session, stanza })
          take({ _tag: 'StanzaSubmitted', at, resource: 'load', stanza, facts })
        }
        take({ _tag: 'AckReceived', at, ...session, version: 'urn:xmpp:sm:3', h: rounds * 8 + half * 4 })
      }
      take({ _tag: 'RequestReceived', at, ...session, version: 'urn:xmpp:sm:3' })
      accounts[index] = account
    }
    rounds += 1
    return steps
  }

  const run = (seconds: number): number => {
    const elapsed = cpuSecondsOf()
    let steps = 0
    do steps += round()
    while (elapsed() < seconds)
    return steps / elapsed()
  }

  run(warm)
  const result = run(measure)
  assertRun(accounts, rounds, effects)
  return result
}

const opened = (core: Core): Account<string> => {
  const advance = core.step(core.defaultConfig)
  const [bound] = advance<string>(core.emptyAccount, { _tag: 'SessionBound', at, ...session })
  const enable = {
    _tag: 'EnableReceived',
    at,
    ...session,
    version: 'urn:xmpp:sm:3',
    resume: true,
    freshId: 'id',
  } as const
  return advance(bound, enable)[0]
}

/** The work was done: all was counted, acked and told. */
const assertRun = (accounts: ReadonlyArray<Account<string>>, rounds: number, effects: number): void => {
  for (const account of accounts) {
    const [active] = account.sessions
    const isRight =
      active?._tag === 'Active' && active.inbound.handled === rounds * 8 && active.outbound.unacked.length === 0
    if (!isRight) throw new Error('the core did not count what it was given')
  }
  // Each stanza that came is delivered, each that goes is sent, each request is answered.
  if (effects < rounds * accounts.length * 17) throw new Error('the core did not tell what is to be done')
}
