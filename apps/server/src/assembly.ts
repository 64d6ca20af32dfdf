/**
 * The assembly: which interpreter stands behind which port, and in which order all of it ends. The stores come first, the
 * loop and its application run on them, and clients and servers come in through the transports.
 */
import { createEventBus, type ListenableBus } from '@smacks/bus-events'
import type { LoadedTls } from '@smacks/certificates'
import type { Stanza } from '@smacks/codec'
import type { Handler } from '@smacks/control'
import type { Readiness, Route } from '@smacks/http'
import type { InstantMessaging } from '@smacks/im'
import type { Recording } from '@smacks/recording-files'
import { type AccountId, createRuntime, type RecoveryReport, type Runtime, type StepMade } from '@smacks/runtime'
import { createSessionTimes, sessionHandlers } from '@smacks/session-admin'
import { createFailedLogins, createSessionLog } from '@smacks/session-log'
import { type Connections, routeTransports, streamTransport } from '@smacks/stream'
import { createUnboundStreams } from '@smacks/stream-c2s'
import { isLink } from '@smacks/stream-s2s'
import { createTurns } from '@smacks/timers-host'
import { createUnsentTotal, type TcpTransport } from '@smacks/transport-tcp'
import { createRemovals, type Removals } from './accounts/removal.js'
import { type Accept, createAccept, createClientThrottle, createClientTransport } from './assembly/clients.js'
import { createHostTime } from './assembly/host-time.js'
import { loopReports } from './assembly/loop-reports.js'
import { createMessaging } from './assembly/messaging.js'
import { createCounting } from './assembly/metrics.js'
import { createRecovery } from './assembly/recovery.js'
import type { Settings } from './config/current.js'
import { coreConfig, type ServerConfig } from './config/server-config.js'
import { createFederation, type Federation, type FederationSecrets, serverIdPrefix } from './federation/federation.js'
import { inOrder, once } from './once.js'
import { recordingObserver } from './recording/reducers.js'
import { startRecording } from './recording/start.js'
import { openStores, type Stores, type StoresOptions } from './stores.js'
import { transportLog } from './transport-options.js'

export interface AssemblyOptions extends StoresOptions {
  readonly tls: LoadedTls
  /** Recordings may be asked for while the server runs. */
  readonly canBeControlled: boolean
  /** Present if other servers are talked to. */
  readonly federation: FederationSecrets | undefined
  /** Is told what keeps the server from serving. */
  readonly readiness: Readiness
}

/** All that runs, before anything listens. */
export interface Assembly {
  /** For clients. */
  readonly transport: TcpTransport
  /** For other servers, if they are talked to. */
  readonly servers: TcpTransport | undefined
  readonly bus: ListenableBus<Stanza>
  readonly runtime: Runtime<Stanza>
  readonly recording: Recording
  /** What the operator may ask for over HTTP. */
  readonly routes: ReadonlyArray<Route>
  /** From now on this is the configuration, as far as it can change while the server runs (`changedOptions`). */
  readonly reconfigure: (config: ServerConfig) => void
  /**
   * Brings back what was journalled; to be called once, before anybody is let in. Resolves when what is to end at once
   * has ended for good.
   */
  readonly recover: (onProgress: (entries: number) => void) => Promise<RecoveryReport>
  /** Accounts that are removed, or get another password, while the server runs. */
  readonly removals: Pick<Removals, 'passwordChanged' | 'remove'>
  /** What an operator may ask of sessions. */
  readonly sessions: ReadonlyArray<Handler>
  /** Ends everything, the environments included; rejects, once all is freed, if something could not be stored. */
  readonly stop: () => Promise<void>
}

