/** The ways in which a server ends here, and which of them comes next. */
import type { Chance } from './chance.js'
import { type CrashPoint, pointNames } from './crash-points.js'
import type { Durability } from './settings.js'

export type Death =
  | 'in-recovery, twice'
  | 'SIGKILL'
  | 'SIGKILL at start'
  | 'SIGKILL while all resume'
  | 'SIGTERM'
  | CrashPoint

export const deathsOf = (durability: Durability): ReadonlyArray<Death> => [
  'SIGKILL',
  'SIGKILL at start',
  'SIGKILL while all resume',
  'SIGTERM',
  'in-recovery, twice',
  ...pointNames.filter(point => durability === 'disk' || point !== 'in-sync'),
]

/** Those that need nothing of the build that dies, and that ended no session in form before 0.2.0. */
export const deathsOfAnyBuild = ['SIGKILL', 'SIGKILL at start', 'SIGKILL while all resume'] as const

/** Each of them in turn, shuffled anew each time: all come equally often. */
export function* endlessDeaths(durability: Durability, chance: Chance): Generator<Death, never, undefined> {
  for (;;) {
    const deck = [...deathsOf(durability)]
    while (deck.length > 0) {
      const [death] = deck.splice(chance.between(0, deck.length - 1), 1)
      if (death !== undefined) yield death
    }
  }
}

/** At which visit of its point a process is to die, so that it does before long. */
export const countFor = (point: CrashPoint, clients: number, chance: Chance): number => {
  switch (point) {
    case 'after-recovery':
    case 'in-stop':
      return 1
    case 'in-recovery':
      return chance.between(1, Math.min(clients * 4, manyVisits))
    case 'before-snapshot':
    case 'in-rotation':
    case 'in-snapshot':
    case 'in-trim':
    case 'after-snapshot':
      return chance.between(1, 4)
    default:
      // Now and then among the first, which are those of the recovery itself.
      return chance.fraction() < 0.2 ? chance.between(1, 4) : chance.between(1, Math.min(clients * 5, manyVisits))
  }
}

/** The more clients there are, the more of them a commit takes along: more visits take too long. */
const manyVisits = 150
