/** What the tests of the edge cases have in common. */
import { type Drive, drive, enabled, sm3, withCounts } from '../driver.js'

export const ack = (h: number) => ({ _tag: 'Ack', version: sm3, h })
export const request = { _tag: 'Request', version: sm3 }
export const failed = (condition: string, more = {}) => ({ _tag: 'Failed', version: sm3, condition, ...more })

export const bound = (options = {}) => {
  const client = drive(options)
  client.bind()
  return client
}

/** Client and server, both as if 2^32 - 3 stanzas had gone each way. */
export const nearWrap = (of: (options?: object) => Drive = enabled, options = {}) =>
  drive(options, withCounts(of(options), 2 ** 32 - 3, 2 ** 32 - 3))
