/** The reference server: starts, listens, stops. */
import type { ListenableBus } from '@smacks/bus-events'
import { type LoadedTls, loadAuthorities, loadTls } from '@smacks/certificates'
import type { Stanza } from '@smacks/codec'
import { fits, type Handler, ownData, socketPath } from '@smacks/control'
import { type Environment, makeDirectory, openEnvironment } from '@smacks/journal-lmdb'
import type { Runtime } from '@smacks/runtime'
import { addressText } from '@smacks/settings'
import type { TcpTransport } from '@smacks/transport-tcp'
import * as Either from 'fp-ts/lib/Either.js'
import type { Logger } from 'pino'
import { openAccountsEnvironment } from './accounts/accounts-environment.js'
import { forgetUnreadableRemoved } from './accounts/note-removal.js'
import { accountHandlers } from './accounts/verbs.js'
import { tellProgress, tellRecovery } from './assembly/recovery-reports.js'
import { type Assembly, assemble } from './assembly.js'
import { federates, type ServerConfig } from './config/server-config.js'
import { leaveDataFolder, prepareDataFolder, tellSpace } from './data-folder.js'
import { loadDialbackSecret } from './federation/dialback-secret.js'
import type { FederationSecrets } from './federation/federation.js'
import { once } from './once.js'
import { type OperatorHttp, openHttp, starting, stopping } from './operator-http.js'
import { recordHandlers } from './recording/verbs.js'
import { type StoresOptions, settleStores } from './stores.js'

export interface ServerOptions extends Pick<StoresOptions, 'logBound' | 'standBetween'> {
  readonly config: ServerConfig
  readonly log: Logger
  /** Told now and then while the journal is read, of how many entries were. */
  readonly onRecoveryProgress?: (entries: number) => void
}

export interface RunningServer {
  /** Where clients can connect, as `host:port`. */
  readonly listening: ReadonlyArray<string>
  readonly directTls: ReadonlyArray<string>
  /** Where servers can connect, with or without direct TLS. */
  readonly servers: ReadonlyArray<string>
  /** Where operators ask, as `host:port`. */
  readonly http: ReadonlyArray<string>
  readonly tls: LoadedTls
  readonly bus: ListenableBus<Stanza>
  readonly runtime: Runtime<Stanza>
  /** Reads the certificate again. */
  readonly reload: () => Promise<void>
  /** From now on this is the configuration, as far as it can change while the server runs (`changedOptions`). */
  readonly reconfigure: (config: ServerConfig) => void
  /** Commands may ask for these too from now on. */
  readonly obey: (handlers: ReadonlyArray<Handler>) => void
  /**
   * Tells the clients, lets their sessions wait in the journal (or, without one, stores what waits in them), and frees
   * everything. Rejects, once all is freed, if something could not be stored. Later calls get the same answer.
   */
  readonly stop: () => Promise<void>
}

/** Starts, or rejects with an `Error` that says why not; then everything is freed again. */
export const startServer = async (options: ServerOptions): Promise<RunningServer> => {
  const { config, log } = options
  const handlers = createHandlers()
  // Before anything is opened or changed: only one server at a time has a journal.
  makeDirectory(config.data)
  const control = await ownData({ config, handlers: handlers.current, log })
  try {
    const server = await startOwning(options, handlers)
    return {
      ...server,
      stop: once(async () => {
        handlers.set([])
        // Nobody else may have the data before all of it is closed.
        await server.stop().finally(control.close)
      }),
    }
  } catch (error) {
    handlers.set([])
    await control.close()
    throw error
  }
}

