/** Which mechanisms there are, where they are offered, and how one is started. */
import { randomBytes } from 'node:crypto'
import { offeredBindings } from './channel-binding.js'
import type { ScramCredentials, ScramHash } from './credentials.js'
import type { Derivations } from './derivation.js'
import type { Sasl, SaslContext, SaslExchange } from './mechanism.js'
import { createPasswordCheck } from './password-check.js'
import { plainExchange } from './plain.js'
import { scramExchange } from './scram.js'

export interface SaslOptions {
  readonly credentials: ScramCredentials
  /** Does what costs time when a password is checked. */
  readonly derivations: Derivations
  /**
   * PLAIN is offered on streams without TLS too. Only for connections that no one can listen to: loopback, with
   * `require_encryption = false`.
   */
  readonly allowPlainInsecure?: boolean
  /** The server's part of a SCRAM nonce; default: 144 random bits. */
  readonly freshNonce?: () => string
}

/** The mechanisms of the reference server. */
export const createSasl = ({
  credentials,
  derivations,
  allowPlainInsecure = false,
  freshNonce = () => randomBytes(18).toString('base64'),
}: SaslOptions): Sasl => {
  const check = createPasswordCheck({ credentials, derivations })

  const begin = (mechanism: string, context: SaslContext): SaslExchange | undefined => {
    if (mechanism === 'PLAIN') return plainExchange(context, check)
    const scram = scramMechanisms.find(({ name }) => name === mechanism)
    return scram && scramExchange({ ...scram, credentials, context, nonce: freshNonce() })
  }

  return {
    mechanisms: context => {
      const lists = offeredBindings(context).length > 0 ? bound : unbound
      return context.secure || allowPlainInsecure ? lists.withPlain : lists.withoutPlain
    },

    channelBindings: offeredBindings,

    start: (mechanism, context) => (context.advertised.includes(mechanism) ? begin(mechanism, context) : undefined),
  }
}

interface ScramMechanism {
  readonly name: string
  readonly hash: ScramHash
  readonly plus: boolean
}

/** Strongest first. */
const scramMechanisms: ReadonlyArray<ScramMechanism> = [
  { name: 'SCRAM-SHA-256-PLUS', hash: 'SHA-256', plus: true },
  { name: 'SCRAM-SHA-1-PLUS', hash: 'SHA-1', plus: true },
  { name: 'SCRAM-SHA-256', hash: 'SHA-256', plus: false },
  { name: 'SCRAM-SHA-1', hash: 'SHA-1', plus: false },
]

const listsOf = (mechanisms: ReadonlyArray<ScramMechanism>) => {
  const withoutPlain = mechanisms.map(({ name }) => name)
  return { withoutPlain, withPlain: [...withoutPlain, 'PLAIN'] }
}

const bound = listsOf(scramMechanisms)
const unbound = listsOf(scramMechanisms.filter(({ plus }) => !plus))
