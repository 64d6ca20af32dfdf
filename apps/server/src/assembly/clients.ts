/** How clients come in: the transport they connect to, and who handles their streams. */

import type { LoadedTls } from '@smacks/certificates'
import type { Stanza } from '@smacks/codec'
import type { Runtime } from '@smacks/runtime'
import { createDerivations, createLoginThrottle, createSasl, type LoginThrottle } from '@smacks/sasl'
import type { TellFailedLogin } from '@smacks/session-log'
import type { Connection, ConnectionHandler } from '@smacks/stream'
import { createC2s, type UnboundStreams } from '@smacks/stream-c2s'
import { createEntropy } from '@smacks/timers-host'
import { createTcpTransport, type TcpTransport, type UnsentTotal } from '@smacks/transport-tcp'
import type { Logger } from 'pino'
import type { AccountStore } from '../accounts/accounts.js'
import type { Settings } from '../config/current.js'
import type { ServerConfig } from '../config/server-config.js'
import { refusalOf, transportLimits, transportReports } from '../transport-options.js'
import type { HostTime } from './host-time.js'

/** Ids of streams, SM-IDs and nonces. */
const entropy = createEntropy()

/** Says who handles a new connection. */
export type Accept = (connection: Connection) => ConnectionHandler

export const createClientTransport = (
  { config, tls, log }: Pick<AcceptDependencies, 'config' | 'log'> & { readonly tls: LoadedTls },
  unsent: UnsentTotal,
  accept: Accept,
): TcpTransport =>
  createTcpTransport({
    accept,
    limits: transportLimits(config.limits, config.limits),
    unsent,
    refusal: reason =>
      refusalOf({ content: 'jabber:client', from: config.domains[0] ?? '', id: entropy.freshId() }, reason),
    tls: () => tls.current(),
    ...transportReports(log),
  })

export const createClientThrottle = ({ limits }: ServerConfig, { clock }: HostTime): LoginThrottle =>
  createLoginThrottle({
    clock,
    perAddress: limits.authFailuresPerAddress,
    perAccount: limits.authFailuresPerAccount,
    longestSeconds: limits.authDelaySeconds,
    forgetSeconds: limits.authForgetSeconds,
  })

export interface AcceptDependencies {
  readonly config: ServerConfig
  readonly settings: Settings
  readonly log: Logger
  readonly runtime: Runtime<Stanza>
  readonly accounts: AccountStore
  readonly time: HostTime
  readonly throttle: LoginThrottle
  readonly unbound: UnboundStreams
  readonly tellFailedLogin: TellFailedLogin
}

export const createAccept = ({
  config,
  settings,
  log,
  runtime,
  accounts,
  time: { clock, timers },
  throttle,
  unbound,
  tellFailedLogin,
}: AcceptDependencies): Accept =>
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
      credentials: accounts,
      derivations: createDerivations({ waiting: config.limits.authWaiting }),
      freshNonce: entropy.freshId,
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
    entropy,
    clock,
    timers,
    log,
  })
