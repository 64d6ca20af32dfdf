/**
 * What we aim at, and what a quiet machine with two cores gave for the others: one core for the server, 20 pairs,
 * 100-byte bodies, windows of 100.
 */

/** One line of the table. `more` is better or `less`. */
export interface Metric {
  readonly key: string
  readonly label: string
  readonly better: 'less' | 'more'
  readonly digits: number
  /** Ours, with `durability = "process"`. */
  readonly aim: number
}

export const metrics: ReadonlyArray<Metric> = [
  { key: 'saturated.messagesPerSecond', label: 'saturated: messages/s', better: 'more', digits: 0, aim: 110_000 },
  { key: 'saturated.cpuPerMessage', label: 'saturated: CPU us/message', better: 'less', digits: 1, aim: 8 },
  { key: 'steady.cpuPerMessage', label: '2,000/s: CPU us/message', better: 'less', digits: 1, aim: 55 },
  { key: 'steady.p50', label: '2,000/s: p50 ms', better: 'less', digits: 2, aim: Number.NaN },
  { key: 'steady.p99', label: '2,000/s: p99 ms', better: 'less', digits: 2, aim: 3 },
  { key: 'single.p50', label: 'one at a time: p50 ms', better: 'less', digits: 2, aim: Number.NaN },
  { key: 'single.p99', label: 'one at a time: p99 ms', better: 'less', digits: 2, aim: Number.NaN },
  { key: 'storm.resumesPerSecond', label: 'storm: resumes/s', better: 'more', digits: 0, aim: 5000 },
  { key: 'storm.cpuPerResume', label: 'storm: CPU us/resume', better: 'less', digits: 0, aim: Number.NaN },
  { key: 'storm20.resumesPerSecond', label: 'storm, 20 queued: resumes/s', better: 'more', digits: 0, aim: 3000 },
  { key: 'storm20.cpuPerResume', label: 'storm, 20 queued: CPU us/resume', better: 'less', digits: 0, aim: Number.NaN },
  { key: 'connected.values', label: 'kB/connected session', better: 'less', digits: 1, aim: 12 },
  { key: 'hibernating.values', label: 'kB/hibernating session', better: 'less', digits: 1, aim: 4 },
  { key: 'hibernating20.values', label: 'kB/hibernating, 20 queued', better: 'less', digits: 1, aim: 4 },
  { key: 'connected.resident', label: 'resident kB/connected session', better: 'less', digits: 1, aim: Number.NaN },
  { key: 'hibernating.resident', label: 'resident kB/hibernating session', better: 'less', digits: 1, aim: Number.NaN },
  { key: 'hibernating20.resident', label: 'resident kB/20 queued', better: 'less', digits: 1, aim: Number.NaN },
  { key: 'waiting.none', label: 'journal: kB/hibernating session', better: 'less', digits: 1, aim: 4 },
  { key: 'waiting.twenty', label: 'journal: kB/20 queued', better: 'less', digits: 1, aim: 4 },
  { key: 'waiting.many', label: 'journal: kB/10,000 queued', better: 'less', digits: 1, aim: 4 },
  { key: 'bytesPerStanza', label: 'bytes on disk/queued stanza', better: 'less', digits: 0, aim: Number.NaN },
  { key: 'recovery.elapsed', label: 'recovery of 10,000 x 20: ms', better: 'less', digits: 0, aim: 5000 },
  { key: 'recovery.busy', label: '  CPU ms', better: 'less', digits: 0, aim: 5000 },
  { key: 'recovery.read', label: '  CPU ms, reading', better: 'less', digits: 0, aim: Number.NaN },
  { key: 'recovery.make', label: '  CPU ms, making sessions', better: 'less', digits: 0, aim: Number.NaN },
  { key: 'recovery.megabytes', label: '  MB of data file', better: 'less', digits: 0, aim: Number.NaN },
]

export const coreAims = {
  hotStepsPerSecond: 1_000_000,
  manyStepsPerSecond: 1_000_000,
  parsedPerSecond: Number.NaN,
  routedPerSecond: Number.NaN,
}
