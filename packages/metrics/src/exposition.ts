/** Families as text, in the format that whoever asks prefers. */
import { collectDefaultMetrics, type Metric, Registry, type RegistryContentType } from 'prom-client'
import type { Family } from './family.js'

export interface Exposition {
  /** All values, by the header `Accept`. */
  readonly render: (accept: string | undefined) => Promise<{ readonly contentType: string; readonly body: string }>
}

/** What registries ask of a metric. */
interface Metriclike {
  readonly name: string
  readonly get: () => Promise<{ readonly name: string }>
}

/** Gauges that are named as only counters may be. */
const misnamed: ReadonlySet<string> = new Set([
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
])

let ofProcess: ReadonlyArray<Metriclike> | undefined

/** There is one process: what watches its event loop and its garbage collector is made once, and cannot be ended. */
const metricsOfProcess = (): ReadonlyArray<Metriclike> => {
  if (ofProcess !== undefined) return ofProcess
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  // They have more than their type says.
  const all = registry.getMetricsAsArray() as ReadonlyArray<unknown> as ReadonlyArray<Metriclike>
  ofProcess = all.filter(({ name }) => !misnamed.has(name))
  return ofProcess
}

/**
 * The families, and what is known of the process. A registry knows one format, and takes `_total` off the names of its counters for
 * OpenMetrics: so there is one for each, of views.
 */
export const createExposition = (families: ReadonlyArray<Family>): Exposition => {
  const metrics: ReadonlyArray<Metriclike> = [...families.map(metricOf), ...metricsOfProcess()]
  const registryOf = <T extends RegistryContentType>(type: T): Registry<T> => {
    const registry = new Registry<T>()
    registry.setContentType(type)
    for (const metric of metrics) registry.registerMetric(viewOf(metric) as unknown as Metric)
    return registry
  }
  const text = registryOf(Registry.PROMETHEUS_CONTENT_TYPE)
  const openMetrics = registryOf(Registry.OPENMETRICS_CONTENT_TYPE)
  return {
    render: async accept => {
      const registry = prefersOpenMetrics(accept) ? openMetrics : text
      return { contentType: registry.contentType, body: await registry.metrics() }
    },
  }
}

const metricOf = ({ name, help, type, samples }: Family): Metriclike & { readonly type: string } => {
  const get = async () => ({
    name,
    help,
    type,
    aggregator: 'sum',
    values: samples().map(({ labels, value, suffix }) => ({
      labels,
      value,
      ...(suffix === undefined ? {} : { metricName: `${name}${suffix}` }),
    })),
  })
  return { name, type, get }
}

/** Its name may be changed without the metric's being. */
const viewOf = (metric: Metriclike): Metriclike => {
  const view: { -readonly [Key in keyof Metriclike]: Metriclike[Key] } = {
    ...metric,
    get: async () => ({ ...(await metric.get()), name: view.name }),
  }
  return view
}

const openMetricsType = 'application/openmetrics-text'

/** The text format is what everybody reads: the other has to be asked for (RFC 9110 §12.5.1). */
const prefersOpenMetrics = (accept = ''): boolean => {
  const weights = new Map<string, number>()
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map(part => part.trim().toLowerCase())
    const weight = Number(parameters.find(part => part.startsWith('q='))?.slice(2) ?? 1)
    weights.set(type, Math.max(weights.get(type) ?? 0, Number.isFinite(weight) ? weight : 0))
  }
  const wanted = weights.get(openMetricsType) ?? 0
  return wanted > 0 && wanted >= (weights.get('text/plain') ?? 0)
}
