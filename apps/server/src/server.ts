/**
 * The composition root of the reference server: which interpreter stands behind which port, and in which order
 * things start and stop.
 */
import { createEventBus, type ListenableBus } from '@smacks/bus-events'
import { coreConfig, type ServerConfig, type Stanza } from '@smacks/codec'
import { type Environment, journalLmdb, openEnvironment } from '@smacks/journal-lmdb'
import { journalMemory } from '@smacks/journal-memory'
import { offlineLmdb } from '@smacks/offline-lmdb'
import { offlineMemory } from '@smacks/offline-memory'
import { type Clock, createRuntime, type Journal, type OfflineStore, type Runtime, type Timers } from '@smacks/runtime'
import { createEntropy, createTimers, createTurns, hostClock } from '@smacks/timers-host'
import { createTcpTransport, type TcpTransport } from '@smacks/transport-tcp'
import type { Logger } from 'pino'
import { openAccounts } from './accounts/lmdb-accounts.js'
import { createC2s } from './c2s/create.js'
import { createDomain } from './domain/create.js'
import type { Domain } from './domain/domain.js'
import { openRosters } from './domain/roster/lmdb-rosters.js'
import { createSasl } from './sasl/sasl.js'
import { stanzaPayload } from './stanza-payload.js'
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
  /**
   * Stores what waits for hibernating and connected clients, tells them, and frees everything. Rejects, once all is
   * freed, if something could not be stored. Later calls get the same answer.
   */
  readonly stop: () => Promise<void>
}

/** Starts, or rejects with an `Error` that says why not; then everything is freed again. */
export const startServer = async (options: ServerOptions): Promise<RunningServer> => {
  const { config } = options
  const env = openEnvironment({
    path: config.data,
    durability: config.durability === 'disk' ? 'disk' : 'process',
  })
  let house: House
  try {
    const tls = await loadTls({ config: config.tls, data: config.data, domains: config.domains })
    house = compose(options, env, tls)
  } catch (error) {
    await env.close()
    throw error
  }
  const { transport, tls, bus, runtime, stop } = house
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
    await stop().catch(() => undefined)
    throw error
  }
}

/** All that runs, before anything listens. */
interface House {
  readonly transport: TcpTransport
  readonly tls: LoadedTls
  readonly bus: ListenableBus<Stanza>
  readonly runtime: Runtime<Stanza>
  readonly stop: () => Promise<void>
}

const compose = ({ config, log, onFatal }: ServerOptions, env: Environment, tls: LoadedTls): House => {
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
        unsent: transport.unsent,
        later: createLater(timers, clock),
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
      log.fatal({ err: error }, 'the journal cannot be written; nothing more is acknowledged, and the server stops')
      // Whoever asks later is told how that ended.
      stop().catch(() => undefined)
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
  // Sessions end while their peers can still be told; what they leave is stored before the storage closes.
  const stop = once(() =>
    inOrder([
      async () => transport.stopListening(),
      runtime.stop,
      transport.stop,
      async () => tls.close(),
      journal.close,
      rosters.settled,
      async () => await env.close(),
    ]),
  )
  return { transport, tls, bus, runtime, stop }
}

/** Calls back after so many milliseconds. */
const createLater = (timers: Timers, clock: Clock) => {
  let serial = 0
  return (milliseconds: number, callback: () => void): void => {
    serial += 1
    timers.arm(`later\n${serial}`, clock.now() + milliseconds, callback)
  }
}

/** Calls each of them, whatever becomes of those before it; rejects with what the first of them failed with. */
const inOrder = async (acts: ReadonlyArray<() => Promise<void>>): Promise<void> => {
  const failures: Array<unknown> = []
  for (const act of acts) await act().catch(error => failures.push(error))
  if (failures.length > 0) throw failures[0]
}

/** Acts at the first call; each later one gets the same answer. */
const once = (act: () => Promise<void>): (() => Promise<void>) => {
  let answer: Promise<void> | undefined
  return () => {
    answer ??= act()
    return answer
  }
}

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
  const offline = offlineLmdb({ env, payload: stanzaPayload, onBadRecord })
  return { offline, journal: journalLmdb<Stanza>({ env, offline, onBadRecord }) }
}

/** Listens at all of them; if one fails, the others are up, or have failed too, when that is told. */
const listen = async (
  transport: TcpTransport,
  addresses: ServerConfig['c2s']['listen'],
  directTls: boolean,
): Promise<ReadonlyArray<string>> => {
  const started = await Promise.allSettled(
    addresses.map(async ({ host, port }) => {
      const bound = await transport.listen({ host, port, directTls })
      return bound.host.includes(':') ? `[${bound.host}]:${bound.port}` : `${bound.host}:${bound.port}`
    }),
  )
  return started.map(one => {
    if (one.status === 'rejected') throw one.reason
    return one.value
  })
}
