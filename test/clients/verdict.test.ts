import { describe, expect, test } from 'vitest'
import { judge } from './verdict.js'

const said = ['a', 'b', 'c', 'd']

describe('the judge of the matrix of clients', () => {
  test('finds nothing where each came once and in order', () => {
    expect(judge(said, ['a', 'b', 'c', 'd'])).toEqual({ lost: [], doubled: [], reordered: [] })
  })

  test('tells what did not come', () => {
    expect(judge(said, ['a', 'd'])).toEqual({ lost: ['b', 'c'], doubled: [], reordered: [] })
  })

  test('tells what came again, even out of its turn, as doubled alone', () => {
    expect(judge(said, ['a', 'b', 'c', 'b', 'd', 'd'])).toEqual({ lost: [], doubled: ['b', 'd'], reordered: [] })
  })

  test('tells what came too late', () => {
    expect(judge(said, ['a', 'd', 'b', 'c'])).toEqual({ lost: [], doubled: [], reordered: ['b', 'c'] })
  })

  test('does not mind what nobody said', () => {
    expect(judge(said, ['hello', 'a', 'b', 'c', 'd'])).toEqual({ lost: [], doubled: [], reordered: [] })
  })
})
