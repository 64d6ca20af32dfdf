/** The answers of a mechanism: challenge, success, failure. */
import type { SaslCondition, SaslStep, SaslStepFailure } from './mechanism.js'

export const challenge = (data: Uint8Array): SaslStep => ({ _tag: 'Challenge', data })

export const success = (username: string, data?: Uint8Array): SaslStep =>
  data === undefined ? { _tag: 'Success', username } : { _tag: 'Success', username, data }

/** The text is for whoever debugs the client; it holds no secret. */
export const failure = (condition: SaslCondition, text: string, account?: string): SaslStepFailure => ({
  _tag: 'Failure',
  condition,
  text,
  ...(account === undefined ? {} : { account }),
})

/** The same for a user who does not exist and for a wrong password. */
export const wrongCredentials = (account: string): SaslStepFailure =>
  failure('not-authorized', 'Unknown user or wrong password', account)

/** Too many logins failed from this address or at this account; the same whether the account exists or not. */
export const tooSoon = (wait: number, account: string): SaslStepFailure =>
  failure('temporary-auth-failure', `Too many logins failed; try again in ${Math.ceil(wait / 1_000)} seconds`, account)
