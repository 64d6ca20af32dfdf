/** Links that cannot be resumed: what is unacked when they die is routed again or returned, as configured, and never both. */
import { expect, test } from 'vitest'
import type { LineProxy } from '../../support/line-proxy.js'
import { moment } from '../ground.js'
import { inNeighbourhood, type Side } from './ground.js'
import { faultless, openTraffic } from './ours-traffic.js'

/** Nothing has passed for a while: all is acked. */
const quiet = async (line: LineProxy): Promise<void> => {
  for (let passed = -1; passed !== line.passed('toClient') + line.passed('toServer'); await moment(1_000))
    passed = line.passed('toClient') + line.passed('toServer')
}

const cases: ReadonlyArray<readonly [string, Side, boolean]> = [
  ['switched off here', 'one', true],
  ['switched off here', 'one', false],
  ['not granted there', 'other', true],
  ['not granted there', 'other', false],
]

test.each(cases)(
  'where resumption is %s (by the side %s), with smacks_s2s_resend = %s: each of them once',
  (_, without, resend) =>
    inNeighbourhood(async ({ serve, lineOf }) => {
      const serving = (side: Side) =>
        serve(side, {
          config: { smacks_s2s_resend: resend },
          s2s: { silence_seconds: 2, ...(side === without ? { resume: false } : {}) },
        })
      const [one, other] = await Promise.all([serving('one'), serving('other')])
      const traffic = await openTraffic({ one, other })
      await traffic.reach('one')
      await quiet(lineOf('one'))
      lineOf('one').blackhole()
      await traffic.write('one', 20)
      const came = resend ? { delivered: 21, returned: 0 } : { delivered: 1, returned: 20 }
      expect(await traffic.settle()).toEqual({ ...faultless(21), ...came })
      await traffic.reach('one')
      expect(await traffic.settle()).toEqual({ ...faultless(22), ...came, delivered: came.delivered + 1 })
    }),
  180_000,
)
