/**
 * The composition root of the reference server: which interpreter stands behind which port, and in which order
 * things start and stop.
 */
import { createEventBus, type ListenableBus } from '@smacks/bus-events'
import { coreConfig, type ServerConfig, Stanza } from '@smacks/codec'
import { type Environment, journalLmdb, openEnvironment } from '@smacks/journal-lmdb'
import { journalMemory } from '@smacks/journal-memory'
import { offlineLmdb } from '@smacks/offline-lmdb'
import { offlineMemory } from '@smacks/offline-memory'
import { createRuntime, type Journal, type OfflineStore, type Runtime } from '@smacks/runtime'
import { createEntropy, createTimers, createTurns, hostClock } from '@smacks/timers-host'
import { createTcpTransport, type TcpTransport } from '@smacks/transport-tcp'
import type { Logger } from 'pino'
import { openAccounts } from './accounts/lmdb-accounts.js'
import { createC2s } from './c2s/create.js'
import { createDomain } from './domain/create.js'
import type { Domain } from './domain/domain.js'
import { openRosters } from './domain/roster/lmdb-rosters.js'
import { createSasl } from './sasl/sasl.js'
import { type LoadedTls, loadTls } from './tls/load.js'
import { version } from './version.js'

export interface ServerOptions {
  readonly config: ServerConfig
  readonly log: Logger
  /** The server cannot go on: a commit failed. It is stopping already. */
  readonly onFatal?: (error: unknown) => void
}

export interface RunningServer {
  /** Where clients can connect, as `host:port`. */
  readonly listening: ReadonlyArray<string>
  readonly directTls: ReadonlyArray<string>
  readonly tls: LoadedTls
  readonly bus: ListenableBus<Stanza>
  readonly runtime: Runtime<Stanza>
  /** Reads the certificate again. */
  readonly reload: () => Promise<void>
  /** Stores what waits for hibernating and connected clients, tells them, and frees everything. */
  readonly stop: () => Promise<void>
}

export const startServer = async ({ config, log, onFatal }: ServerOptions): Promise<RunningServer> => {
  const env = openEnvironment({
    path: config.data,
    durability: config.durability === 'disk' ? 'disk' : 'process',
  })
  const tls = await loadTls({ config: config.tls, data: config.data, domains: config.domains })
  const { journal, offline } = openStores(config, env, log)
  const accounts = openAccounts({
    env,
    onDefect: (jid, reason) =>
      log.error({ jid, reason }, 'the stored keys of an account do not decode; it cannot log in'),
  })
  const rosters = openRosters({
    env,
    onBadRecord: (account, reason) =>
      log.error({ account, reason }, 'a roster record does not decode; it stays on disk'),
    onWriteFailure: (account, error) => log.error({ account, err: error }, 'a roster cannot be written'),
  })
  const timers = createTimers()
  const entropy = createEntropy()
  const clock = hostClock
  const bus = createEventBus<Stanza>({
    onListenerError: (error, name) => log.error({ err: error, event: name }, 'a listener of the event bus failed'),
  })
  const transport: TcpTransport = createTcpTransport({
    accept: connection => welcome(connection),
    limits: {
      stanzaBytes: config.limits.maxStanzaBytes,
      connectionsPerAddress: config.limits.connectionsPerAddress,
      bytesPerSecond: config.limits.bytesPerSecond,
      silenceSeconds: config.limits.silenceSeconds,
    },
    tls: () => tls.current(),
    log: { info: message => log.info(message), warn: message => log.warn(message) },
  })
  let domain: Domain | undefined
  const runtime = createRuntime<Stanza>({
    config: coreConfig(config),
    ports: { transport, timers, turns: createTurns(), journal, bus, clock },
    application: made => {
      domain = createDomain({
        runtime: made,
        offline,
        rosters,
        accountExists: jid => accounts.exists(jid),
        domains: config.domains,
        offlineStorage: config.offlineStorage,
        clock,
        log,
        version,
      })
      return domain
    },
    onFault: (error, where) => log.error({ err: error, where }, 'a fault of ours; the loop goes on'),
    onCommitFailure: error => {
      log.fatal({ err: error }, 'the journal cannot be written; nothing more is acknowledged')
      onFatal?.(error)
    },
  })
  if (domain === undefined) throw new Error('the runtime did not make its application')
  const welcome = createC2s({
    domains: config.domains,
    requireEncryption: config.c2s.requireEncryption,
    limits: {
      unauthenticatedSeconds: config.limits.unauthenticatedSeconds,
      authFailures: config.limits.authFailures,
      resourcesPerUser: config.limits.resourcesPerUser,
      negotiationElements: 200,
    },
    runtime,
    domain,
    sasl: createSasl({ credentials: accounts }),
    timers,
    clock,
    entropy,
    log,
  })
  const stop = async (): Promise<void> => {
    await runtime.stop()
    await transport.stop()
    await journal.close()
    await rosters.settled()
    await env.close()
  }
  try {
    return {
      listening: await listen(transport, config.c2s.listen, false),
      directTls: await listen(transport, config.c2s.directTls, true),
      tls,
      bus,
      runtime,
      reload: () => tls.reload(),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Stanzas are stored as the text they are. */
const payload = { encode: (stanza: Stanza) => stanza.xml, decode: (xml: string) => Stanza.fromXml(xml) }

interface Stores {
  readonly journal: Journal<Stanza>
  readonly offline: OfflineStore<Stanza>
}

const openStores = (config: ServerConfig, env: Environment, log: Logger): Stores => {
  if (config.durability === 'memory') {
    const offline = offlineMemory<Stanza>()
    return { offline, journal: journalMemory({ offline }) }
  }
  const onBadRecord = (record: object): void => log.error(record, 'a stored record does not decode; it stays on disk')
  const offline = offlineLmdb<Stanza>({ env, payload, onBadRecord })
  return { offline, journal: journalLmdb<Stanza>({ env, offline, onBadRecord }) }
}

const listen = (
  transport: TcpTransport,
  addresses: ServerConfig['c2s']['listen'],
  directTls: boolean,
): Promise<ReadonlyArray<string>> =>
  Promise.all(
    addresses.map(async ({ host, port }) => {
      const bound = await transport.listen({ host, port, directTls })
      return bound.host.includes(':') ? `[${bound.host}]:${bound.port}` : `${bound.host}:${bound.port}`
    }),
  )
