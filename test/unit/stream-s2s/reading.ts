/** Elements as the transport hands them out: read from a stream that our own header opens. */
import { createStreamReader, type Element } from '@smacks/codec'
import { xmlStreamFraming } from '@smacks/stream'
import { serverHeader } from '../../../packages/stream-s2s/src/elements.js'

const ownHeader = xmlStreamFraming.open(serverHeader({ from: 'a.example', to: 'b.example' }))

export const elementOf = (xml: string, header = ownHeader): Element => {
  const read: Array<Element> = []
  const reader = createStreamReader(
    { headerBytes: 10_000, stanzaBytes: 10_000, depth: 64, elements: 1000, attributes: 100 },
    {
      header: () => {},
      element: element => read.push(element),
      close: () => {},
      fault: fault => {
        throw new Error(fault.text)
      },
    },
  )
  reader.write(Buffer.from(header + xml))
  const [element] = read
  if (element === undefined || read.length > 1) throw new Error(`${read.length} elements, not one: ${xml}`)
  return element
}
