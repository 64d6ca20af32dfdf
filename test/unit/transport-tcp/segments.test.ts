import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isBlank, segmentEnd } from '../../../packages/transport-tcp/src/segments.js'

const name = fc.constantFrom('a', 'iq', 'x:y')
const value = fc.stringMatching(/^[a-z>/?! ]{0,6}$/)
const text = fc.stringMatching(/^[a-zé>/? ]{0,8}$/)

/** Elements as a parser may have to take them, whatever is usual. */
const { element } = fc.letrec<{ element: string }>(tie => ({
  element: fc
    .record({
      name,
      attribute: fc.option(value),
      blank: fc.constantFrom('', ' ', '\n'),
      inside: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.constant(undefined),
        text,
        fc.array(fc.oneof(tie('element'), text), { maxLength: 3 }).map(parts => parts.join('')),
      ),
    })
    .map(({ name, attribute, blank, inside }) => {
      const tag = `<${name}${attribute === null ? '' : ` v='${attribute}'`}${blank}`
      return inside === undefined ? `${tag}/>` : `${tag}>${inside}</${name}${blank}>`
    }),
}))

/** The ends of the segments of these chunks, counted from the beginning of the first. */
const endsOf = (chunks: ReadonlyArray<Uint8Array>, isInside: boolean): ReadonlyArray<number> => {
  const ends: Array<number> = []
  let before = 0
  for (const chunk of chunks) {
    for (let start = 0; start < chunk.length; ) {
      start = segmentEnd(chunk, start, isInside)
      ends.push(before + start)
    }
    before += chunk.length
  }
  return ends
}

const cut = (bytes: Uint8Array, places: ReadonlyArray<number>): ReadonlyArray<Uint8Array> => {
  const all = [0, ...[...new Set(places.map(place => place % (bytes.length + 1)))].sort((one, other) => one - other)]
  return all.map((from, index) => bytes.subarray(from, all[index + 1] ?? bytes.length))
}

test('an element is the last thing in its segment, wherever the input is cut', () => {
  fc.assert(
    fc.property(
      fc.array(element, { minLength: 1, maxLength: 5 }),
      fc.array(fc.nat(), { maxLength: 5 }),
      (all, places) => {
        const bytes = Buffer.from(all.join(''))
        const ends = new Set(endsOf(cut(bytes, places), true))
        let end = 0
        for (const one of all) {
          end += Buffer.byteLength(one)
          expect(ends).toContain(end)
        }
      },
    ),
  )
})

test.each<readonly [string, boolean, number]>([
  ["<?xml version='1.0'?><stream:stream xmlns='jabber:client'>", false, 1],
  ["<?xml version='1.0'?>\n<stream:stream><presence/>", false, 2],
  ["<auth mechanism='PLAIN'>AHgAeA==</auth>", true, 1],
  ['<iq><bind><resource>desk</resource></bind></iq>', true, 3],
  ["<presence/><enable resume='true'/>", true, 2],
  ['>>>>', true, 4],
])('%s has as few segments as that can be known', (written, isInside, count) => {
  expect(endsOf([Buffer.from(written)], isInside)).toHaveLength(count)
})

test('blanks are those of XML', () => {
  expect(isBlank(Buffer.from(' \r\n\t'))).toBe(true)
  expect(isBlank(Buffer.from(' x'))).toBe(false)
})
