/** What is left of a stanza beyond a limit is not beyond it, and enough for an answer. */
import { createStreamReader, toXml } from '@smacks/codec'
import { expect, test } from 'vitest'
import { bytesOf, defaultLimits, header } from './reading.js'

/** What is left of a message of these attributes, whose body is too long. */
const leftOf = (attributes: string): string | undefined => {
  let left: string | undefined
  const reader = createStreamReader(defaultLimits, {
    header: () => {},
    element: () => {},
    overLimit: stanza => {
      left = toXml(stanza)
    },
    close: () => {},
    fault: () => {},
  })
  reader.write(bytesOf(`${header}<message ${attributes}><body>${'x'.repeat(10_000)}</body></message>`))
  return left
}

test.each([
  ['nothing', "type='chat' id='1' to='b@c/d' from='e'", 'from="e" id="1" to="b@c/d" type="chat"'],
  ['an id', `id='${'x'.repeat(1_024)}' to='b@c/d' from='e'`, 'from="e" to="b@c/d"'],
  ['a type', `type='${'x'.repeat(1_024)}' to='b@c/d' id='1'`, 'id="1" to="b@c/d"'],
  ['a resource', `to='b@c/${'x'.repeat(4_000)}' id='1'`, 'id="1" to="c"'],
  ['a localpart', `to='${'x'.repeat(4_000)}@c/d' id='1'`, 'id="1" to="c"'],
  ['a resource behind no localpart', `from='c/${'@'.repeat(4_000)}' id='1'`, 'from="c" id="1"'],
  ['a domain', `from='${'x'.repeat(4_000)}' id='1'`, 'id="1"'],
])('where %s is too long, the rest', (_, attributes, left) => expect(leftOf(attributes)).toBe(`<message ${left}/>`))
