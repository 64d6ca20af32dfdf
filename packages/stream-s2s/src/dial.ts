/** Makes one stream to a domain: its targets are tried in order until one of them is ready for use. */
import type { UnreachableCondition } from '@smacks/core'
import type { Connection, ConnectionHandler } from '@smacks/stream'
import { type Either, isLeft } from '#fp-ts/Either'

/** Where to connect. */
export interface Target {
  readonly host: string
  readonly port: number
  /** TLS from the first byte (XEP-0368). */
  readonly directTls: boolean
  /** Configured by the operator: private addresses are allowed. */
  readonly isConfigured?: boolean
}

/** Why no stream could be made. */
export interface DialFailure {
  readonly condition: UnreachableCondition
  readonly text: string
  /** Another attempt soon cannot succeed. */
  readonly isFinal: boolean
}

/** What dialling needs of the network. */
export interface Network {
  /** The targets of a domain, best first. */
  readonly resolve: (domain: string) => Promise<Either<DialFailure, ReadonlyArray<Target>>>
  /** Connects; calls `accept` once that is done or `failed`, and neither after the returned function was called. */
  readonly connect: (
    target: Target,
    serverName: string,
    accept: (connection: Connection) => ConnectionHandler,
    failed: (reason: string) => void,
  ) => () => void
}

/** A stream that is being established. */
export interface Attempt extends ConnectionHandler {
  readonly giveUp: () => void
}

export interface Dialling {
  readonly network: Network
  readonly domain: string
  /** Makes the stream of a connection; it calls `failed` if it ends before it is ready. */
  readonly stream: (connection: Connection, failed: (reason: string) => void) => Attempt
  /** No target is left. */
  readonly failed: (failure: DialFailure) => void
}

/** Dials; the returned function gives up, and then nothing is called. */
export const dial = (dialling: Dialling): (() => void) => {
  const { network, domain } = dialling
  let isGivenUp = false
  let cancel: () => void = () => {}

  const tryNext = (targets: ReadonlyArray<Target>, next: number, last: string): void => {
    if (isGivenUp) return
    const target = targets[next]
    if (target === undefined) return dialling.failed(unreachable(domain, last))
    const failed = (reason: string): void => tryNext(targets, next + 1, `${nameOf(target)}: ${reason}`)
    cancel = network.connect(
      target,
      domain,
      connection => {
        const stream = dialling.stream(connection, failed)
        cancel = stream.giveUp
        return stream
      },
      failed,
    )
  }

  network.resolve(domain).then(
    resolved => {
      if (isGivenUp) return
      if (isLeft(resolved)) dialling.failed(resolved.left)
      else tryNext(resolved.right, 0, 'it has no addresses')
    },
    (error: unknown) => {
      if (!isGivenUp) dialling.failed(unreachable(domain, String(error)))
    },
  )
  return () => {
    isGivenUp = true
    cancel()
  }
}

const unreachable = (domain: string, reason: string): DialFailure => ({
  condition: 'remote-server-timeout',
  text: `'${domain}' cannot be reached: ${reason}`,
  isFinal: false,
})

const nameOf = ({ host, port }: Target): string => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)
