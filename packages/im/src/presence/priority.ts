/** The priority of a presence (RFC 6121 §4.7.2.3). */
import { childOf, type Stanza } from '@smacks/codec'
import type { Option } from '#fp-ts/Option'
import { none, some } from '#fp-ts/Option'

/** An integer from -128 to 127, 0 if none is stated; nothing if what is stated is anything else. */
export const priorityOf = (presence: Stanza): Option<number> => {
  // Most state none, and need not be parsed for that.
  if (childOf(presence.outline, 'priority', '') === undefined) return some(0)
  const text = String(presence.element.getChildText('priority')).trim()
  const priority = Number(text)
  return integer.test(text) && priority >= -128 && priority <= 127 ? some(priority) : none
}

/** `xs:byte` as text. */
const integer = /^[+-]?\d{1,10}$/
