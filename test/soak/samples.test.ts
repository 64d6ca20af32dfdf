import { describe, expect, test } from 'vitest'
import { courseOf, median, type Sample } from './samples.js'

const samplesOf = (heaps: ReadonlyArray<number>): ReadonlyArray<Sample> =>
  heaps.map((heap, minute) => ({ minute, heap, resident: 0, disk: 0, block: 0 }))

describe('the course of a figure', () => {
  test('is flat where it goes up and down', () => {
    const course = courseOf(samplesOf([10, 40, 60, 61, 59, 60, 62, 58, 60, 61, 59, 60]), 'heap')
    expect(course.isFlat).toBe(true)
    expect(Math.abs(course.perHour)).toBeLessThan(20)
  })

  test('is not flat where it grows', () => {
    const course = courseOf(samplesOf(Array.from({ length: 12 }, (_, minute) => 50 + minute * 10)), 'heap')
    expect(course).toEqual({ first: 105, last: 145, perHour: 600, isFlat: false })
  })

  test('does not count how it became warm', () =>
    expect(courseOf(samplesOf([0, 30, 60, 90, 90, 90, 90, 90, 90, 90, 90, 90]), 'heap').isFlat).toBe(true))

  test('is not told by a few samples', () =>
    expect(() => courseOf(samplesOf([1, 2, 3]), 'heap')).toThrow('3 samples; at least 6 are needed'))

  test('has the median as its middle', () => expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]))
})
