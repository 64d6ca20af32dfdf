/** Faults in what becomes of an account when its options change, and in limits that hold at other times too. */
import type { Mutant } from './mutant.js'

export const configuring: ReadonlyArray<Mutant> = [
  {
    name: 'limits do not hold when options change',
    file: 'account/bounded.ts',
    text: 'if (config.limitsAlwaysHold) return enforceLimits(config, event.at, handled)',
    replacement:
      "if (config.limitsAlwaysHold && event._tag !== 'ConfigChanged') return enforceLimits(config, event.at, handled)",
    harm: 'an operator lowers a limit, and nothing comes of it',
  },
  {
    name: 'limits do not hold when the server starts again',
    file: 'account/bounded.ts',
    text: 'if (config.limitsAlwaysHold) return enforceLimits(config, event.at, handled)',
    replacement:
      "if (config.limitsAlwaysHold && event._tag !== 'ServerRestarted') return enforceLimits(config, event.at, handled)",
    harm: 'after a restart a user has more sessions than allowed',
  },
  {
    name: 'a change of options is made under the old ones',
    file: 'step.ts',
    text: "event._tag === 'ConfigChanged' ? event.config : given",
    replacement: 'given',
    harm: 'what the new options forbid goes on',
  },
  {
    name: 'counts of old sessions stay when fewer are allowed',
    file: 'account/limits.ts',
    text: 'oldSessions: oldSessions.slice(0, maxOldSessions) }',
    replacement: 'oldSessions }',
    harm: 'the limit does not hold',
  },
  {
    name: 'sessions that have no more than allowed end as well',
    file: 'account/limits.ts',
    text: "return 'outbound' in session && isAboveCeiling(config, session.outbound)\n    ? tooMuch",
    replacement: "return 'outbound' in session\n    ? tooMuch",
    harm: 'all sessions end when a limit is lowered',
  },
  {
    name: 'no ack is asked for when fewer may be unacked',
    file: 'account/reconfigure.ts',
    text: "const [asked, effects] = askForAck(config, quiet, at, 'due')",
    replacement: 'const [asked, effects] = [quiet, []] as const',
    harm: 'memory stays as full as under the old options',
  },
  {
    name: 'a session of a client becomes one of ours',
    file: 'session/hibernating.ts',
    text: "isInitiating(session) ? resumeOn(session, connection) : ignores('wrong-role')",
    replacement: 'resumeOn(session, connection)',
    harm: 'what waits for a user is returned in place of stored',
  },
]
