/**
 * The house: which interpreter stands behind which port, and in which order all of it ends. Three storeys: the stores
 * below, the loop with its application on them, and the door, through which clients come.
 */
import { createEventBus, type ListenableBus } from '@smacks/bus-events'
import { openStream, type Stanza } from '@smacks/codec'
import { createDomain, type Domain, openRosters } from '@smacks/im'
import {
  type AccountId,
  after,
  type Clock,
  createRuntime,
  type RecoveryReport,
  type Refusal,
  type Runtime,
  type Timers,
  type Transport,
} from '@smacks/runtime'
import { createDerivations, createLoginThrottle, createSasl, type LoginThrottle } from '@smacks/sasl'
import type { Connection, ConnectionHandler } from '@smacks/stream'
import { createC2s, createUnboundStreams, type UnboundStreams } from '@smacks/stream-c2s'
import { isLink } from '@smacks/stream-s2s'
import { createEntropy, createTimers, createTurns, hostClock } from '@smacks/timers-host'
import { createTcpTransport, createUnsentTotal, type TcpTransport, type UnsentTotal } from '@smacks/transport-tcp'
import * as Either from 'fp-ts/lib/Either.js'
import { createRemovals, type Removals } from './accounts/removal.js'
import { removalsIn } from './accounts/removed-accounts.js'
import type { Settings } from './config/current.js'
import { coreConfig, type ServerConfig } from './config/server-config.js'
import { createDataLimit } from './data-limit.js'
import { createFailedLogins, type TellFailedLogin } from './failed-logins.js'
import {
  createFederation,
  type Federation,
  type FederationSecrets,
  isOurLink,
  serverIdPrefix,
} from './federation/federation.js'
import { once } from './once.js'
import { openDirectory, recordingDirectory } from './recording/directory.js'
import { createRecording, type Recording } from './recording/recording.js'
import { selectionOf } from './recording/selection.js'
import { openStores, type Stores, type StoresOptions } from './stores.js'
import type { LoadedTls } from './tls/load.js'
import { refusalOf, transportLimits, transportLog } from './transport-options.js'
import { eitherOf } from './transports.js'
import { version } from './version.js'

export interface HouseOptions extends StoresOptions {
  readonly tls: LoadedTls
  /** Recordings may be asked for while the server runs. */
  readonly canBeControlled: boolean
  /** Present if other servers are talked to. */
  readonly federation: FederationSecrets | undefined
}

/** All that runs, before anything listens. */
export interface House {
  /** For clients. */
  readonly transport: TcpTransport
  /** For other servers, if they are talked to. */
  readonly servers: TcpTransport | undefined
  readonly bus: ListenableBus<Stanza>
  readonly runtime: Runtime<Stanza>
  readonly recording: Recording
  /** From now on this is the configuration, as far as it can change while the server runs (`changedOptions`). */
  readonly reconfigure: (config: ServerConfig) => void
  /**
   * Brings back what was journalled; to be called once, before anybody is let in. Resolves when what is to end at once
   * has ended for good.
   */
  readonly recover: (onProgress: (entries: number) => void) => Promise<RecoveryReport>
  /** Accounts that are removed, or get another password, while the server runs. */
  readonly removals: Pick<Removals, 'passwordChanged' | 'remove'>
  /** Ends everything, the environments included; rejects, once all is freed, if something could not be stored. */
  readonly stop: () => Promise<void>
}

