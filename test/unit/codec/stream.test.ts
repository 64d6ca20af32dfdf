import { expect, test } from 'vitest'
import { header, readInPieces } from './reading.js'

test.each([1, 7, 10_000])('an empty stream ends where its header does, whatever follows, in pieces of %i', size => {
  expect(readInPieces(`${header.replace(/>$/, '/>')}text`, size).slice(1)).toEqual(['closed'])
})
