/** In which order the targets of a domain are tried (RFC 2782, XEP-0368 §3). */

import type { Target } from './dial.js'

/** A target as the DNS offers it. */
export interface OfferedTarget extends Target {
  /** The lower, the sooner. */
  readonly priority: number
  /** The share of those who try this one first among its priority. */
  readonly weight: number
}

/** Targets that are tried at most, whatever the DNS offers. */
export const maxTargets = 8

/** The first of them in the order of priorities, and within one at random by weight. `random` gives from 0 up to, but not, 1. */
export const orderedTargets = (offered: ReadonlyArray<OfferedTarget>, random: () => number): ReadonlyArray<Target> => {
  const priorities = [...new Set(offered.map(({ priority }) => priority))].sort((one, other) => one - other)
  return priorities
    .flatMap(priority =>
      shuffled(
        offered.filter(target => target.priority === priority),
        random,
      ),
    )
    .slice(0, maxTargets)
    .map(({ host, port, directTls }) => ({ host, port, directTls }))
}

/** RFC 2782, "Weight": those without weight come first in the list, so that they are picked seldom, not never. */
const shuffled = (offered: ReadonlyArray<OfferedTarget>, random: () => number): ReadonlyArray<OfferedTarget> => {
  const left = [...offered].sort((one, other) => Number(one.weight > 0) - Number(other.weight > 0))
  const ordered: Array<OfferedTarget> = []
  while (left.length > 0 && ordered.length < maxTargets) {
    const sum = left.reduce((all, { weight }) => all + weight, 0)
    const threshold = Math.floor(random() * (sum + 1))
    let running = 0
    const at = left.findIndex(({ weight }) => {
      running += weight
      return running >= threshold
    })
    ordered.push(...left.splice(at, 1))
  }
  return ordered
}
