/** All metrics of this project, by name. The README has the table of them. */
import { type Census, type Counts, type Peer, peers, phases } from './census.js'
import { by, counter, type Family, gauge, histogram, type Sample } from './family.js'
import type { LoopTally } from './loop-tally.js'
import type { Tally } from './tally.js'

/** The connections of one kind of peer. */
export interface Lines {
  readonly peer: Peer
  /** How many there are. */
  readonly connections: () => number
  /** Bytes of their streams, since the process began. */
  readonly traffic: () => { readonly received: number; readonly sent: number }
}

export interface FamiliesOptions {
  readonly tally: Tally
  readonly loop: LoopTally
  readonly lines: ReadonlyArray<Lines>
  readonly isReady: () => boolean
  readonly version: string
  /** What was counted last. */
  readonly census: () => Census
}

export const familiesOf = (options: FamiliesOptions): ReadonlyArray<Family> => [
  ...ofProcess(options),
  ...ofSessions(options),
  ...ofQueues(options),
  ...ofStanzas(options),
  ...ofJournal(options),
  ...ofLines(options),
]

const ofProcess = ({ loop, isReady, version }: FamiliesOptions): ReadonlyArray<Family> => [
  gauge('smacks_build_info', 'Always 1; the label says which version runs.', () => [{ labels: { version }, value: 1 }]),
  gauge('smacks_ready', '1 if the server serves, else 0; /readyz says why not.', () => (isReady() ? 1 : 0)),
  counter('smacks_faults_total', 'Faults of the server itself; the log has each.', () => loop.faults),
  counter('smacks_authentication_failures_total', 'Logins, and other servers, that were refused.', () =>
    by('reason', loop.authenticationFailures),
  ),
]

const ofSessions = ({ census, tally }: FamiliesOptions): ReadonlyArray<Family> => [
  gauge('smacks_sessions', 'Sessions by phase; those with servers are links.', () =>
    peers.flatMap(peer =>
      phases.map(phase => ({ labels: { peer, phase: phase.toLowerCase() }, value: census()[peer].sessions[phase] })),
    ),
  ),
  counter('smacks_sessions_started_total', 'Sessions that began.', () => tally.sessionsStarted),
  counter('smacks_sessions_ended_total', 'Sessions that ended.', () =>
    by('reason', Object.entries(tally.sessionsEnded)),
  ),
  counter(
    'smacks_hibernations_total',
    'Sessions that lost their line and wait for a resumption.',
    () => tally.hibernations,
  ),
  counter('smacks_resumptions_total', 'Sessions that were resumed.', () => tally.resumptions),
  counter('smacks_resumption_refusals_total', 'Resumptions that were refused.', () =>
    by('condition', Object.entries(tally.resumptionRefusals)),
  ),
  counter('smacks_enable_refusals_total', 'Stream management that was refused.', () =>
    by('condition', Object.entries(tally.enableRefusals)),
  ),
]

const ofQueues = ({ census, tally }: FamiliesOptions): ReadonlyArray<Family> => {
  const each = (count: (counts: Counts) => number): ReadonlyArray<Sample> =>
    by(
      'peer',
      peers.map(peer => [peer, count(census()[peer])]),
    )
  return [
    gauge('smacks_unacked_stanzas', 'Stanzas in the queues of sessions, in memory or in storage.', () =>
      each(({ unacked }) => unacked),
    ),
    gauge('smacks_spilled_stanzas', 'Those of them that lie in storage.', () => each(({ spilled }) => spilled)),
    gauge('smacks_unacked_bytes', 'Bytes of the unacked stanzas.', () => each(({ bytes }) => bytes)),
    histogram('smacks_queue_age_seconds', 'How long the oldest stanza that an h covers had waited.', tally.queueAge),
    histogram('smacks_ack_latency_seconds', 'From an <r/> to the <a/> that answers it.', tally.ackLatency),
    counter(
      'smacks_ack_delays_total',
      'Times that an <r/> was unanswered for smacks_max_ack_delay.',
      () => tally.ackDelays,
    ),
  ]
}

const ofStanzas = ({ tally }: FamiliesOptions): ReadonlyArray<Family> => [
  counter(
    'smacks_stanzas_received_total',
    'Stanzas that came from peers and were taken.',
    () => tally.stanzas.received,
  ),
  counter('smacks_stanzas_sent_total', 'Stanzas that were sent to peers, each time.', () => tally.stanzas.sent),
  counter('smacks_stanzas_resent_total', 'Those that were sent after a resumption.', () => tally.stanzas.resent),
  counter('smacks_stanza_fates_total', 'What became of stanzas that sessions were to deliver.', () =>
    by('fate', Object.entries(tally.fates)),
  ),
  counter('smacks_acks_total', 'Elements <a/>.', () => by('direction', Object.entries(tally.acks))),
  counter('smacks_ack_requests_total', 'Elements <r/>.', () => by('direction', Object.entries(tally.requests))),
]

const ofJournal = ({ loop }: FamiliesOptions): ReadonlyArray<Family> => [
  histogram('smacks_commit_duration_seconds', 'Time until a batch was durable.', loop.commitDuration),
  histogram('smacks_commit_changes', 'Changes in one batch.', loop.commitChanges),
  counter('smacks_commit_failures_total', 'Batches that could not be committed, each time.', () => loop.commitFailures),
  counter('smacks_journal_stalls_total', 'Times that the journal became unwritable.', () => loop.stalls),
  gauge('smacks_journal_stalled', '1 while the journal cannot be written, else 0.', () => (loop.isStalled ? 1 : 0)),
]

const ofLines = ({ lines }: FamiliesOptions): ReadonlyArray<Family> => {
  const each = (value: (lines: Lines) => number): ReadonlyArray<Sample> =>
    by(
      'peer',
      lines.map(one => [one.peer, value(one)]),
    )
  return [
    gauge('smacks_connections', 'Connections that stand.', () => each(({ connections }) => connections())),
    counter('smacks_received_bytes_total', 'Bytes of streams that came, inside TLS.', () =>
      each(({ traffic }) => traffic().received),
    ),
    counter('smacks_sent_bytes_total', 'Bytes of streams that were written, inside TLS.', () =>
      each(({ traffic }) => traffic().sent),
    ),
  ]
}
