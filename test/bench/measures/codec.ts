/** How many stanzas a second become elements, and how many are ready to be routed. */
import { createStreamReader, Stanza, stanzaFacts, withAttributes } from '@smacks/codec'
import { messageText } from '../load/pair.js'
import type { Effort, Progress } from './measure.js'

export interface CodecResult {
  /** From bytes to elements. */
  readonly parsedPerSecond: number
  /** The same, with the sender's address, the facts, and written again as text. */
  readonly routedPerSecond: number
}

const header =
  "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='localhost' version='1.0'>"
const batch = 200
const limits = { headerBytes: 10_000, stanzaBytes: 262_144, depth: 100, elements: 10_000, attributes: 100 }

export const measureCodec = (effort: Effort, progress: Progress): CodecResult => {
  progress('parses')
  const parsedPerSecond = stanzasPerSecond(effort, element => element.name.length)
  progress('parses, stamps, writes')
  const routedPerSecond = stanzasPerSecond(effort, element => {
    const stanza = Stanza.fromElement(withAttributes(element, { from: 'a@localhost/load' }))
    return stanzaFacts(stanza.element).type.length + stanza.xml.length
  })
  return { parsedPerSecond, routedPerSecond }
}

type Work = (element: Stanza['element']) => number

const stanzasPerSecond = (effort: Effort, work: Work): number => {
  let count = 0
  let size = 0
  const reader = createStreamReader(limits, {
    header: () => undefined,
    element: element => {
      count += 1
      size += work(element)
    },
    close: () => undefined,
    fault: fault => {
      throw new Error(fault.condition)
    },
  })
  reader.write(Buffer.from(header))
  const bytes = Buffer.from(
    Array.from({ length: batch }, (_, number) => messageText('b@localhost/load', number)).join(''),
  )

  const run = (seconds: number): number => {
    const before = count
    const startedAt = performance.now()
    let elapsed = 0
    while (elapsed < seconds) {
      reader.write(bytes)
      elapsed = (performance.now() - startedAt) / 1000
    }
    return (count - before) / elapsed
  }

  run(effort.warmSeconds / 2)
  const result = run(effort.measureSeconds / 2)
  if (count % batch !== 0 || size < count) throw new Error('the codec lost stanzas')
  return result
}
