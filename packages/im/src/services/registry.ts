/** The services of a server: what each of them says of itself, put together. */
import type { AccountId } from '@smacks/runtime'
import { presenceRecords } from '../presence/record.js'
import { staleRecords } from '../remote/stale-record.js'
import { rosterService } from '../roster/service.js'
import type { View } from '../view.js'
import { blockingService } from './blocking.js'
import { discoService } from './disco.js'
import type { Features, IqHandler, PurgePorts, Service, Services } from './service.js'
import { carbonsService, pingService, sessionService, timeService, versionService } from './small.js'

/** Messages for those who are not there (XEP-0160 §4). */
const offlineService: Service = {
  handlers: {},
  features: view => (view.storesOffline ? { domain: ['msgoffline'] } : {}),
  purge: (account, { offline, runtime }) => {
    const keys = offline.read(account).map(({ key }) => key)
    if (keys.length > 0) runtime.change({ _tag: 'DropOffline', account, keys })
  },
}

/** Presence is no iq; what is kept of it goes with the account all the same. */
const presenceService: Service = { handlers: {}, records: [{ kind: presenceRecords }, { kind: staleRecords }] }

/** What every server has. Their features are told in this order. */
export const standardServices: ReadonlyArray<Service> = [
  discoService,
  rosterService,
  pingService,
  versionService,
  timeService,
  sessionService,
  carbonsService,
  blockingService,
  offlineService,
  presenceService,
]

/** Throws an `Error` if two of them answer the same namespace. */
export const createServices = (services: ReadonlyArray<Service>): Services => {
  const handlers = handlersOf(services)
  return {
    handlerOf: namespace => handlers.get(namespace),
    featuresOf: view => featuresOf(services, view),
    purge: (account, ports) => {
      for (const service of services) purge(service, account, ports)
    },
  }
}

const handlersOf = (services: ReadonlyArray<Service>): ReadonlyMap<string, IqHandler> => {
  const handlers = new Map<string, IqHandler>()
  for (const service of services)
    for (const [namespace, handler] of Object.entries(service.handlers)) {
      if (handlers.has(namespace)) throw new Error(`two services answer ${namespace}`)
      handlers.set(namespace, handler)
    }
  return handlers
}

const featuresOf = (services: ReadonlyArray<Service>, view: View): Required<Features> => {
  const told = services.map(({ features = {} }) => (typeof features === 'function' ? features(view) : features))
  return { domain: told.flatMap(({ domain = [] }) => domain), account: told.flatMap(({ account = [] }) => account) }
}

const purge = ({ purge: besides, records = [] }: Service, account: AccountId, ports: PurgePorts): void => {
  for (const { kind } of records)
    for (const { name } of [...ports.records(kind, account)])
      ports.runtime.change({ _tag: 'DropRecord', kind, account, name })
  besides?.(account, ports)
}
