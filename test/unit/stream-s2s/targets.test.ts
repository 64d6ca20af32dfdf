import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { maxTargets, type OfferedTarget, orderedTargets } from '../../../packages/stream-s2s/src/targets.js'

const offered = (host: string, priority: number, weight: number, directTls = false): OfferedTarget => ({
  host,
  port: 5269,
  directTls,
  priority,
  weight,
})
const hosts = (targets: ReadonlyArray<OfferedTarget>, random: () => number) =>
  orderedTargets(targets, random).map(({ host }) => host)

/** How often each of them comes first, if chance makes each of its choices equally often. */
const firsts = (targets: ReadonlyArray<OfferedTarget>): Readonly<Record<string, number>> => {
  const choices = targets.reduce((sum, { weight }) => sum + weight, 0) + 1
  const counts: Record<string, number> = {}
  for (let choice = 0; choice < choices; choice += 1) {
    const [first = ''] = hosts(targets, () => choice / choices)
    counts[first] = (counts[first] ?? 0) + 1
  }
  return counts
}

describe('targets are tried', () => {
  test('in the order of their priorities, whatever their weights and kinds', () =>
    expect(hosts([offered('c', 20, 9), offered('a', 5, 0), offered('b', 10, 1, true)], () => 0.5)).toEqual([
      'a',
      'b',
      'c',
    ]))

  test('first as often as their weights say', () => {
    expect(firsts([offered('a', 1, 10), offered('b', 1, 30)])).toEqual({ a: 11, b: 30 })
    expect(firsts([offered('b', 1, 30), offered('a', 1, 10)])).toEqual({ a: 10, b: 31 })
  })

  test('seldom first, but not never, without a weight among others with one', () =>
    expect(firsts([offered('a', 1, 10), offered('none', 1, 0), offered('b', 1, 5)])).toEqual({ none: 1, a: 10, b: 5 }))

  test('with all that is known of where they are, and nothing else', () =>
    expect(orderedTargets([offered('a', 1, 1, true)], () => 0)).toEqual([{ host: 'a', port: 5269, directTls: true }]))

  const anyTargets = fc
    .array(fc.record({ priority: fc.integer({ min: 0, max: 3 }), weight: fc.integer({ min: 0, max: 65_535 }) }), {
      maxLength: 30,
    })
    .map(made => made.map(({ priority, weight }, index) => offered(`host-${index}`, priority, weight)))
  const chance = fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }))

  test('each at most once, as many as are allowed, and none before one of a lower priority', () =>
    fc.assert(
      fc.property(anyTargets, chance, (targets, stream) => {
        const random = () => Number(stream.next().value)
        const ordered = hosts(targets, random)
        expect(ordered).toHaveLength(Math.min(targets.length, maxTargets))
        expect(new Set(ordered).size).toBe(ordered.length)
        const priorityOf = (host: string) => targets.find(target => target.host === host)?.priority ?? Number.NaN
        const priorities = ordered.map(priorityOf)
        expect(priorities).toEqual([...priorities].sort())
        // Nobody was left out who comes before one who was not.
        const last = priorities.at(-1) ?? 0
        for (const { host, priority } of targets) if (priority < last) expect(ordered).toContain(host)
      }),
    ))
})
