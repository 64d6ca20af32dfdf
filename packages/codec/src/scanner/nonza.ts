/** `<r/>` and `<a/>` (XEP-0198 §4). */
import type { Ack, Request } from '@smacks/core'
import { smVersion } from '../attribute-codecs.js'
import type { StartTag } from './start-tag.js'

/** With as many digits it is always a counter. */
const mostDigits = 9

/** What the start tag says; nothing if it is in another namespace, or has anything but what belongs there. */
export const nonzaOf = (name: 'a' | 'r', tag: StartTag, bytes: Uint8Array): Ack | Request | undefined => {
  const version = smVersion(tag.xmlns)
  if (version === undefined) return undefined
  if (name === 'r') return tag.count === 1 ? { _tag: 'Request', version } : undefined
  const attribute = tag.attribute('h')
  const h = attribute === undefined ? undefined : digits(bytes, attribute.from, attribute.to)
  return h === undefined || tag.count !== 2 ? undefined : { _tag: 'Ack', version, h }
}

const digits = (bytes: Uint8Array, from: number, to: number): number | undefined => {
  if (to === from || to - from > mostDigits) return undefined
  let number = 0
  for (let at = from; at < to; at += 1) {
    const digit = Number(bytes[at]) - 0x30
    if (digit < 0 || digit > 9) return undefined
    number = number * 10 + digit
  }
  return number
}
