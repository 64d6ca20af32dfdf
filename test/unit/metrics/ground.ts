/** Metrics of a server that does nothing, asked as a scraper asks. */
import { emptyAccount } from '@smacks/core'
import type { HttpRequest, WholeAnswer } from '@smacks/http'
import { createMetrics, type Metrics, type MetricsSources } from '@smacks/metrics'
import { monotonicInstant } from '@smacks/runtime'

export interface Asked {
  readonly metrics: Metrics<string>
  /** All values, as text. */
  readonly ask: (accept?: string) => Promise<{ readonly contentType: string | undefined; readonly body: string }>
}

export const openMetrics = (sources: Partial<MetricsSources<string>> = {}, now = (): number => 0): Asked => {
  const metrics = createMetrics<string>({ clock: { monotonic: () => monotonicInstant(now()) } })
  const route = metrics.route({
    runtime: { accounts: () => [], account: () => emptyAccount },
    isLink: () => false,
    lines: [{ peer: 'client', connections: () => 0, traffic: () => ({ received: 0, sent: 0 }) }],
    isReady: () => true,
    version: '0.0.0',
    ...sources,
  })
  const request = (accept: string | undefined): HttpRequest => ({
    path: '/metrics',
    query: new URLSearchParams(),
    headers: accept === undefined ? {} : { accept },
    body: async () => '',
  })
  return {
    metrics,
    ask: async accept => {
      const { headers, body } = (await route.answer(request(accept))) as WholeAnswer
      return { contentType: headers?.['Content-Type'], body: String(body) }
    },
  }
}
