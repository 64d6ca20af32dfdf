/**
 * What the journal of sessions costs: on disk, in memory, and when the server begins again after `kill -9`. Each stanza
 * that was queued must be there afterwards, once and in order, or the run does not count.
 */
import type { Peer } from '../peers/peer.js'
import { anonymousOfTree } from '../proc.js'
import type { Effort, Progress } from './measure.js'
import { cutAll, openReceivers, queueFor, type Receiver, resumeAll, waitFor } from './sessions.js'

export interface JournalResult {
  /** From the start of the process until it listens, with 20 stanzas in each of 10,000 sessions, in ms; scaled to that. */
  readonly recovery: number
  /** By which the data file grew for each stanza that was queued: log, kept stanzas and free pages. */
  readonly bytesPerStanza: number
  /** Memory that is not files', for each of a few sessions with `many` stanzas queued, in kB. */
  readonly hibernatingMany: number
}

const queued = 20
const many = 10_000
const sessionsWithMany = 20
const sessionsOfResult = 10_000

/** Nothing of a server that keeps no sessions. */
export const measureJournal = async (
  peer: Peer,
  effort: Effort,
  progress: Progress,
): Promise<Partial<JournalResult>> => {
  const count = effort.sessions
  progress('starts')
  const server = await peer.start(count + sessionsWithMany + 1)
  const { journal } = server
  try {
    if (journal === undefined) return {}
    const [writer] = await openReceivers(server, 0, 1)
    if (writer === undefined) throw new Error('no writer')
    const receivers = await openReceivers(server, 1, count)
    await cutAll(receivers)

    progress(`queues ${queued} stanzas for each of ${count}`)
    const bytesBefore = journal.bytes()
    await queueFor(writer.session, receivers, queued)
    const bytesPerStanza = (journal.bytes() - bytesBefore) / (count * queued)

    progress('is killed, and begins again')
    const emptyMilliseconds = await startOfNothing(peer)
    await writer.session.cut()
    const milliseconds = await journal.beginAgain()
    await resumeAll(receivers)
    await assertAll(receivers, queued)
    const recovery = ((milliseconds - emptyMilliseconds) / count) * sessionsOfResult

    progress(`queues ${many} stanzas for each of ${sessionsWithMany}`)
    await writer.session.resume()
    const few = await openReceivers(server, count + 1, sessionsWithMany)
    await cutAll(few)
    await server.collectGarbage()
    const memoryBefore = anonymousOfTree(journal.pid())
    await queueFor(writer.session, few, many, count * queued)
    await server.collectGarbage()
    const hibernatingMany = (anonymousOfTree(journal.pid()) - memoryBefore) / sessionsWithMany
    return { recovery, bytesPerStanza, hibernatingMany }
  } finally {
    await server.stop()
  }
}

/** How long it takes to begin again where there is nothing to recover. */
const startOfNothing = async (peer: Peer): Promise<number> => {
  const server = await peer.start(1)
  try {
    return (await server.journal?.beginAgain()) ?? 0
  } finally {
    await server.stop()
  }
}

const assertAll = async (receivers: ReadonlyArray<Receiver>, expected: number): Promise<void> => {
  await waitFor(() => receivers.every(({ received }) => received >= expected), 'the queued stanzas')
  for (const { received, outOfOrder, session } of receivers)
    if (received !== expected || outOfOrder)
      throw new Error(`${session.jid()} has ${received} of ${expected} messages after the restart`)
}
