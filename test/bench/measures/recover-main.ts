/**
 * Reads the journal in the data folder that is its first argument, as a server does when it begins, and changes nothing.
 * The second argument says how far it goes: it reads, or it recovers all sessions. Prints the milliseconds of processor
 * time.
 */
import { Stanza } from '@smacks/codec'
import { defaultConfig } from '@smacks/core'
import { journalLmdb, openEnvironment } from '@smacks/journal-lmdb'
import { createRuntime } from '@smacks/runtime'
import { hostClock } from '@smacks/timers-host'
import { right } from 'fp-ts/lib/Either.js'
import { idlePorts } from '../../support/idle-ports.js'

const nothing = (): void => {}

const fail = (fault: unknown): never => {
  throw new Error(`the journal cannot be read: ${JSON.stringify(fault)} ${fault}`)
}

const env = openEnvironment({ path: process.argv[2] ?? '', durability: 'process' })
const journal = journalLmdb<Stanza>({
  env,
  durability: 'process',
  offline: { apply: nothing, count: () => 0, usage: () => ({ count: 0, size: 0 }), read: () => [] },
  payload: { encode: stanza => stanza.xml, decode: xml => right(Stanza.fromXml(String(xml))) },
  absent: Stanza.fromXml('<message/>'),
  onBadRecord: fail,
})
const runtime = createRuntime<Stanza>({
  config: defaultConfig,
  ports: { ...idlePorts(0), clock: hostClock, turns: { atEnd: nothing }, journal },
  application: () => ({ deliver: nothing, returnToSender: nothing, redeliver: nothing, sessionEnded: nothing }),
  onFault: fail,
  onStall: fail,
  onRecovery: nothing,
})

const milliseconds = (act: () => void): number => {
  const before = process.cpuUsage()
  act()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

const readAll = (): void => {
  for (const entry of journal.sessions?.recover() ?? []) if (entry._tag === 'Undecodable') fail(entry)
}

// As a process that begins: nothing is compiled yet, so each is measured in a process of its own.
const result = process.argv[3] === 'read' ? milliseconds(readAll) : milliseconds(() => void runtime.recover())
process.stdout.write(`${result}\n`)
// Nothing is committed: the turn that would do it never ends.
process.exit(0)
