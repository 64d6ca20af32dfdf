/** The `h` of sessions that ended, kept for the client that comes too late (XEP-0198 §5). */
import type { Config } from '../config.js'
import type { Effect } from '../effect.js'
import type { OldSession } from '../state.js'

/** Keeps one more, and forgets the oldest beyond the limit. */
export const remember = (
  config: Config,
  remembered: ReadonlyArray<OldSession>,
  session: OldSession,
): readonly [ReadonlyArray<OldSession>, ReadonlyArray<Effect<never>>] => {
  if (config.maxOldSessions === 0) return [remembered, []]
  const all = [session, ...remembered]
  return [
    all.slice(0, config.maxOldSessions),
    [
      { _tag: 'RememberOldSession', ...session },
      ...all.slice(config.maxOldSessions).map(({ smId }): Effect<never> => ({ _tag: 'ForgetOldSession', smId })),
    ],
  ]
}
