import { element, toXml } from '@smacks/codec'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { xmlBytes } from '../../../packages/codec/src/xml.js'
import { bytesOf } from './reading.js'

test('the bytes of an element are told as it is written', () => {
  const text = fc.string({
    unit: fc.constantFrom(...'&<>"\'\t\n\rx', '\u007f', '\u0080', '\u00e4', '\u20ac', '\u{1f600}'),
  })
  const name = fc.constantFrom('a', 'message', 'x:y', '\u00e4')
  const attributes = fc.dictionary(name, fc.option(text, { nil: undefined }))
  const { tree } = fc.letrec<{ tree: ReturnType<typeof element> }>(tie => ({
    tree: fc
      .tuple(name, attributes, fc.array(fc.oneof({ maxDepth: 4 }, text, tie('tree')), { maxLength: 4 }))
      .map(([tag, attrs, children]) => Object.assign(element(tag, {}, ...children), { attrs })),
  }))
  fc.assert(
    fc.property(tree, it => {
      expect(xmlBytes(it)).toBe(bytesOf(toXml(it)).length)
    }),
  )
})
