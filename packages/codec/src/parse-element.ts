/** One element from text: the same parser as that of streams, without a stream around it. */
import * as Either from 'fp-ts/lib/Either.js'
import { SaxesParser } from 'saxes'
import type { Element } from './element.js'
import { createElementBuilder } from './element-builder.js'

/** Parses text that holds exactly one element. `Left` says what is wrong with it. For trusted text: it has no limits. */
export const parseElement = (xml: string): Either.Either<string, Element> => {
  const parser = new SaxesParser({ xmlns: true, position: false })
  const builder = createElementBuilder()
  let root: Element | undefined
  let problem: string | undefined
  parser.on('error', error => {
    problem ??= error.message
  })
  parser.on('attribute', ({ name, value }) => {
    builder.attribute(name, value)
  })
  parser.on('opentag', tag => {
    builder.open(tag.name, builder.attributes())
  })
  parser.on('text', builder.text)
  parser.on('cdata', builder.text)
  parser.on('closetag', () => {
    root = builder.close() ?? root
  })
  parser.write(xml).close()
  if (problem !== undefined) return Either.left(problem)
  return root === undefined ? Either.left('there is no element') : Either.right(root)
}
