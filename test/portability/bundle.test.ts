import { fileURLToPath } from 'node:url'
import { runInNewContext } from 'node:vm'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Bundles a room for no platform in particular; an import of a host's module would fail the build. */
const bundle = async (room: string): Promise<string> => {
  const { outputFiles } = await build({
    stdin: {
      contents: `export * from '${at(`../../packages/${room}/src/index.ts`)}'`,
      resolveDir: at('../../packages'),
      loader: 'ts',
    },
    bundle: true,
    write: false,
    minify: true,
    platform: 'neutral',
    mainFields: ['module', 'main'],
    format: 'iife',
    globalName: 'room',
    logLevel: 'silent',
  })
  return outputFiles[0]?.text ?? ''
}

/** Globals that every JavaScript runtime has beyond the language itself, and that the rooms may use. */
const webGlobals = { TextDecoder, TextEncoder }

describe('a bundle for no platform in particular', () => {
  for (const room of ['core', 'runtime']) {
    it(`of ${room} runs where there is nothing but the language`, async () => {
      const code = await bundle(room)
      expect(runInNewContext(`${code}; typeof room`, {})).toBe('object')
    })
  }

  it('of core makes a step where there is nothing but the language', async () => {
    const code = await bundle('core')
    const script = `${code}
      const [account, effects] = room.step(room.defaultConfig)(room.emptyAccount,
        { _tag: 'SessionBound', at: 0, resource: 'orchard', connection: 'c1' })
      JSON.stringify([account.sessions.length, effects.length])`
    expect(runInNewContext(script, {})).toBe('[1,0]')
  })

  it('of codec reads a stream where there is nothing but the language and TextDecoder', async () => {
    const code = await bundle('codec')
    const script = `${code}
      const seen = []
      const reader = room.createStreamReader({ stanzaBytes: 1000, depth: 10, attributes: 10 }, {
        header: header => seen.push(header.to), element: element => seen.push(element.name),
        close: () => seen.push('close'), fault: fault => seen.push(fault.condition) })
      reader.write(new TextEncoder().encode("<stream:stream xmlns='jabber:client' to='example.org' version='1.0'" +
        " xmlns:stream='http://etherx.jabber.org/streams'><message/></stream:stream>"))
      seen.join(' ')`
    expect(runInNewContext(script, webGlobals)).toBe('example.org message close')
  })
})
