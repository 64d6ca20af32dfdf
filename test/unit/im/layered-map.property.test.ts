import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LayeredMap } from '../../../packages/im/src/layered-map.js'

test('has the entries of a Map, in its order, and leaves what it was made from as it was', () =>
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat({ max: 200 }), fc.option(fc.nat())), { maxLength: 600, size: 'max' }),
      changes => {
        let map = LayeredMap.of(new Map<number, { readonly n: number }>())
        const plain = new Map<number, { readonly n: number }>()
        for (const [key, n] of changes) {
          const [before, entries] = [map, [...map]]
          if (n === null) plain.delete(key)
          else plain.set(key, { n })
          map = n === null ? map.without(key) : map.with(key, { n })
          expect([...before]).toEqual(entries)
          expect(map.size).toBe(plain.size)
          expect(map.get(key)).toEqual(plain.get(key))
        }
        expect([...map]).toEqual([...plain])
      },
    ),
    { numRuns: 30 },
  ))
