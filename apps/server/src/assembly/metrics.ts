/** What is counted beside the loop, where somebody can ask for it. */
import type { ListenableBus } from '@smacks/bus-events'
import type { Stanza } from '@smacks/codec'
import type { Readiness, Route } from '@smacks/http'
import { createMetrics, type Metrics } from '@smacks/metrics'
import type { Clock, Runtime } from '@smacks/runtime'
import { isLink } from '@smacks/stream-s2s'
import type { TcpTransport } from '@smacks/transport-tcp'
import type { ServerConfig } from '../config/server-config.js'
import { version } from '../version.js'

/** What is looked at when somebody asks. */
export interface CountedParts {
  readonly runtime: Runtime<Stanza>
  readonly transport: TcpTransport
  readonly servers: TcpTransport | undefined
  readonly readiness: Readiness
}

export interface Counting extends Pick<Metrics<Stanza>, 'counted' | 'timed'> {
  readonly observers: ReadonlyArray<Metrics<Stanza>['observe']>
  readonly routes: (parts: CountedParts) => ReadonlyArray<Route>
}

/** Where nobody can ask, nothing is counted. */
export const createCounting = (
  { http }: Pick<ServerConfig, 'http'>,
  clock: Clock,
  bus: ListenableBus<Stanza>,
): Counting => {
  if (http.listen.length === 0)
    return { observers: [], timed: journal => journal, counted: reports => reports, routes: () => [] }
  const metrics = createMetrics<Stanza>({ clock })
  metrics.listen(bus)
  return {
    ...metrics,
    observers: [metrics.observe],
    routes: ({ runtime, transport, servers, readiness }) => [
      metrics.route({
        runtime,
        isLink,
        isReady: () => readiness.whyNot().length === 0,
        version,
        lines: [
          { peer: 'client', ...transport },
          ...(servers === undefined ? [] : [{ peer: 'server' as const, ...servers }]),
        ],
      }),
    ],
  }
}
