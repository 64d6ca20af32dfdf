import { parseJson, versionedRecord } from '@smacks/codec'
import { isLeft, left, right } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { describe, expect, test } from 'vitest'

const point = t.type({ x: t.number, y: t.number }, 'a point')
const points = versionedRecord(point)

describe('a versioned record', () => {
  test('has its version in front', () => expect(points.write({ x: 1, y: 2 })).toBe('{"v":1,"x":1,"y":2}'))

  test('comes back as it was', () => {
    expect(points.read(points.write({ x: 1, y: 2 }))).toEqual(right({ x: 1, y: 2 }))
    expect(points.decode(points.encode({ x: 1, y: 2 }))).toEqual(right({ x: 1, y: 2 }))
  })

  test('may have another version, in another member', () => {
    const second = versionedRecord(point, { version: 2, member: 'version' })
    expect(second.write({ x: 1, y: 2 })).toBe('{"version":2,"x":1,"y":2}')
    expect(second.read('{"version":2,"x":1,"y":2}')).toEqual(right({ x: 1, y: 2 }))
    expect(second.read('{"version":1,"x":1,"y":2}')).toEqual(left('version: found 1, allowed: 2'))
  })

  test.each([
    ['{"v":2,"x":1,"y":2}', 'v: found 2, allowed: 1'],
    ['{"x":1,"y":2}', 'v: missing, allowed: 1'],
    ['{"v":1,"x":1,"y":"2"}', 'y: found "2", allowed: number'],
    ['[1]', 'found [1], allowed: a point'],
    ['null', 'found null, allowed: a point'],
  ])('is told what is wrong with %s', (text, reason) => expect(points.read(text)).toEqual(left(reason)))

  test('shows no secret where that is not wanted', () => {
    const secrets = versionedRecord(point, { describe: errors => `${errors.length} errors` })
    expect(secrets.decode({ v: 1, x: 'secret', y: 2 })).toEqual(left('1 errors'))
  })
})

test('what is no JSON is told in one line', () => {
  expect(parseJson('{"a":[1]}')).toEqual(right({ a: [1] }))
  const parsed = parseJson('{\n"a"\u2028')
  expect(isLeft(parsed) && /^SyntaxError: [^\r\n\u2028\u2029]+$/.test(parsed.left)).toBe(true)
})
