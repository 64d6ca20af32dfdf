/**
 * What the journal of sessions costs: on disk, in memory, and when the server begins again after `kill -9`. Each stanza
 * that was queued must be there afterwards, once and in order, or the run does not count.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Beginning, Peer, PeerJournal, RunningPeer } from '../peers/peer.js'
import type { Effort, Progress } from './measure.js'
import { cutAll, openReceivers, queueFor, type Receiver, resumeAll, waitFor } from './sessions.js'

export interface JournalResult {
  readonly recovery: Recovery
  /** By which the data file grew for each stanza that was queued: log, kept stanzas and free pages. */
  readonly bytesPerStanza: number
  /** What a hibernating session takes in memory, in kB, with nothing queued, with 20 stanzas, and with 10,000. */
  readonly waiting: { readonly none: number; readonly twenty: number; readonly many: number }
}

/** With 20 stanzas in each of 10,000 sessions, in ms; scaled to that. */
export interface Recovery {
  /** From the start of the process until it listens, less what that takes where there is nothing to recover. */
  readonly elapsed: number
  /** The same in processor time. */
  readonly busy: number
  /** Of that: reading the journal and decoding it; making the sessions of it. The rest is presence and timers. */
  readonly read: number
  readonly make: number
  /** The data file, in MB. */
  readonly megabytes: number
}

const queued = 20
const many = 10_000
const sessionsOfResult = 10_000
/** Sessions that see first what is measured later, so that what the server needs once is not counted. */
const warmSessions = 200
/** Connections at once while the sessions are made. */
const groupSize = 500

/** Nothing of a server that keeps no sessions. */
export const measureJournal = async (
  peer: Peer,
  effort: Effort,
  progress: Progress,
): Promise<Partial<JournalResult>> => {
  if (!peer.hasJournal) return {}
  const { recovered: count, withMany } = effort
  progress('starts')
  const server = await peer.start(1 + warmSessions + count, many)
  const { journal } = server
  try {
    if (journal === undefined) throw new Error('no journal')
    const [writer] = await openReceivers(server, 0, 1)
    if (writer === undefined) throw new Error('no writer')
    const bed: Bed = { server, journal, writer, progress, sent: 0 }
    const warm = await hibernate(bed, 1, warmSessions)
    await queue(bed, warm, queued)

    const before = await valuesOf(server)
    const receivers = await hibernate(bed, 1 + warmSessions, count)
    const none = ((await valuesOf(server)) - before) / count
    const bytesBefore = journal.bytes()
    await queue(bed, receivers, queued)
    const bytesPerStanza = (journal.bytes() - bytesBefore) / (count * queued)
    const twenty = ((await valuesOf(server)) - before) / count

    await writer.session.cut()
    const recovery = await measureRecovery(peer, bed, [...warm, ...receivers])
    await writer.session.resume()
    const more = await measureMany(bed, receivers.slice(0, withMany + 1))
    return { recovery, bytesPerStanza, waiting: { none, twenty, many: none + more } }
  } finally {
    await server.stop()
  }
}

interface Bed {
  readonly server: RunningPeer
  readonly journal: PeerJournal
  readonly writer: Receiver
  readonly progress: Progress
  /** By the writer, in all. */
  sent: number
}

/** So many sessions, from the user of this number on, that hibernate. */
const hibernate = async ({ server, progress }: Bed, first: number, count: number): Promise<ReadonlyArray<Receiver>> => {
  const all: Array<Receiver> = []
  while (all.length < count) {
    progress(`${all.length} of ${count} sessions hibernate`)
    const some = await openReceivers(server, first + all.length, Math.min(groupSize, count - all.length))
    await cutAll(some)
    all.push(...some)
  }
  return all
}

const queue = async (bed: Bed, receivers: ReadonlyArray<Receiver>, each: number): Promise<void> => {
  bed.progress(`queues ${each} stanzas for each of ${receivers.length}`)
  await queueFor(bed.writer.session, receivers, each, bed.sent)
  bed.sent += receivers.length * each
}

/** Kills the server while these have 20 stanzas each, and sees that all of them are there again. */
const measureRecovery = async (
  peer: Peer,
  { journal, progress }: Bed,
  receivers: ReadonlyArray<Receiver>,
): Promise<Recovery> => {
  const megabytes = journal.bytes() / 1024 ** 2
  progress('begins where nothing is to be recovered')
  const empty = await startOfNothing(peer)
  progress('is killed, and begins again')
  const begun = await journal.beginAgain()
  progress('the journal is read once more, alone')
  const [read, recovered] = [await journal.readAgain('read'), await journal.readAgain('recover')]
  await resumeAll(receivers)
  await assertAll(receivers, queued)
  const scale = sessionsOfResult / receivers.length
  return {
    elapsed: (begun.elapsed - empty.elapsed) * scale,
    busy: (begun.busy - empty.busy) * scale,
    read: read * scale,
    make: (recovered - read) * scale,
    megabytes: megabytes * scale,
  }
}

/** How long it takes to begin again where there is nothing to recover. */
const startOfNothing = async (peer: Peer): Promise<Beginning> => {
  const server = await peer.start(1)
  try {
    return (await server.journal?.beginAgain()) ?? { elapsed: 0, busy: 0 }
  } finally {
    await server.stop()
  }
}

/** What 10,000 stanzas add to each session that they wait for, in kB. The first of the sessions only warms up. */
const measureMany = async (bed: Bed, receivers: ReadonlyArray<Receiver>): Promise<number> => {
  await cutAll(receivers)
  for (const receiver of receivers) receiver.received = 0
  await queue(bed, receivers.slice(0, 1), many)
  const before = await valuesOf(bed.server)
  await queue(bed, receivers.slice(1), many)
  const more = ((await valuesOf(bed.server)) - before) / (receivers.length - 1)
  bed.progress('all of that is fetched')
  await resumeAll(receivers)
  await assertAll(receivers, many)
  return more
}

const valuesOf = async (server: RunningPeer): Promise<number> => {
  await sleep(500)
  const values = await server.collectGarbage()
  if (values === undefined) throw new Error('a server with a journal does not tell what its values take')
  return values
}

const assertAll = async (receivers: ReadonlyArray<Receiver>, expected: number): Promise<void> => {
  await waitFor(() => receivers.every(({ received }) => received >= expected), 'the queued stanzas')
  for (const { received, outOfOrder, session } of receivers)
    if (received !== expected || outOfOrder)
      throw new Error(`${session.jid()} has ${received} of ${expected} messages after the restart`)
}
