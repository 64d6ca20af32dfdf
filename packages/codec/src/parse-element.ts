/** One element from text: the same parser as that of streams, without a stream around it. */
import * as Either from 'fp-ts/lib/Either.js'
import { SaxesParser } from 'saxes'
import { Element } from './element.js'

/** Parses text that holds exactly one element. `Left` says what is wrong with it. */
export const parseElement = (xml: string): Either.Either<string, Element> => {
  const parser = new SaxesParser({ xmlns: false, position: false })
  let root: Element | undefined
  let current: Element | undefined
  let problem: string | undefined
  parser.on('error', error => {
    problem ??= error.message
  })
  parser.on('opentag', tag => {
    const opened = new Element(tag.name, { ...tag.attributes })
    if (current === undefined) root = opened
    else current.cnode(opened)
    current = opened
  })
  parser.on('closetag', () => {
    current = current?.parent ?? undefined
  })
  parser.on('text', text => {
    current?.t(text)
  })
  parser.write(xml).close()
  if (problem !== undefined) return Either.left(problem)
  return root === undefined ? Either.left('no element') : Either.right(root)
}
