/** The metrics of a server: what is counted beside its loop, and what is looked at when somebody asks. */
import type { ListenableBus } from '@smacks/bus-events'
import type { Route } from '@smacks/http'
import type { AccountId, Clock, Journal, Runtime, StepMade } from '@smacks/runtime'
import { type Census, takeCensus } from './census.js'
import { createExposition } from './exposition.js'
import { familiesOf, type Lines } from './families.js'
import { LoopTally, type Reports } from './loop-tally.js'
import { Tally } from './tally.js'

export interface MetricsOptions {
  readonly clock: Pick<Clock, 'monotonic'>
}

/** What is looked at when somebody asks. */
export interface MetricsSources<A> {
  readonly runtime: Pick<Runtime<A>, 'account' | 'accounts'>
  /** True for a link between servers. */
  readonly isLink: (account: AccountId) => boolean
  readonly lines: ReadonlyArray<Lines>
  readonly isReady: () => boolean
  readonly version: string
}

export interface Metrics<A> {
  /** Sees each step of the loop. */
  readonly observe: (step: StepMade<A>) => void
  /** The same journal, whose commits are measured. */
  readonly timed: (journal: Journal<A>) => Journal<A>
  /** The same reports of the loop, counted. */
  readonly counted: <R extends Reports>(reports: R) => R
  /** Counts what the bus tells. */
  readonly listen: (bus: Pick<ListenableBus<A>, 'on'>) => void
  /** `/metrics`: OpenMetrics for who asks for it, otherwise the text format of Prometheus. To be called once. */
  readonly route: (sources: MetricsSources<A>) => Route
}

export const createMetrics = <A>({ clock }: MetricsOptions): Metrics<A> => {
  const tally = new Tally()
  const loop = new LoopTally(clock)
  return {
    observe: step => tally.observe(step),
    timed: journal => loop.timed(journal),
    counted: reports => loop.counted(reports),
    listen: bus => void bus.on('authentication-failure', ({ reason }) => loop.authenticationFailed(reason)),
    route: sources => routeOf(tally, loop, sources),
  }
}

const routeOf = <A>(tally: Tally, loop: LoopTally, sources: MetricsSources<A>): Route => {
  let latest: Census | undefined
  let underWay: Promise<Census> | undefined
  /** Those who ask at the same time share one. */
  const census = (): Promise<Census> => {
    underWay ??= takeCensus(sources).finally(() => {
      underWay = undefined
    })
    return underWay
  }
  const exposition = createExposition(
    familiesOf({
      ...sources,
      tally,
      loop,
      census: () => {
        if (latest === undefined) throw new Error('nothing was counted yet')
        return latest
      },
    }),
  )
  return {
    method: 'GET',
    path: '/metrics',
    access: 'token',
    answer: async ({ headers }) => {
      latest = await census()
      const { contentType, body } = await exposition.render(headers.accept)
      return { status: 200, headers: { 'Content-Type': contentType }, body }
    },
  }
}
