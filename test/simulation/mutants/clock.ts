/** Faults in what is made of a clock that was set, and of the time in which nobody was there. */
import type { Mutant } from './mutant.js'

export const clock: ReadonlyArray<Mutant> = [
  {
    name: 'deadlines stay where they were when the clock is set',
    file: 'account/set-clock.ts',
    text: 'hibernation: session.deadlines.hibernation + by',
    replacement: 'hibernation: session.deadlines.hibernation',
    harm: 'after the clock was put back a phone is kept an hour too long, or is never let go',
  },
  {
    name: 'timers are not armed anew when the clock is set',
    file: 'account/set-clock.ts',
    text: 'due === undefined ? [] : [arm(resource, timer, due)]',
    replacement: '[]',
    harm: 'no firing matches its deadline any more: users look online for ever',
  },
  {
    name: 'a session seems to wait since another time when the clock is set',
    file: 'account/set-clock.ts',
    text: 'since: session.since + by, deadlines: {',
    replacement: 'deadlines: {',
    harm: 'the device that dropped last is evicted instead of the one that nobody comes back for',
  },
  {
    name: '<r/> is held for as long as the clock was put back',
    file: 'account/set-clock.ts',
    text: '  request: { ...session.request, heldUntil: session.request.heldUntil + by },\n',
    replacement: '',
    harm: 'for an hour nothing is acked, and all of it waits in memory',
  },
  {
    name: 'each restart gives a session its whole time again',
    file: 'account/restart.ts',
    text: 'Math.min(Math.max(hibernation - lastAlive, 0), full)',
    replacement: 'full',
    harm: 'where the server crashes again and again, ghosts look online for ever',
  },
  {
    name: 'the time between stop and start counts',
    file: 'account/restart.ts',
    text: 'hibernation - lastAlive',
    replacement: 'hibernation - at',
    harm: 'a clock that was put forward while the server was down ends all sessions',
  },
  {
    name: 'who waited before the clock was put back seems to begin after those who begin now',
    file: 'account/restart.ts',
    text: 'at < lastAlive ? Math.min(since + at - lastAlive, at) : since',
    replacement: 'since',
    harm: 'the device that dropped last is evicted instead of the one that nobody comes back for',
  },
]
