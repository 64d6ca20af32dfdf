/** Connections that we make: each attempt ends as a socket, in a failure, or is given up. */
import { lookup as lookupHost } from 'node:dns'
import { connect, isIP, type LookupFunction, type Socket } from 'node:net'
import { type RemoteEndpoint, socketOptions } from './endpoints.js'

export interface Dialer {
  /**
   * Connects. Neither `connected` nor `failed` is called inside this call, nor after the returned function was called,
   * which gives up, nor after `stop`.
   */
  readonly dial: (endpoint: RemoteEndpoint, outcome: DialOutcome) => () => void
  /** Gives up all attempts, and makes no more. */
  readonly stop: () => void
}

export interface DialOutcome {
  readonly connected: (socket: Socket) => void
  readonly failed: (reason: string) => void
}

/** `timeout`: how long an attempt may take, in milliseconds. */
export const createDialer = (timeout: number): Dialer => {
  /** Give up what does not stand yet. */
  const cancels = new Set<() => void>()
  let stopped = false
  return {
    dial: (endpoint, { connected, failed }) => {
      // Whoever waited for the DNS or for a timer comes too late.
      if (stopped) return () => {}
      const cancel = attempt(endpoint, timeout, {
        connected: socket => {
          cancels.delete(cancel)
          connected(socket)
        },
        failed: reason => {
          cancels.delete(cancel)
          failed(reason)
        },
      })
      cancels.add(cancel)
      return () => {
        cancels.delete(cancel)
        cancel()
      }
    },
    stop: () => {
      stopped = true
      for (const cancel of cancels) cancel()
      cancels.clear()
    },
  }
}

/** Names may have addresses of both families; Node tries them side by side. */
const attempt = (
  { host, port, permits }: RemoteEndpoint,
  timeout: number,
  { connected, failed }: DialOutcome,
): (() => void) => {
  if (permits !== undefined && isIP(host) !== 0 && !permits(host)) return refusing(notPermitted(host), failed)
  const lookup = permits === undefined ? {} : { lookup: permittedLookup(permits) }
  const socket = connect({ host, port, ...socketOptions, ...lookup })
  let isOver = false
  const over = (reason: string | undefined): void => {
    if (isOver) return
    isOver = true
    clearTimeout(timer)
    socket.destroy()
    if (reason !== undefined) failed(reason)
  }
  const fail = (error: Error): void => over(error.message === '' ? String(error) : error.message)
  const timer = setTimeout(() => over(`no connection within ${timeout / 1000} seconds`), timeout).unref()
  socket.on('error', fail)
  socket.once('connect', () => {
    if (isOver) return
    isOver = true
    clearTimeout(timer)
    socket.off('error', fail)
    connected(socket)
  })
  return () => over(undefined)
}

/** Like `dns.lookup`, without the addresses that are not permitted. */
const permittedLookup =
  (permits: (address: string) => boolean): LookupFunction =>
  (host, options, found) => {
    lookupHost(host, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return found(error, '', 0)
      const permitted = addresses.filter(({ address }) => permits(address))
      const [first] = permitted
      if (first === undefined) return found(new Error(notPermitted(host)), '', 0)
      if (options.all === true) found(null, permitted)
      else found(null, first.address, first.family)
    })
  }

const notPermitted = (host: string): string => `no address of '${host}' may be connected to`

/** Says it in a later turn. */
const refusing = (reason: string, failed: (reason: string) => void): (() => void) => {
  const turn = setImmediate(() => failed(reason))
  return () => clearImmediate(turn)
}
