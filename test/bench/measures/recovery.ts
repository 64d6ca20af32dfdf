/** A start after `kill -9`, with very many sessions to recover. */
import { execFileSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { assertReceived, createWriter, hibernate, type Receiver, resumeAll } from '../load/receivers.js'
import { onCore, serverCore } from '../machine.js'
import type { Measure, Values } from '../measure.js'
import type { Beginning, PeerJournal } from '../peers/peer.js'
import type { Trial } from '../trial.js'

const sizes = {
  full: { few: 1000, many: 10_000 },
  quick: { few: 200, many: 1000 },
  smallest: { few: 2, many: 4 },
} as const
const queued = 20
const most = sizes.full.many.toLocaleString('en')

interface Recovered extends Beginning {
  readonly megabytes: number
  readonly bytesPerStanza: number
  readonly read: number
  readonly make: number
}

/** What the folder takes on the disk, in bytes. */
export const bytesOf = (folder: string): number =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map(name => statSync(join(folder, name)))
    .reduce((sum, { blocks }) => sum + blocks * 512, 0)

const recoverMain = fileURLToPath(new URL('recover-main.ts', import.meta.url))

/** What the journal alone takes, read beside the server that was killed: only today's packages can. */
const readAgain = ({ folder }: PeerJournal, what: 'read' | 'recover'): number => {
  const node = [process.execPath, '--import', import.meta.resolve('tsx'), recoverMain, folder, what]
  const [program = '', ...args] = [...onCore(serverCore), ...node]
  return Number(execFileSync(program, args))
}

const recover = async (trial: Trial, count: number): Promise<Recovered> => {
  const server = await trial.start({ users: 1 + count, watchLoop: true })
  const { journal } = server
  if (journal === undefined) throw new Error('sessions of this server end with it')
  const writer = await createWriter(server, 0)
  const receivers: ReadonlyArray<Receiver> = await hibernate(server, 1, count, trial.progress)
  const before = bytesOf(journal.folder)
  trial.progress(`queues ${queued} for each of ${count}`)
  await writer.queue(receivers, queued)
  const bytes = bytesOf(journal.folder)
  await writer.session.cut()
  trial.progress('is killed, and begins again')
  const begun = await journal.beginAgain()
  const [read, make] = trial.subject === 'base' ? [Number.NaN, Number.NaN] : readTwice(journal)
  await resumeAll(receivers)
  await assertReceived(receivers, queued)
  await server.stop()
  return {
    ...begun,
    megabytes: bytes / 1024 ** 2,
    bytesPerStanza: (bytes - before) / (count * queued),
    read,
    make,
  }
}

const readTwice = (journal: PeerJournal): readonly [number, number] => {
  const read = readAgain(journal, 'read')
  return [read, readAgain(journal, 'recover') - read]
}

/** How long it takes to begin again where there is nothing to recover. */
const beginOfNothing = async (trial: Trial): Promise<Beginning> => {
  const server = await trial.start({ users: 1, watchLoop: true })
  const begun = await server.journal?.beginAgain()
  await server.stop()
  return begun ?? { milliseconds: 0, busy: 0, blocked: 0 }
}

export const recovery: Measure = {
  name: 'recovery',
  title: 'Recovery after `kill -9`',
  how: `${sizes.full.few.toLocaleString('en')}, then ${most} hibernating sessions with ${queued} messages each; from the start of the process until it listens, less what that takes with nothing to recover. All resume afterwards, and have their messages once and in order. The loop is watched from inside, from the first moment on. \`reading\` and \`making\`: the journal alone, by today's packages in a process of their own.`,
  figures: [
    { key: 'milliseconds', title: `recovery of ${most} sessions of ${queued}`, unit: 'ms', better: 'less', digits: 0 },
    { key: 'busy', title: 'its CPU', unit: 'ms', better: 'less', digits: 0 },
    {
      key: 'blocked',
      title: 'loop blocked at most, recovery',
      unit: 'ms',
      better: 'less',
      digits: 0,
      targets: { value: 50 },
    },
    {
      key: 'growth',
      title: `CPU a session, ${most} to 1,000`,
      unit: '',
      better: 'less',
      digits: 2,
      targets: { value: 1.5 },
    },
    { key: 'read', title: 'CPU of reading the journal', unit: 'ms', better: 'less', digits: 0 },
    { key: 'make', title: 'CPU of making the sessions', unit: 'ms', better: 'less', digits: 0 },
    { key: 'megabytes', title: 'data folder', unit: 'MB', better: 'less', digits: 0 },
    { key: 'bytesPerStanza', title: 'disk a queued stanza', unit: 'B', better: 'less', digits: 0 },
  ],
  subjects: ['today', 'base'],
  pairs: 2,
  seconds: { full: 120, quick: 40, smallest: 15 },
  run: async (trial, size): Promise<Values> => {
    const { few, many } = sizes[size]
    trial.progress('begins where nothing is to be recovered')
    const nothing = await beginOfNothing(trial)
    const small = await recover(trial, few)
    const large = await recover(trial, many)
    const { read, make, megabytes, bytesPerStanza, blocked } = large
    return {
      milliseconds: large.milliseconds - nothing.milliseconds,
      busy: large.busy - nothing.busy,
      blocked,
      growth: (large.busy - nothing.busy) / many / ((small.busy - nothing.busy) / few),
      ...(Number.isNaN(read) ? {} : { read, make }),
      megabytes,
      bytesPerStanza,
    }
  },
}