/** Assembles it. Throws an `Error` if that cannot be; the environments are the caller's then. */
export const assemble = (options: AssemblyOptions): Assembly => {
  const shared = createShared(options)
  const { config, settings, log, time, stores, bus, throttle, unbound } = shared
  const { readiness } = options
  const transport = createClientTransport(options, shared.unsent, connection => accept(connection))
  const federation = options.federation && createServers(options, options.federation, shared)
  const transports = federation === undefined ? [transport] : [transport, federation.transport]
  const recording = startRecording(config, time, log)
  const connections = joined(transport, federation)
  const sessionLog = createSessionLog(log, connections)
  const times = createSessionTimes(connections)
  // What nobody can switch on costs nothing.
  const canBeRecorded = options.canBeControlled || config.record.accounts.length > 0
  const counting = createCounting(config, time.clock, bus)
  const always = [times.observe, sessionLog.observe]
  const observers = [...always, ...(canBeRecorded ? [recording.observe] : []), ...counting.observers]
  const observer = canBeRecorded ? recordingObserver(recording) : undefined
  let removals: Removals | undefined
  let messaging: InstantMessaging | undefined
  const recovery = createRecovery({ config, stores, isFederated: federation !== undefined })
  const accountExists = (account: AccountId): boolean =>
    stores.accounts.exists(account) && removals?.isUnderWay(account) !== true

  const runtime = createRuntime<Stanza>({
    config: coreConfig(config),
    sizeOf: stanza => stanza.size,
    ports: {
      transport: sessionLog.logged(streamTransport(connections)),
      bus,
      turns: createTurns(),
      journal: counting.timed(stores.journal),
      timers: time.timers,
      clock: time.clock,
    },
    application: loop => {
      messaging = createMessaging({ ...shared, transport, federation, accountExists, observer }, loop)
      return recovery.join(federation === undefined ? messaging : federation.join(loop, messaging))
    },
    observe: observers.reduce(bothObserve),
    ...counting.counted(loopReports(log, transports, readiness)),
  })
  if (messaging === undefined) throw new Error('the runtime has no application')
  const made = createRemovals({ runtime, accounts: stores.accounts, messaging, unbound, throttle })
  removals = made
  const accept: Accept = createAccept({ ...shared, runtime, accounts: stores.accounts })
  wakeHibernatingLinks(bus, federation)
  const servers = federation?.transport

  return {
    transport,
    servers,
    bus,
    runtime,
    recording,
    routes: counting.routes({ runtime, transport, servers, readiness }),
    removals: made,
    sessions: sessionHandlers({
      runtime,
      connections,
      times,
      clock: time.clock,
      journal: stores.journal.sessions,
      config: () => coreConfig(settings.current),
    }),
    recover: onProgress => recovery.recover({ runtime, removals: made }, onProgress),
    reconfigure: next => {
      settings.current = next
      runtime.reconfigure(coreConfig(next))
    },
    stop: once(() => inOrder(endings(options, { runtime, transports, recording, stores, federation, removals: made }))),
  }
}

/** The connections of clients and servers, as one. */
const joined = (clients: TcpTransport, federation: Federation | undefined): Connections =>
  federation === undefined
    ? clients
    : routeTransports(clients, federation.transport, id => id.startsWith(`${serverIdPrefix}-`))

type Observe = (step: StepMade<Stanza>) => void

const bothObserve =
  (one: Observe, other: Observe): Observe =>
  step => {
    one(step)
    other(step)
  }

interface Running {
  readonly runtime: Runtime<Stanza>
  readonly transports: ReadonlyArray<TcpTransport>
  readonly recording: Recording
  readonly stores: Stores
  readonly federation: Federation | undefined
  readonly removals: Removals
}

/** Sessions end while their peers can still be told; what they leave is stored before the storage closes. */
const endings = (
  { tls, env, accountsEnv }: AssemblyOptions,
  { runtime, transports, recording, stores, federation, removals }: Running,
): ReadonlyArray<() => Promise<void>> => [
  async () => {
    removals.stop()
    federation?.stop()
    for (const each of transports) each.stopListening()
  },
  runtime.stop,
  ...transports.map(each => each.stop),
  recording.close,
  async () => tls.close(),
  stores.journal.close,
  async () => await accountsEnv.close(),
  async () => await env.close(),
]

/** What several parts need. */
const createShared = (options: AssemblyOptions) => {
  const { config, env, log } = options
  const settings: Settings = { current: config }
  const time = createHostTime()
  const bus = createEventBus<Stanza>({
    onListenerError: (error, name) => log.error({ err: error, event: name }, 'a listener of the event bus failed'),
  })
  return {
    config,
    settings,
    env,
    log,
    time,
    bus,
    stores: openStores(options),
    tellFailedLogin: createFailedLogins({ publish: bus.publish, log, now: time.clock.now }),
    throttle: createClientThrottle(config, time),
    /** Streams that have logged in and have no session yet. */
    unbound: createUnboundStreams(),
    /** What waits for all peers together. */
    unsent: createUnsentTotal(config.limits.maxUnsentSize, transportLog(log)),
  }
}

const createServers = (
  options: AssemblyOptions,
  secrets: FederationSecrets,
  { settings, time, unsent, tellFailedLogin }: ReturnType<typeof createShared>,
): Federation =>
  createFederation({
    ...options,
    ...secrets,
    ...time,
    settings,
    unsent,
    onFailedServer: ({ address, domain, mechanism }) =>
      tellFailedLogin({ address, account: domain, mechanism, reason: 'not-authorized' }),
  })

/** Sessions of links hibernate like any other; it is for us to come back. */
const wakeHibernatingLinks = (bus: ListenableBus<Stanza>, federation: Federation | undefined): void => {
  if (federation === undefined) return
  bus.on('smacks-hibernation-start', ({ account }) => {
    if (isLink(account)) federation.wake(account)
  })
}
