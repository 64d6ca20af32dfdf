/** Who somebody is: SASL mechanisms (RFC 4422) and the throttle of failed logins. */
export { accountOf, CredentialsError, decodeAccountJid, prepareNewPassword, preparePassword } from './account-name.js'
export type { ScramCredentials, ScramHash, ScramKeys } from './credentials.js'
export { createDerivations, type Derivations } from './derivation.js'
export {
  decodeSasl,
  encodeChallenge,
  encodeFailure,
  encodeSuccess,
  type SaslFraming,
  type SaslRequest,
} from './framing.js'
export type { OfferContext, Sasl, SaslCondition, SaslContext, SaslExchange, SaslStep } from './mechanism.js'
export {
  type FailedLogin,
  type SaslAnswer,
  type SaslAnswered,
  type SaslFailure,
  SaslNegotiation,
  type SaslNegotiationOptions,
} from './negotiation.js'
export { createSasl } from './sasl.js'
export { defaultIterations, hashBytes, makeKeys, matches, scramHashes } from './scram-keys.js'
export { createLoginThrottle, type LoginThrottle } from './throttle/login-throttle.js'
