/** What the operator and their programs ask over HTTP. */
import { createHttpListener, createReadiness, type HttpListener, probes, type Readiness } from '@smacks/http'
import type { Logger } from 'pino'
import type { ServerConfig } from './config/server-config.js'
import type { LoadedTls } from './tls/load.js'

export interface OperatorHttp extends Pick<HttpListener, 'add' | 'stop'> {
  /** As `host:port`. */
  readonly addresses: ReadonlyArray<string>
  /** It is `starting`. */
  readonly readiness: Readiness
}

/** What keeps a server from serving until everybody may come. */
export const starting = 'starting'

/** Listens, if that is configured; rejects, once nothing is listened to, with an `Error` that says why it cannot. */
export const openHttp = async (
  { http: { listen, tls: isSecure, token } }: ServerConfig,
  tls: LoadedTls,
  log: Logger,
): Promise<OperatorHttp> => {
  const readiness = createReadiness()
  readiness.note(starting, true)
  const { add, stop, ...listener } = createHttpListener({
    token,
    tls: isSecure ? tls.current : undefined,
    onFault: (error, path) => log.error({ err: error, path }, 'a fault of ours while a request was answered'),
  })
  add(...probes(readiness.whyNot))
  const addresses: Array<string> = []
  try {
    for (const endpoint of listen) addresses.push(await listener.listen(endpoint))
  } catch (error) {
    await stop()
    throw error
  }
  for (const address of addresses) log.info({ address, tls: isSecure }, 'listening for HTTP')
  return { addresses, readiness, add, stop }
}
