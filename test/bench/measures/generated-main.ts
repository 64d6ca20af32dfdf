/** Usage: generated-main.ts COUNT. Makes so many hibernating sessions and prints what they cost (`Generated`), as JSON. */
import { defaultConfig } from '@smacks/core'
import { journalMemory } from '@smacks/journal-memory'
import { offlineMemory } from '@smacks/offline-memory'
import { createRuntime } from '@smacks/runtime'
import { createTimers, createTurns, hostClock } from '@smacks/timers-host'
import { idlePorts } from '../../support/idle-ports.js'
import { cpuSecondsOf } from './cpu-seconds.js'
import type { Generated } from './generated.js'

const count = Number(process.argv[2])
/** Messages to sessions all over the place, at most so many to each. */
const submitted = Math.min(20_000, count * 20)
/** Events of one turn of the loop. */
const turn = 100

const nothing = (): void => {}
const fail = (fault: unknown): never => {
  throw new Error(`the loop failed: ${fault}`)
}

const runtime = createRuntime<string>({
  config: defaultConfig,
  ports: {
    ...idlePorts(0),
    clock: hostClock,
    timers: createTimers(),
    turns: createTurns(),
    journal: journalMemory({ offline: offlineMemory<string>() }),
  },
  application: () => ({ deliver: nothing, returnToSender: nothing, redeliver: nothing, sessionEnded: nothing }),
  onFault: fail,
  onStall: fail,
  onRecovery: nothing,
})

/** Values in use, in kB. */
const inUse = (): number => {
  globalThis.gc?.()
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return (heapUsed + external) / 1024
}

const accountOf = (index: number): string => `user-${index}@localhost`

const make = (index: number): void => {
  const of = { at: hostClock.now(), resource: 'load', connection: `tcp-${index}` }
  runtime.dispatch(accountOf(index), { _tag: 'SessionBound', ...of })
  const version = 'urn:xmpp:sm:3'
  runtime.dispatch(accountOf(index), { _tag: 'EnableReceived', ...of, version, resume: true, freshId: `id-${index}` })
  runtime.dispatch(accountOf(index), { _tag: 'ConnectionLost', ...of })
}

const submit = (index: number): void => {
  const to = accountOf(index)
  const facts = { name: 'message', type: 'chat', from: 'somebody@localhost/load', to } as const
  const stanza = `<message to='${to}' type='chat'><body>${index}</body></message>`
  runtime.dispatch(to, { _tag: 'StanzaSubmitted', at: hostClock.now(), resource: 'load', stanza, facts })
}

/** Of processor time, in µs each. */
const costOf = async (times: number, act: (index: number) => void): Promise<number> => {
  const elapsed = cpuSecondsOf()
  for (let index = 0; index < times; index += 1) {
    act(index)
    if (index % turn === turn - 1) await runtime.committed()
  }
  await runtime.committed()
  return (elapsed() * 1e6) / times
}

/** Compiled, and large enough for what comes, before anything is measured; of accounts that are nobody else's. */
const warm = 500
await costOf(warm, index => {
  make(count + index)
  submit(count + index)
})

const before = inUse()
const makeCost = await costOf(count, make)
const kilobytes = (inUse() - before) / count
/** A prime number: neighbours of a message are nobody's neighbours in memory. */
const stride = 7919
const submitCost = await costOf(submitted, index => submit((index * stride) % count))

for (const index of [0, Math.floor(count / 2), count - 1]) {
  const [session] = runtime.account(accountOf(index)).sessions
  if (session?._tag !== 'Hibernating') fail(`session ${index} is ${session?._tag}`)
}
const waiting = Array.from({ length: count }, (_, index) => runtime.account(accountOf(index)).sessions[0])
const queued = waiting.reduce(
  (sum, session) => sum + (session?._tag === 'Hibernating' ? session.outbound.unacked.length : 0),
  0,
)
if (queued !== submitted) fail(`${queued} of ${submitted} messages wait`)
const result: Generated = { kilobytes, make: makeCost, submit: submitCost }
process.stdout.write(JSON.stringify(result))
process.exit(0)
