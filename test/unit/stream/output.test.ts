import { Output } from '@smacks/stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'

const openOutput = () => {
  const written: Array<string> = []
  const output = new Output({
    write: xml => written.push(xml),
    writeAlone: elements => written.push(`alone: ${elements.join('')}`),
  })
  return { output, written }
}

test('what is written leaves at once', () => {
  const { output, written } = openOutput()
  output.write('<a/>')
  expect(written).toEqual(['<a/>'])
})

test('what is written behind a reserved place waits for it', () => {
  const { output, written } = openOutput()
  const fill = output.reserve()
  output.write('<b/>')
  expect(written).toEqual([])
  fill(['<a/>'])
  expect(written).toEqual(['<a/>', '<b/>'])
  output.write('<c/>')
  expect(written).toEqual(['<a/>', '<b/>', '<c/>'])
})

test('a place may stay empty', () => {
  const { output, written } = openOutput()
  const fill = output.reserve()
  output.write('<b/>')
  fill([])
  expect(written).toEqual(['<b/>'])
})

test('what leaves alone takes along what waits behind it', () => {
  const { output, written } = openOutput()
  const fill = output.reserve()
  output.write('<b/>')
  fill(['<a/>', '<features/>'], true)
  expect(written).toEqual(['alone: <a/><features/><b/>'])
})

test('a place is filled once', () => {
  const { output, written } = openOutput()
  const fill = output.reserve()
  fill(['<a/>'])
  fill(['<b/>'])
  expect(written).toEqual(['<a/>'])
})

test('all leaves in the order in which it was written or its place was reserved, in whatever order places are filled', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 12 }), fc.infiniteStream(fc.nat()), (script, choices) => {
      const { output, written } = openOutput()
      const fills: Array<() => void> = []
      for (const [n, isPlace] of script.entries()) {
        if (isPlace) {
          const fill = output.reserve()
          fills.push(() => fill([`<e${n}/>`]))
        } else output.write(`<e${n}/>`)
      }
      for (const choice of choices) {
        const [fill] = fills.splice(choice % Math.max(1, fills.length), 1)
        if (fill === undefined) break
        fill()
      }
      expect(written).toEqual(script.map((_, n) => `<e${n}/>`))
    }),
  )
})
