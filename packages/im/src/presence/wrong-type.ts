/** What is answered to a presence whose type does not fit (RFC 6121 §4.7.1). */

import type { Refusal } from '../outgoing.js'
import { refusal } from '../stanzas.js'

/** There is no such type. */
export const unknownType = (type: string): Refusal =>
  refusal('modify', 'bad-request', `${quoted(type)} is no type of presence`)

/** It is about somebody, and does not say whom. */
export const needsAddress = (type: string): Refusal =>
  refusal('modify', 'bad-request', `a presence of type ${quoted(type)} needs a to`)

const quoted = (type: string): string => JSON.stringify(type.slice(0, 100))
