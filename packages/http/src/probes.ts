/** What whoever watches over the process asks: whether it lives, and whether it does its work. */
import { type Route, sentence } from './route.js'

/**
 * `/healthz`: the process lives and its event loop turns, since it answers. `/readyz`: it serves, or why not; `whyNotReady`
 * says each reason in a few words. Both are open, and tell nothing of anybody.
 */
export const probes = (whyNotReady: () => ReadonlyArray<string>): ReadonlyArray<Route> => [
  { method: 'GET', path: '/healthz', access: 'open', answer: () => sentence(200, 'alive') },
  {
    method: 'GET',
    path: '/readyz',
    access: 'open',
    answer: () => {
      const reasons = whyNotReady()
      return reasons.length === 0 ? sentence(200, 'ready') : sentence(503, `not ready: ${reasons.join('; ')}`)
    },
  },
]
