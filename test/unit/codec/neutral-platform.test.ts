import { fileURLToPath } from 'node:url'
import { createContext, runInContext } from 'node:vm'
import { build } from 'esbuild'
import { beforeAll, describe, expect, test } from 'vitest'

const entry = fileURLToPath(new URL('../../../packages/codec/src/index.ts', import.meta.url))
const core = fileURLToPath(new URL('../../../packages/core/src/index.ts', import.meta.url))

describe('the codec on a platform that is nobody’s', () => {
  let script = ''
  let inputs: ReadonlyArray<string> = []

  beforeAll(async () => {
    const result = await build({
      entryPoints: [entry],
      alias: { '@smacks/core': core },
      bundle: true,
      write: false,
      metafile: true,
      platform: 'neutral',
      mainFields: ['module', 'main'],
      format: 'iife',
      globalName: 'codec',
    })
    script = result.outputFiles[0]?.text ?? ''
    inputs = Object.keys(result.metafile.inputs)
  })

  test('is bundled from what it needs, and nothing of it is of Node', () => {
    expect(inputs.filter(input => input.includes('/ltx/')).map(input => input.replace(/.*\/ltx\//, ''))).toEqual([
      'src/escape.js',
      'src/Element.js',
    ])
    expect(inputs.some(input => /node:|\bevents\b/.test(input))).toBe(false)
  })

  test('reads a stream where there is nothing but ECMAScript, a TextDecoder and URLs', () => {
    const sandbox = createContext({
      TextDecoder,
      URL,
      told: [],
      bytes: new TextEncoder().encode(
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'><message>\u20ac</message></stream:stream>",
      ),
    })
    runInContext(
      `${script}
      const tell = name => () => told.push(name)
      codec.createStreamReader({ headerBytes: 1000, stanzaBytes: 1000, depth: 9, elements: 99, attributes: 9 }, {
        header: tell('header'), element: e => told.push(codec.toXml(e)), close: tell('close'), fault: tell('fault'),
      }).write(bytes)
      told.push(codec.parseJid('romeo@xn--bcher-kva.example').value.domain)
      told.push(codec.encodeNonza({ _tag: 'Ack', version: 'urn:xmpp:sm:3', h: 1 }))`,
      sandbox,
    )
    expect(sandbox.told).toEqual([
      'header',
      '<message>\u20ac</message>',
      'close',
      'b\u00fccher.example',
      "<a xmlns='urn:xmpp:sm:3' h='1'/>",
    ])
  })
})
