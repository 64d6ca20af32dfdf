/** What a server does, as metrics for Prometheus. */
export type { Peer } from './census.js'
export type { Lines } from './families.js'
export type { Reports } from './loop-tally.js'
export { createMetrics, type Metrics, type MetricsOptions, type MetricsSources } from './metrics.js'
