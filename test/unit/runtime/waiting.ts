/**
 * Lets 96 MB of stanzas wait for a hibernating session whose journal is in the environment of the first argument, with
 * the durability of the second; then begins again on the same data. Prints what waits, both times.
 */
import { defaultConfig } from '@smacks/core'
import { journalLmdb, openEnvironment } from '@smacks/journal-lmdb'
import { offlineLmdb } from '@smacks/offline-lmdb'
import { createRuntime, type Runtime } from '@smacks/runtime'
import { createTurns } from '@smacks/timers-host'
import { idlePorts } from '../../support/idle-ports.js'
import { textPayload } from '../journal-lmdb/text-payload.js'
import { events } from './world.js'

const [path = '', durability] = process.argv.slice(2)
const survives = durability === 'disk' ? 'disk' : 'process'
const account = 'romeo@example.org'
const stanzas = 1_500
const inOneTurn = 10
const nothing = (): void => {}

const onFault = (error: unknown): void => {
  throw error
}

const open = () => {
  const env = openEnvironment({ path, durability: survives })
  const payload = { encode: (text: string) => text, decode: (text: string) => text }
  const offline = offlineLmdb({ env, payload, onBadRecord: onFault })
  const journal = journalLmdb({
    env,
    durability: survives,
    offline,
    payload: textPayload,
    absent: '',
    onBadRecord: onFault,
    logBound: 4 * 1024 * 1024,
  })
  const runtime: Runtime<string> = createRuntime<string>({
    config: defaultConfig,
    ports: { ...idlePorts(3_000), turns: createTurns(), journal },
    application: () => ({
      deliver: nothing,
      returnToSender: nothing,
      redeliver: nothing,
      sessionEnded: nothing,
    }),
    onFault,
    onStall: onFault,
    onRecovery: nothing,
  })
  return { env, journal, runtime }
}

const tell = (runtime: Runtime<string>): void => {
  for (const session of runtime.account(account).sessions)
    if (session._tag === 'Hibernating')
      process.stdout.write(`${session.outbound.unacked.length} wait, ${session.outbound.spilled} of them in storage\n`)
}

const first = open()
first.runtime.recover()
const c1 = events()
for (const event of [c1.bound(), c1.enable(), c1.lost()]) first.runtime.dispatch(account, event)
for (let number = 0; number < stanzas; number += inOneTurn) {
  for (let index = 0; index < inOneTurn; index += 1)
    first.runtime.dispatch(account, c1.submitted(`${number + index} `.padEnd(64 * 1024, 'x')))
  await first.runtime.committed()
}
tell(first.runtime)
await first.journal.close()
await first.env.close()

const second = open()
second.runtime.recover()
await second.runtime.committed()
tell(second.runtime)
await second.journal.close()
await second.env.close()