/** Builds it. Throws an `Error` if that cannot be; the environments are the caller's then. */
export const buildHouse = (options: HouseOptions): House => {
  const { config, log, env, accountsEnv, tls } = options
  const settings: Settings = { current: config }
  const timers = createTimers()
  const time: Time = { clock: hostClock, timers, later: createLater(timers, hostClock) }
  const stores = openStores(options)
  const bus = createEventBus<Stanza>({
    onListenerError: (error, name) => log.error({ err: error, event: name }, 'a listener of the event bus failed'),
  })
  const tellFailedLogin = createFailedLogins({ publish: bus.publish, log, now: time.clock.now })
  const throttle = createThrottle(options, time)
  const unbound = createUnboundStreams()
  const unsent = createUnsentTotal(config.limits.maxUnsentSize, transportLog(log))
  const transport = createTransport(options, unsent, connection => welcome(connection))
  const federation =
    options.federation &&
    createFederation({
      ...options,
      ...options.federation,
      ...time,
      settings,
      unsent,
      onFailedServer: ({ address, domain, mechanism }) =>
        tellFailedLogin({ address, account: domain, mechanism, reason: 'not-authorized' }),
    })
  const transports = [transport, ...(federation === undefined ? [] : [federation.transport])]
  const recording = startRecording(options, time)
  let removals: Removals | undefined
  let domain: Domain | undefined
  const accountExists = (account: AccountId): boolean =>
    stores.accounts.exists(account) && removals?.isUnderWay(account) !== true
  const runtime = createRuntime<Stanza>({
    config: coreConfig(config),
    sizeOf: stanza => Buffer.byteLength(stanza.xml),
    ports: {
      transport: bothOf(transport, federation),
      bus,
      turns: createTurns(),
      journal: stores.journal,
      timers,
      clock: time.clock,
    },
    application: loop => {
      domain = createApplication(options, { loop, stores, transport, time, federation, settings, accountExists })
      return federation === undefined ? domain : federation.join(loop, domain)
    },
    // What nobody can switch on costs nothing.
    ...(options.canBeControlled || config.record.accounts.length > 0 ? { observe: recording.observe } : {}),
    onFault: (error, where) => log.error({ err: error, where }, 'a fault of ours; the loop goes on'),
    onStall: (error, attempt) => {
      for (const each of transports) each.suspend()
      if (attempt === 1)
        log.fatal({ err: error }, 'the journal cannot be written: nothing is taken in or acknowledged until it can be')
      else log.error({ err: error, attempt }, 'the journal still cannot be written')
    },
    onRefused: ({ account, message }, outcome) =>
      log.error(
        { account, reason: message },
        `something of an account can never be stored: ${refusalOutcome[outcome]}`,
      ),
    onRecovery: () => {
      for (const each of transports) each.resume()
      log.info('the journal can be written again; nothing was lost')
    },
    onClockStep: by => log.warn({ seconds: by / 1000 }, 'the clock was set; deadlines have moved with it'),
  })
  if (domain === undefined) throw new Error('the runtime has no application')
  const made = createRemovals({ runtime, accounts: stores.accounts, domain, unbound, throttle })
  removals = made
  const welcome = createWelcome(options, { runtime, stores, time, settings, throttle, unbound, tellFailedLogin })
  // Sessions end while their peers can still be told; what they leave is stored before the storage closes.
  const stop = once(() =>
    inOrder([
      async () => {
        made.stop()
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
    ]),
  )
  const recover = async (onProgress: (entries: number) => void): Promise<RecoveryReport> => {
    domain?.recover()
    const report = runtime.recover(onProgress)
    const removed = removalsIn(stores.journal.records)
    const ended = endOrphans(runtime, stores, link => federation !== undefined && isOurLink(config, link))
    // Before anybody's messages are delivered: those of a removed account are nobody's.
    for (const account of removed) runtime.endAccount(account)
    domain?.resumeDeliveries()
    federation?.recover()
    await Promise.all([ended, ...[...removed].map(account => removals?.finish(account))])
    return report
  }
  // Sessions of links hibernate like any other; it is for us to come back.
  if (federation !== undefined)
    bus.on('smacks-hibernation-start', ({ account }) => {
      if (isLink(account)) federation.wake(account)
    })
  const reconfigure = (next: ServerConfig): void => {
    settings.current = next
    runtime.reconfigure(coreConfig(next))
  }
  const servers = federation?.transport
  return { transport, servers, bus, runtime, recording, recover, reconfigure, removals: made, stop }
}

/** What an operator is told of an account of which something cannot be stored. All others are served as before. */
const refusalOutcome: Readonly<Record<Refusal, string>> = {
  'message returned': 'the message went back to its sender',
  'sessions ended':
    'its sessions were ended; what they had not acknowledged is among its offline messages or was returned',
  'set aside': 'it is set aside, and nobody can log in there until the server is started anew',
}

const bothOf = (clients: TcpTransport, federation: Federation | undefined): Transport<Stanza> =>
  federation === undefined
    ? clients
    : eitherOf(clients, federation.transport, id => id.startsWith(`${serverIdPrefix}-`))

/**
 * Sessions of accounts that there are not, however that came to be: nobody can resume them, and an account that is added under
 * the same name must not find them. So this waits until they are gone from the journal too.
 */
const endOrphans = async (
  runtime: Runtime<Stanza>,
  { accounts }: Stores,
  isKnown: (link: AccountId) => boolean,
): Promise<void> => {
  const orphans = [...runtime.accounts()].filter(id => !(isLink(id) ? isKnown(id) : accounts.exists(id)))
  for (const id of orphans) runtime.endAccount(id)
  if (orphans.length > 0) await runtime.committed()
}

interface Time {
  readonly clock: Clock
  readonly timers: Timers
  /** Calls back after so many milliseconds. */
  readonly later: (milliseconds: number, callback: () => void) => void
}

type Welcome = (connection: Connection) => ConnectionHandler

const createTransport = ({ config, tls, log }: HouseOptions, unsent: UnsentTotal, accept: Welcome): TcpTransport =>
  createTcpTransport({
    accept,
    limits: transportLimits(config.limits, config.limits),
    unsent,
    refusal: reason => openStream({ from: config.domains[0] ?? '', id: createEntropy().freshId() }) + refusalOf(reason),
    tls: () => tls.current(),
    log: transportLog(log),
  })

interface Ground {
  readonly loop: Runtime<Stanza>
  readonly stores: Stores
  readonly transport: TcpTransport
  readonly time: Time
  readonly federation: Federation | undefined
  readonly settings: Settings
  readonly accountExists: (account: AccountId) => boolean
}

const createApplication = (
  { config, env, log }: HouseOptions,
  { loop, stores, transport, time: { clock, later }, federation, settings, accountExists }: Ground,
): Domain =>
  createDomain({
    unsent: transport.unsent,
    ...(federation === undefined ? {} : { remotes: federation.remotes }),
    later,
    runtime: loop,
    offline: stores.offline,
    rosters: openRosters({
      records: stores.journal.records,
      runtime: loop,
      onBadRecord: (account, reason) =>
        log.error({ account, reason }, 'a roster record does not decode; it stays on disk'),
      now: clock.now,
    }),
    records: stores.journal.records,
    oldSessions: stores.journal.oldSessions,
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

const createWelcome = (
  { config, log }: HouseOptions,
  {
    runtime,
    stores,
    time: { clock, timers },
    settings,
    throttle,
    unbound,
    tellFailedLogin,
  }: {
    readonly runtime: Runtime<Stanza>
    readonly stores: Stores
    readonly time: Time
    readonly settings: Settings
    readonly throttle: LoginThrottle
    readonly unbound: UnboundStreams
    readonly tellFailedLogin: TellFailedLogin
  },
): Welcome =>
  createC2s({
    domains: config.domains,
    requireEncryption: config.c2s.requireEncryption,
    limits: {
      unauthenticatedSeconds: config.limits.unauthenticatedSeconds,
      authFailures: config.limits.authFailures,
      resourcesPerUser: () => settings.current.limits.resourcesPerUser,
      negotiationElements: 200,
    },
    runtime,
    sasl: createSasl({
      credentials: stores.accounts,
      derivations: createDerivations({ waiting: config.limits.authWaiting }),
    }),
    throttle,
    unbound,
    onFailedLogin: (address, { account, mechanism, condition: reason }) =>
      tellFailedLogin({
        address,
        reason,
        ...(account === undefined ? {} : { account }),
        ...(mechanism === undefined ? {} : { mechanism }),
      }),
    entropy: createEntropy(),
    clock,
    timers,
    log,
  })

const createThrottle = ({ config: { limits } }: HouseOptions, { clock }: Time): LoginThrottle =>
  createLoginThrottle({
    clock,
    perAddress: limits.authFailuresPerAddress,
    perAccount: limits.authFailuresPerAccount,
    longestSeconds: limits.authDelaySeconds,
    forgetSeconds: limits.authForgetSeconds,
  })

/** Recordings, of those accounts that the configuration names. */
const startRecording = ({ config, log }: HouseOptions, { clock, later }: Time): Recording => {
  const recording = createRecording({
    settings: config.record,
    directory: recordingDirectory(config),
    files: openDirectory,
    config: coreConfig(config),
    by: `smacks ${version}`,
    clock,
    later,
    log,
  })
  if (config.record.accounts.length === 0) return recording
  const started = recording.start(selectionOf(config.record.accounts), config.record.redact)
  if (Either.isLeft(started)) throw new Error(started.left)
  return recording
}

const createLater = (timers: Timers, clock: Clock): Time['later'] => {
  let serial = 0
  return (milliseconds: number, callback: () => void): void => {
    serial += 1
    timers.arm(`later\n${serial}`, after(clock, milliseconds), callback)
  }
}

/** Calls each of them, whatever becomes of those before it; rejects with what the first of them failed with. */
const inOrder = async (acts: ReadonlyArray<() => Promise<void>>): Promise<void> => {
  const failures: Array<unknown> = []
  for (const act of acts) await act().catch(error => failures.push(error))
  if (failures.length > 0) throw failures[0]
}
