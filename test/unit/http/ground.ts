/** A listener on a loopback port, and what is sent there as bytes or as requests. */
import { type IncomingHttpHeaders, request as requestPlain } from 'node:http'
import { request as requestSecure } from 'node:https'
import { connect, type Socket } from 'node:net'
import { createHttpListener, type HttpListener, type HttpOptions, type Route } from '@smacks/http'
import { afterEach } from 'vitest'

const endings: Array<() => unknown> = []
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

export interface Ground {
  readonly port: number
  readonly listener: HttpListener
  /** What `onFault` was told. */
  readonly faults: ReadonlyArray<unknown>
}

export const open = async (
  routes: ReadonlyArray<Route>,
  options: Partial<HttpOptions> = {},
  prepare: (listener: HttpListener) => void = () => {},
): Promise<Ground> => {
  const faults: Array<unknown> = []
  const listener = createHttpListener({ onFault: error => faults.push(error), ...options })
  endings.push(listener.stop)
  listener.add(...routes)
  prepare(listener)
  const address = await listener.listen({ host: '127.0.0.1', port: 0 })
  return { port: Number(address.split(':')[1]), listener, faults }
}

export interface Answered {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

interface Asking {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Trust this certificate, and use TLS. */
  readonly ca?: string
}

/** Each on a connection of its own. */
export const ask = (
  port: number,
  path: string,
  { method = 'GET', headers, body, ca }: Asking = {},
): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      path,
      method,
      agent: false,
      ...(headers === undefined ? {} : { headers }),
    }
    const asked = ca === undefined ? requestPlain(options) : requestSecure({ ...options, ca, servername: 'localhost' })
    asked.once('error', reject)
    asked.once('response', response => {
      const chunks: Array<Buffer> = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.once('error', reject)
      response.once('end', () => {
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString() })
      })
    })
    asked.end(body)
  })

/** A line to the listener. */
export interface Line {
  readonly socket: Socket
  /** All that came, once it holds the text, or once the line has ended. */
  readonly until: (text: string) => Promise<string>
  readonly ended: Promise<string>
}

export const line = (port: number): Line => {
  const socket = connect({ host: '127.0.0.1', port })
  endings.push(() => socket.destroy())
  let heard = ''
  socket.on('data', bytes => {
    heard += bytes.toString('latin1')
  })
  socket.on('error', () => {})
  const ended = new Promise<string>(resolve => socket.once('close', () => resolve(heard)))
  const until = (text: string): Promise<string> =>
    new Promise(resolve => {
      const look = (): void => {
        if (heard.includes(text)) resolve(heard)
      }
      socket.on('data', look)
      void ended.then(resolve)
      look()
    })
  return { socket, until, ended }
}
