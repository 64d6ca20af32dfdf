/** The reference server: starts, listens, stops. */
import type { ListenableBus } from '@smacks/bus-events'
import type { ServerConfig, Stanza } from '@smacks/codec'
import { openEnvironment } from '@smacks/journal-lmdb'
import type { RecoveryReport, Runtime } from '@smacks/runtime'
import type { TcpTransport } from '@smacks/transport-tcp'
import type { Logger } from 'pino'
import { type Control, openControl } from './control/listener.js'
import { fits, socketPath } from './control/protocol.js'
import { buildHouse, type House } from './house.js'
import { recordHandlers } from './recording/verbs.js'
import type { StoresOptions } from './stores.js'
import { type LoadedTls, loadTls } from './tls/load.js'

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
  readonly tls: LoadedTls
  readonly bus: ListenableBus<Stanza>
  readonly runtime: Runtime<Stanza>
  /** Reads the certificate again. */
  readonly reload: () => Promise<void>
  /**
   * Tells the clients, lets their sessions wait in the journal (or, without one, stores what waits in them), and frees everything. Rejects, once all is
   * freed, if something could not be stored. Later calls get the same answer.
   */
  readonly stop: () => Promise<void>
}

/** Starts, or rejects with an `Error` that says why not; then everything is freed again. */
export const startServer = async (options: ServerOptions): Promise<RunningServer> => {
  const { config, log } = options
  const env = openEnvironment({
    path: config.data,
    durability: config.durability === 'disk' ? 'disk' : 'process',
  })
  const socket = socketPath(config)
  let tls: LoadedTls
  let house: House
  try {
    tls = await loadTls({ config: config.tls, data: config.data, domains: config.domains })
    house = buildHouse({
      ...options,
      env,
      tls,
      canBeControlled: fits(socket),
    })
  } catch (error) {
    await env.close()
    throw error
  }
  const { transport, bus, runtime, recording } = house
  let control: Control | undefined
  const stop = async (): Promise<void> => {
    await control?.close()
    await house.stop()
  }
  try {
    tellRecovery(log, house.recover(options.onRecoveryProgress ?? (() => {})))
    const listening = await listen(transport, config.c2s.listen, false)
    const directTls = await listen(transport, config.c2s.directTls, true)
    control = await openControl({ path: socket, handlers: recordHandlers(recording), log })
    return {
      listening,
      directTls,
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

const tellRecovery = (log: Logger, { sessions, events, undecodable }: RecoveryReport): void => {
  if (sessions > 0) log.info({ sessions, events }, 'sessions are back and wait for their clients')
  for (const [account, reason] of undecodable)
    log.error(
      { account, reason },
      'the journal of an account does not decode; nobody can log in there until it is repaired',
    )
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
