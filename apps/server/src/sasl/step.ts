/** The three answers a mechanism can give. */
import type { SaslCondition, SaslStep } from './mechanism.js'

export const challenge = (data: Uint8Array): SaslStep => ({ _tag: 'Challenge', data })

export const success = (username: string, data?: Uint8Array): SaslStep =>
  data === undefined ? { _tag: 'Success', username } : { _tag: 'Success', username, data }

/** The text is for whoever debugs the client; it holds no secret. */
export const failure = (condition: SaslCondition, text: string): SaslStep => ({ _tag: 'Failure', condition, text })
