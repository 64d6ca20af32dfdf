/** What the operator and their programs ask over HTTP. */

import type { LoadedTls } from '@smacks/certificates'
import { verbRoutes } from '@smacks/console-api'
import type { Handler } from '@smacks/control'
import { createHttpListener, createReadiness, type HttpListener, probes, type Readiness } from '@smacks/http'
import type { Logger } from 'pino'
import type { ServerConfig } from './config/server-config.js'

export interface OperatorHttp extends Pick<HttpListener, 'add' | 'stop'> {
  /** As `host:port`. */
  readonly addresses: ReadonlyArray<string>
  /** It is `starting`. */
  readonly readiness: Readiness
  /** These verbs may be asked for, until it stops; only where there is a token, since they change something. */
  readonly offer: (handlers: ReadonlyArray<Handler>) => void
}

/** What keeps a server from serving until everybody may come. */
export const starting = 'starting'

/** And what does so at its end. */
export const stopping = 'stopping'

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
  const isOpen = (): boolean => !readiness.whyNot().includes(stopping)
  return {
    addresses,
    readiness,
    add,
    stop,
    offer: handlers => {
      if (token !== undefined) add(...verbRoutes(handlers, isOpen))
    },
  }
}
