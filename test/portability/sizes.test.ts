/** What the rooms weigh where each kB is paid for: minified, and as a server would send it. */
import { beforeAll, describe, expect, it } from 'vitest'
import { type Bundle, bundle } from './bundle.js'

interface Budget {
  readonly name: string
  readonly contents: string
  /** The greatest sizes, in kB: a few percent above what it was when they were set. Raise them only knowingly. */
  readonly kilobytes: number
  readonly gzipped: number
  /** Nothing else may come in. */
  readonly libraries: ReadonlyArray<string>
}

const all = (...rooms: ReadonlyArray<string>): string =>
  rooms.map(room => `export * as ${room} from '@smacks/${room}'`).join('\n')

const codecLibraries = ['fastest-levenshtein', 'fp-ts', 'io-ts', 'ltx', 'punycode', 'saxes', 'xmlchars']

const budgets: ReadonlyArray<Budget> = [
  { name: 'core', contents: all('core'), kilobytes: 63, gzipped: 19.4, libraries: [] },
  {
    name: 'step alone',
    contents: "export { step } from '@smacks/core'",
    kilobytes: 45,
    gzipped: 13.8,
    libraries: [],
  },
  { name: 'codec', contents: all('codec'), kilobytes: 112, gzipped: 40, libraries: codecLibraries },
  {
    name: 'core, codec, runtime, replay',
    contents: all('core', 'codec', 'runtime', 'replay'),
    kilobytes: 290,
    gzipped: 98.5,
    libraries: ['@noble/hashes', ...codecLibraries],
  },
]

const rooms = new Set(['core', 'codec', 'runtime', 'replay'])

describe('a bundle, minified,', () => {
  for (const { name, contents, kilobytes, gzipped, libraries } of budgets)
    describe(`of ${name}`, () => {
      let made: Bundle

      beforeAll(async () => {
        made = await bundle({ contents })
      })

      it(`is within ${kilobytes} kB, and ${gzipped} kB gzipped`, async ({ annotate }) => {
        await annotate(describeSizes(name, made), 'bundles')
        expect(made.bytes / 1000, describeSizes(name, made)).toBeLessThanOrEqual(kilobytes)
        expect(made.gzippedBytes / 1000, describeSizes(name, made)).toBeLessThanOrEqual(gzipped)
      })

      it(`has ${libraries.length === 0 ? 'no library' : 'no library but those it is known for'} in it`, () => {
        expect([...made.parts.keys()].filter(part => !rooms.has(part)).sort()).toEqual(libraries)
      })
    })
})

const describeSizes = (name: string, { bytes, gzippedBytes, parts }: Bundle): string => {
  const told = parts.size > 1 ? `: ${[...parts].map(([part, size]) => `${part} ${kB(size)}`).join(', ')}` : ''
  return `${name} ${kB(bytes)} kB, gzipped ${kB(gzippedBytes)}${told}`
}

const kB = (bytes: number): string => (bytes / 1000).toFixed(1)
