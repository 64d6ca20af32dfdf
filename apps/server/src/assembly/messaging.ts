/** Instant messaging as the application of the loop. */
import type { Stanza } from '@smacks/codec'
import { createInstantMessaging, type ImObserver, type InstantMessaging, openRosters } from '@smacks/im'
import type { Environment } from '@smacks/journal-lmdb'
import type { AccountId, Runtime } from '@smacks/runtime'
import { createEntropy } from '@smacks/timers-host'
import type { TcpTransport } from '@smacks/transport-tcp'
import type { Logger } from 'pino'
import type { Settings } from '../config/current.js'
import type { ServerConfig } from '../config/server-config.js'
import { createDataLimit } from '../data-limit.js'
import type { Federation } from '../federation/federation.js'
import type { Stores } from '../stores.js'
import { version } from '../version.js'
import type { HostTime } from './host-time.js'

export interface MessagingDependencies {
  readonly config: ServerConfig
  readonly settings: Settings
  readonly env: Environment
  readonly log: Logger
  readonly stores: Stores
  readonly transport: TcpTransport
  readonly time: HostTime
  readonly federation: Federation | undefined
  readonly accountExists: (account: AccountId) => boolean
  /** Sees the steps of accounts. */
  readonly observer: ImObserver | undefined
}

export const createMessaging = (
  {
    config,
    settings,
    env,
    log,
    stores: { journal, offline },
    transport,
    time: { clock, later },
    federation,
    accountExists,
    observer,
  }: MessagingDependencies,
  runtime: Runtime<Stanza>,
): InstantMessaging =>
  createInstantMessaging({
    unsent: transport.unsent,
    ...(observer === undefined ? {} : { observer }),
    ...(federation === undefined ? {} : { remotes: federation.remotes }),
    later,
    runtime,
    offline,
    rosters: openRosters({
      records: journal.records,
      runtime,
      onBadRecord: (account, reason) =>
        log.error({ account, reason }, 'a roster record does not decode; it stays on disk'),
      now: clock.now,
    }),
    records: journal.records,
    oldSessions: journal.oldSessions,
    accountExists,
    domains: config.domains,
    offlineStorage: () => settings.current.offlineStorage,
    quotas: () => settings.current.limits,
    isDataFull: createDataLimit({ env, limit: () => settings.current.limits.dataBytes, clock, log }),
    clock,
    freshId: createEntropy().freshId,
    log,
    version,
  })
