/** How many steps the core makes in a second, without any shell. */
import { type Account, defaultConfig, type Event, emptyAccount, type StanzaFacts, step } from '@smacks/core'
import type { Effort, Progress } from './measure.js'

export interface CoreResult {
  /** One account, again and again. */
  readonly hotStepsPerSecond: number
  /** Ten thousand accounts in turn, as a server has them. */
  readonly manyStepsPerSecond: number
}

const facts: StanzaFacts = { name: 'message', type: 'chat', from: 'a@localhost/load', to: 'b@localhost/load' }
const stanza = '<message/>'
const at = 1_700_000_000_000
const session = { resource: 'load', connection: 'c1' }

export const measureCore = (effort: Effort, progress: Progress): CoreResult => {
  progress('one account')
  const hotStepsPerSecond = stepsPerSecond(1, effort)
  progress('ten thousand accounts')
  return { hotStepsPerSecond, manyStepsPerSecond: stepsPerSecond(10_000, effort) }
}

const stepsPerSecond = (count: number, effort: Effort): number => {
  const advance = step(defaultConfig)
  const accounts = Array.from({ length: count }, () => opened())
  let rounds = 0
  let effects = 0

  /** Eight stanzas come and eight go, the peer asks once and acks twice: 19 steps of each account. */
  const round = (): number => {
    let steps = 0
    for (let index = 0; index < count; index += 1) {
      let account = accounts[index] ?? opened()
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
    const startedAt = performance.now()
    let steps = 0
    let elapsed = 0
    while (elapsed < seconds) {
      steps += round()
      elapsed = (performance.now() - startedAt) / 1000
    }
    return steps / elapsed
  }

  run(effort.warmSeconds / 2)
  const result = run(effort.measureSeconds / 2)
  assertRun(accounts, rounds, effects)
  return result
}

const opened = (): Account<string> => {
  const advance = step(defaultConfig)
  const [bound] = advance<string>(emptyAccount, { _tag: 'SessionBound', at, ...session })
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
