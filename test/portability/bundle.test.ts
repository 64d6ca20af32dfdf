import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { bundle } from './bundle.js'

const roomOf = async (room: string): Promise<string> => {
  const { code } = await bundle({ contents: `export * from '@smacks/${room}'`, format: 'iife', globalName: 'room' })
  return code
}

/** Globals that every JavaScript runtime has beyond the language itself, and that the rooms may use. */
const webGlobals = { TextDecoder, TextEncoder }

describe('a bundle for no platform in particular', () => {
  for (const room of ['core', 'runtime', 'replay']) {
    it(`of ${room} runs where there is nothing but the language`, async () => {
      const code = await roomOf(room)
      expect(runInNewContext(`${code}; typeof room`, {})).toBe('object')
    })
  }

  it('of core makes a step where there is nothing but the language', async () => {
    const code = await roomOf('core')
    const script = `${code}
      const [account, effects] = room.step(room.defaultConfig)(room.emptyAccount,
        { _tag: 'SessionBound', at: 0, resource: 'orchard', connection: 'c1' })
      JSON.stringify([account.sessions.length, effects.length])`
    expect(runInNewContext(script, {})).toBe('[1,0]')
  })

  it('of codec reads a stream where there is nothing but the language and TextDecoder', async () => {
    const code = await roomOf('codec')
    const script = `${code}
      const seen = []
      const reader = room.createStreamReader({ headerBytes: 1000, stanzaBytes: 1000, depth: 10, elements: 100, attributes: 10 }, {
        header: header => seen.push(header.to), element: element => seen.push(element.name),
        close: () => seen.push('close'), fault: fault => seen.push(fault.condition) })
      reader.write(new TextEncoder().encode("<stream:stream xmlns='jabber:client' to='example.org' version='1.0'" +
        " xmlns:stream='http://etherx.jabber.org/streams'><message/></stream:stream>"))
      seen.join(' ')`
    expect(runInNewContext(script, webGlobals)).toBe('example.org message close')
  })
})
