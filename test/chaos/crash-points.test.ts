import { expect, test } from 'vitest'
import { createChance } from './chance.js'
import { crashPoints, decodePlan, encodePlan, pointNames } from './crash-points.js'
import { deathsOf, endlessDeaths } from './deaths.js'

test('a plan is read as it was written', () => {
  for (const point of pointNames) expect(decodePlan(encodePlan({ point, count: 7 }))).toEqual({ point, count: 7 })
  expect(Object.keys(crashPoints)).toEqual(pointNames)
})

test('a plan that is none is refused with what is allowed', () => {
  for (const text of ['', 'before-commit', 'before-commit:0', 'before-commit:x', 'nowhere:1'])
    expect(() => decodePlan(text)).toThrow(/^SMACKS_CRASH is .*; allowed is point:count, of the points before-commit, /)
})

test('all deaths come equally often, in an order that the seed repeats', () => {
  const deaths = deathsOf('process')
  const drawn = (seed: number): ReadonlyArray<string> => {
    const endless = endlessDeaths('process', createChance(seed))
    return Array.from({ length: deaths.length * 2 }, () => endless.next().value)
  }
  expect([...drawn(1)].sort()).toEqual([...deaths, ...deaths].sort())
  expect(drawn(1)).toEqual(drawn(1))
  expect(drawn(1)).not.toEqual(drawn(2))
})
