/** One element from text: the same parser as that of streams, without a stream around it. */

import { SaxesParser } from 'saxes'
import * as Either from '#fp-ts/Either'
import type { Element } from './element.js'
import { createElementBuilder } from './element-builder.js'

/** Elements inside each other at most: what writes and walks elements needs a stack as deep. */
const deepest = 500

/**
 * Characters that are parsed at once. After a problem no more are: the parser goes on behind it, and the deeper it is
 * the longer it takes for each element.
 */
const pieceLength = 4096

/**
 * Parses text that holds exactly one element, and nothing that a stream may not hold either (RFC 6120 §11.1). `Left`
 * says what is wrong with it. Its size is not limited.
 */
export const parseElement = (xml: string): Either.Either<string, Element> => {
  const parser = new SaxesParser({ xmlns: true, position: false })
  const builder = createElementBuilder()
  let root: Either.Either<string, Element> = Either.left('there is no element')
  let problem: Either.Either<string, never> | undefined
  let depth = 0
  const refuse = (message: string): void => {
    problem ??= Either.left(message)
  }
  parser.on('error', error => refuse(error.message))
  parser.on('xmldecl', () => refuse('an XML declaration is not allowed'))
  parser.on('doctype', () => refuse('a document type declaration is not allowed'))
  parser.on('processinginstruction', () => refuse('a processing instruction is not allowed'))
  parser.on('comment', () => refuse('a comment is not allowed'))
  parser.on('attribute', ({ name, value }) => {
    builder.attribute(name, value)
  })
  parser.on('opentag', tag => {
    depth += 1
    if (depth > deepest) refuse(`elements are nested more than ${deepest} levels deep`)
    builder.open(tag.name, builder.attributes())
  })
  parser.on('text', builder.text)
  parser.on('cdata', builder.text)
  parser.on('closetag', () => {
    depth -= 1
    const closed = builder.close()
    if (closed !== undefined) root = Either.right(closed)
  })
  for (let at = 0; at < xml.length && problem === undefined; at += pieceLength)
    parser.write(xml.length <= pieceLength ? xml : xml.slice(at, at + pieceLength))
  parser.close()
  return problem ?? root
}
