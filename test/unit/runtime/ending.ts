/**
 * Lets 96 MB of stanzas wait for a hibernating session whose journal is in the environment of the first argument, with
 * the durability of the second; then the session ends, as the third says: `at once`; or `after a restart`; or the process
 * `is killed` between two pages of what is settled, and another one `goes on`. Prints how much is stored in the end, and
 * whether in order.
 */
import { type Account, defaultConfig, type Event } from '@smacks/core'
import { journalLmdb, openEnvironment } from '@smacks/journal-lmdb'
import { offlineLmdb } from '@smacks/offline-lmdb'
import { createRuntime, type Runtime } from '@smacks/runtime'
import { createTurns } from '@smacks/timers-host'
import { idlePorts } from '../../support/idle-ports.js'
import { textPayload } from '../journal-lmdb/text-payload.js'
import { events } from './world.js'

const [path = '', durability, how = 'at once'] = process.argv.slice(2)
const survives = durability === 'disk' ? 'disk' : 'process'
const account = 'romeo@example.org'
const stanzas = 1_500
const inOneTurn = 10
const nothing = (): void => {}

const onFault = (error: unknown): void => {
  throw error
}

/** Pages that are settled before the process is gone. */
const pages = how === 'is killed' ? 20 : Number.POSITIVE_INFINITY

const open = () => {
  const env = openEnvironment({ path, durability: survives })
  const payload = { encode: (text: string) => text, decode: (text: string) => text }
  const offline = offlineLmdb({ env, payload, onBadRecord: onFault })
  const inner = journalLmdb({
    env,
    durability: survives,
    offline,
    payload: textPayload,
    absent: '',
    onBadRecord: onFault,
    logBound: 4 * 1024 * 1024,
  })
  let settled = 0
  const journal: typeof inner = {
    ...inner,
    commit: batch => {
      if (batch.some(change => change._tag === 'EventLogged' && change.event._tag === 'QueueSettled')) settled += 1
      if (settled > pages) process.kill(process.pid, 'SIGKILL')
      return inner.commit(batch)
    },
  }
  const runtime: Runtime<string> = createRuntime<string>({
    // The whole 96 MB are to wait.
    config: { ...defaultConfig, maxQueueBytes: 2 ** 30, maxAccountQueueBytes: 2 ** 30 },
    ports: { ...idlePorts(3_000), turns: createTurns(), journal },
    application: () => ({
      deliver: nothing,
      returnToSender: nothing,
      redeliver: nothing,
      sessionEnded: (_, resource, reason) => void process.stdout.write(`${resource} ended: ${reason}\n`),
    }),
    sizeOf: text => text.length,
    onFault,
    onStall: nothing,
    onRecovery: nothing,
  })
  runtime.recover()
  return { env, journal, offline, runtime }
}

const expiry = ({ sessions }: Account<string>): Event<string> => {
  const [session] = sessions
  const due = session?._tag === 'Hibernating' ? session.deadlines.hibernation : undefined
  if (due === undefined) throw new Error('no session waits')
  return { _tag: 'TimerFired', at: due, resource: 'orchard', timer: 'hibernation', due }
}

const close = async ({ journal, env }: ReturnType<typeof open>): Promise<void> => {
  await journal.close()
  await env.close()
}

const fill = async ({ runtime }: ReturnType<typeof open>): Promise<void> => {
  const c1 = events()
  for (const event of [c1.bound(), c1.enable(), c1.lost()]) runtime.dispatch(account, event)
  for (let number = 0; number < stanzas; number += inOneTurn) {
    for (let index = 0; index < inOneTurn; index += 1)
      runtime.dispatch(account, c1.submitted(`${number + index} `.padEnd(64 * 1024, 'x')))
    await runtime.committed()
  }
}

let world = open()
if (how !== 'goes on') {
  await fill(world)
  if (how === 'after a restart') {
    await close(world)
    world = open()
  }
  world.runtime.dispatch(account, expiry(world.runtime.account(account)))
}
await world.runtime.committed()
let [count, after, isInOrder] = [0, 0, true]
for (;;) {
  const page = world.offline.read(account, 10, after)
  for (const { key, stanza } of page) {
    isInOrder &&= stanza.startsWith(`${count} `)
    after = key
    count += 1
  }
  if (page.length === 0) break
}
const { sessions, settlements } = world.runtime.account(account)
process.stdout.write(`${count} stored, ${isInOrder ? 'in order' : 'NOT in order'}; `)
process.stdout.write(`${sessions.length} sessions, ${settlements === undefined ? 'nothing' : 'something'} to settle\n`)
await close(world)
process.exit(0)