const startOwning = async (options: ServerOptions, handlers: Handlers): Promise<RunningServer> => {
  const { config, log } = options
  await prepareDataFolder(config.data, log)
  const env = openEnvironment({
    path: config.data,
    durability: config.durability === 'disk' ? 'disk' : 'process',
  })
  let accountsEnv: Environment | undefined
  let tls: LoadedTls
  let assembly: Assembly
  let http: OperatorHttp | undefined
  try {
    await settleStores(env, log)
    forgetUnreadableRemoved(env)
    accountsEnv = await openAccountsEnvironment({
      data: config.data,
      journal: env,
      onRenamed: (before, now) =>
        log.warn({ before, now }, 'an account whose domain was stored in A-labels has another name now'),
    })
    tellSpace(config.data, env, log)
    tls = await loadTls({ config: config.tls, data: config.data, domains: config.domains })
    http = await openHttp(config, tls, log)
    assembly = assemble({
      ...options,
      env,
      accountsEnv,
      tls,
      readiness: http.readiness,
      canBeControlled: fits(socketPath(config)),
      federation: federates(config) ? await loadSecrets(config) : undefined,
    })
  } catch (error) {
    await http?.stop()
    await accountsEnv?.close()
    await env.close()
    throw error
  }
  const { bus, runtime, recording, reconfigure, removals, stop } = assembly
  const { addresses, readiness, stop: stopHttp } = http
  try {
    http.add(...assembly.routes)
    const places = await letIn(options, assembly)
    readiness.note(starting, false)
    const ofConsole = [...recordHandlers(recording), ...assembly.sessions]
    const own = [...ofConsole, ...accountHandlers(removals)]
    handlers.set(own)
    http.offer(ofConsole)
    return {
      ...places,
      http: addresses,
      tls,
      bus,
      runtime,
      reload: () => tls.reload(),
      reconfigure,
      obey: more => handlers.set([...own, ...more]),
      stop: async () => {
        readiness.note(stopping, true)
        // It tells to the last what goes on.
        await stop().finally(stopHttp)
        leaveDataFolder(config.data, log)
      },
    }
  } catch (error) {
    await stop()
      .catch(() => undefined)
      .finally(stopHttp)
    throw error
  }
}

/** Brings back what was stored; then clients and servers may come. */
const letIn = async (
  { config, log, onRecoveryProgress = tellProgress(log) }: ServerOptions,
  { transport, servers, recover }: Assembly,
): Promise<Pick<RunningServer, 'directTls' | 'listening' | 'servers'>> => {
  tellRecovery(log, await recover(onRecoveryProgress))
  return {
    listening: await listen(transport, config.c2s.listen, false),
    directTls: await listen(transport, config.c2s.directTls, true),
    servers: [
      ...(await listen(servers, config.s2s.listen, false)),
      ...(await listen(servers, config.s2s.directTls, true)),
    ],
  }
}

/** Rejects with an `Error` that names the file if one of them cannot be had. */
const loadSecrets = async (config: ServerConfig): Promise<FederationSecrets> => {
  const dialback = await loadDialbackSecret(config.data)
  if (Either.isLeft(dialback)) throw new Error(dialback.left)
  return { dialback: dialback.right, authorities: await loadAuthorities(config.s2s.ca) }
}

/** What commands may ask for changes while the server starts, runs and stops. */
interface Handlers {
  /** Resolves once they were set for the first time. */
  readonly current: () => Promise<ReadonlyArray<Handler>>
  readonly set: (handlers: ReadonlyArray<Handler>) => void
}

const createHandlers = (): Handlers => {
  let tell: (handlers: ReadonlyArray<Handler>) => void = () => {}
  let known = new Promise<ReadonlyArray<Handler>>(resolve => {
    tell = resolve
  })
  return {
    current: () => known,
    set: handlers => {
      tell(handlers)
      known = Promise.resolve(handlers)
    },
  }
}

/** Listens at all of them; if one fails, the others are up, or have failed too, when that is told. */
const listen = async (
  transport: TcpTransport | undefined,
  addresses: ServerConfig['c2s']['listen'],
  directTls: boolean,
): Promise<ReadonlyArray<string>> => {
  if (transport === undefined) return []
  const started = await Promise.allSettled(
    addresses.map(async ({ host, port }) => addressText(await transport.listen({ host, port, directTls }))),
  )
  return started.map(one => {
    if (one.status === 'rejected') throw one.reason
    return one.value
  })
}
