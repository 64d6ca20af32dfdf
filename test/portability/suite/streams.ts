/** Streams, read byte by byte and in larger pieces: what is told must not depend on how they were cut. */
import { createStreamReader, toXml } from '@smacks/codec'

const open = (attributes: string): string =>
  `<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' ${attributes}>`

const whole = [
  open("to='example.org' version='1.0' xml:lang='de'"),
  "<presence/> \n <message to='romeo@example.org' type='chat' id='m1'><body>Ünïcödé 日本語 𝄞 &lt;&amp;&#x1F600;</body></message>",
  "<message id='m2'><body><![CDATA[<not> &markup;]]></body><x xmlns='jabber:x:oob'><url>http://e.org/?a=1&amp;b=2</url></x></message>",
  "<r xmlns='urn:xmpp:sm:3'/><a xmlns='urn:xmpp:sm:3' h='4294967295'/>",
  "<iq type='get' id='q'><p:query xmlns:p='jabber:iq:roster'/></iq>",
  '</stream:stream>',
].join('')

const header = open("to='example.org' version='1.0'")

/** By what is wrong with them. */
const streamTexts: Readonly<Record<string, string>> = {
  whole,
  'cut inside a stanza': whole.slice(0, whole.indexOf('語')),
  'not well-formed': `${header}<message><body>unclosed</message>`,
  'a comment': `${header}<message/><!-- hidden -->`,
  'a doctype': `<!DOCTYPE stream>${header}`,
  'a name of no namespace': `${header}<p:message/>`,
  'too long': `${header}<message><body>${'x'.repeat(2_000)}</body></message>`,
  'too deep': `${header}${'<a>'.repeat(20)}`,
}

/** Bytes at once. */
const pieces: ReadonlyArray<number> = [1, 2, 3, 7, 64, 100_000]

export const streams = () =>
  Object.fromEntries([
    ...Object.entries(streamTexts).map(([name, text]) => [name, readEachWay(new TextEncoder().encode(text))] as const),
    ['not UTF-8', readEachWay(new Uint8Array([...new TextEncoder().encode(`${header}<a>`), 0xc3, 0x28]))] as const,
  ])

const readEachWay = (bytes: Uint8Array) => {
  const [byteByByte = [], ...others] = pieces.map(size => read(bytes, size))
  const wrongly = pieces.slice(1).filter((_, index) => JSON.stringify(others[index]) !== JSON.stringify(byteByByte))
  return { told: byteByByte, toldOtherwiseInPiecesOf: wrongly }
}

const read = (bytes: Uint8Array, size: number): ReadonlyArray<string> => {
  const told: Array<string> = []
  const reader = createStreamReader(
    { headerBytes: 1_000, stanzaBytes: 1_000, depth: 10, elements: 100, attributes: 10 },
    {
      header: ({ to, lang }) => told.push(`header to ${to} in ${lang}`),
      element: element => told.push(toXml(element)),
      close: () => told.push('close'),
      fault: ({ condition, text }) => told.push(`${condition}: ${text}`),
    },
  )
  for (let at = 0; at < bytes.length; at += size) reader.write(bytes.subarray(at, at + size))
  return [...told, reader.midElement() ? 'ended inside an element' : 'ended between elements']
}
