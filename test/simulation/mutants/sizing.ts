/** Faults in what is bounded in bytes. */
import type { Mutant } from './mutant.js'

export const sizing: ReadonlyArray<Mutant> = [
  {
    name: 'a queue may have any number of bytes',
    file: 'session/ceiling.ts',
    text: ' || unackedBytes(outbound) > config.maxQueueBytes',
    replacement: '',
    harm: 'a client that never acks fills the disk',
  },
  {
    name: 'the sessions of an account may have any number of bytes together',
    file: 'account/limits.ts',
    text: 'let excess = queuedBytes(account) - config.maxAccountQueueBytes',
    replacement: 'let excess = 0 * queuedBytes(account)',
    harm: 'whoever opens many sessions may have many times as much',
  },
  {
    name: 'too many bytes end all sessions',
    file: 'account/limits.ts',
    text: 'if (excess <= 0) break',
    replacement: '',
    harm: 'devices that read are thrown out because one does not',
  },
  {
    name: 'too many bytes end who began to wait last',
    file: 'account/limits.ts',
    text: '...hibernating.sort((one, other) => one.since - other.since),',
    replacement: '...hibernating.sort((one, other) => other.since - one.since),',
    harm: 'the device that comes back in a moment is the one that cannot resume',
  },
  {
    name: 'what is acked goes on counting',
    file: 'session/sizes.ts',
    text: 'if (sizes === undefined || count === 0) return sizes',
    replacement: 'return sizes',
    harm: 'every client is thrown out once it got so much in all',
  },
  {
    name: 'what is superseded goes on counting',
    file: 'session/sizes.ts',
    text: 'if (isIn) removed = chunk.count === 1 ? chunk.size : size',
    replacement: 'removed = 0',
    harm: 'contacts who come and go end the session of a client that is away',
  },
]
