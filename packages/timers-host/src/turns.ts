/** When a turn of the host's event loop ends. */
import type { Turns } from '@smacks/runtime'

/** Calls the callback once, soon, as a task of its own: after the input at hand, never at once. */
export type Defer = (callback: () => void) => void

/** Turns of the host's event loop. */
export const createTurns = (defer: Defer = hostDefer()): Turns => ({ atEnd: defer })

/**
 * The fastest task that the host has and that lets waiting input go first: `setImmediate`; where there is none
 * (browsers), a message to ourselves, since `setTimeout` waits for 4 ms there once it is nested; at last `setTimeout`.
 */
export const hostDefer = (host: DeferHost = globalThis as unknown as DeferHost): Defer => {
  const { setImmediate, MessageChannel, setTimeout } = host
  if (setImmediate !== undefined) return callback => void setImmediate(callback)
  if (MessageChannel !== undefined) return overChannel(new MessageChannel())
  return callback => void setTimeout(callback, 0)
}

/** What `hostDefer` looks for in its host. */
export interface DeferHost {
  readonly setImmediate?: (callback: () => void) => unknown
  readonly MessageChannel?: new () => Channel
  readonly setTimeout: (callback: () => void, milliseconds: number) => unknown
}

interface Channel {
  readonly port1: { onmessage: ((event: never) => void) | null }
  readonly port2: { readonly postMessage: (message: unknown) => void }
}

const overChannel = (channel: Channel): Defer => {
  const waiting: Array<() => void> = []
  channel.port1.onmessage = () => waiting.shift()?.()
  return callback => {
    waiting.push(callback)
    channel.port2.postMessage(null)
  }
}
