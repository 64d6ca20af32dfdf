/** Events that changed nothing, in prose. */
import { type Ignored, type IgnoredReason, isMisuse } from '../ignored.js'

/** Why it was void, in one line, with the phase that the session was in. Misuse is called that. */
export const describeIgnored = (ignored: Ignored): string => {
  const when = ignored.phase === undefined ? '' : ` while ${ignored.phase.toLowerCase()}`
  return `void${when}: ${reasons[ignored.reason]}${isMisuse(ignored) ? ' (misuse)' : ''}`
}

const reasons: Readonly<Record<IgnoredReason, string>> = {
  'connection-in-use': "the connection is a session's already",
  'late-connection': "the connection is not the session's any more",
  'late-timer': 'the timer is not armed for that time any more',
  'no-session': 'there is no session that could do it',
  'not-in-phase': 'no session does that in this phase',
  'nothing-to-do': 'there is nothing to do',
  'session-over': 'the session is over',
  'wrong-connection': 'the session is not on that connection',
  'wrong-role': 'only the other side does that',
}
