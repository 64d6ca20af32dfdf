/** How many stanzas a second become elements, and how many are ready to be routed. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type PayloadName, payloads } from '../load/payload.js'
import { builds, type Figure, type Measure, type Size } from '../measure.js'
import { cpuSecondsOf } from './cpu-seconds.js'

/** Of the build that is measured, which may be an old one. */
type Codec = Pick<typeof import('@smacks/codec'), 'createStreamReader' | 'Stanza' | 'stanzaFacts' | 'withAttributes'>

const header =
  "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='localhost' version='1.0'>"
const batch = 200
const limits = { headerBytes: 10_000, stanzaBytes: 262_144, depth: 100, elements: 10_000, attributes: 100 }

const sizes = {
  full: { warm: 1.5, measure: 5 },
  quick: { warm: 0.5, measure: 1 },
  smallest: { warm: 0, measure: 0.05 },
} as const satisfies Readonly<Record<Size, object>>

const figure = (key: string, title: string): Figure => ({
  key,
  title: `${title}, a second of CPU`,
  unit: '1/s',
  better: 'more',
  digits: 0,
})

export const codec: Measure = {
  name: 'codec',
  title: 'Stanzas through the codec',
  how: 'in a process of its own, on the core of the load: from bytes to elements; the same with the address of the sender, the facts, and written again as text. Processor time, garbage collection among it.',
  figures: [
    figure('parsed', 'stanzas parsed'),
    figure('routed', 'stanzas parsed, stamped, written'),
    figure('parsedReal', 'stanzas parsed, as clients write them'),
    figure('routedReal', 'stanzas parsed, stamped, written, as clients write them'),
  ],
  subjects: builds,
  pairs: 3,
  seconds: { full: 30, quick: 8, smallest: 2 },
  run: async (trial, size) => {
    const of: Codec = await import(pathToFileURL(join(trial.build, 'packages/codec/dist/index.js')).href)
    const parse: Work = element => element.name.length
    const route: Work = element => {
      const stanza = of.Stanza.fromElement(of.withAttributes(element, { from: 'a@localhost/load' }))
      return of.stanzaFacts(stanza.element).type.length + stanza.xml.length
    }
    return {
      parsed: stanzasPerSecond(of, size, 'plain', parse),
      routed: stanzasPerSecond(of, size, 'plain', route),
      parsedReal: stanzasPerSecond(of, size, 'real', parse),
      routedReal: stanzasPerSecond(of, size, 'real', route),
    }
  },
}

type Work = (element: import('@smacks/codec').Stanza['element']) => number

const stanzasPerSecond = (of: Codec, size: Size, payload: PayloadName, work: Work): number => {
  let count = 0
  let characters = 0
  const reader = of.createStreamReader(limits, {
    header: () => undefined,
    element: element => {
      count += 1
      characters += work(element)
    },
    close: () => undefined,
    fault: fault => {
      throw new Error(fault.condition)
    },
  })
  reader.write(Buffer.from(header))
  const bytes = Buffer.from(
    Array.from({ length: batch }, (_, number) => payloads[payload]('b@localhost/load', number)).join(''),
    'latin1',
  )

  const run = (seconds: number): number => {
    const before = count
    const elapsed = cpuSecondsOf()
    do reader.write(bytes)
    while (elapsed() < seconds)
    return (count - before) / elapsed()
  }

  run(sizes[size].warm)
  const result = run(sizes[size].measure)
  if (count % batch !== 0 || characters < count) throw new Error('the codec lost stanzas')
  return result
}
