/** The examples of the READMEs run as they are printed, and the configuration shown is one that the server accepts. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { decodeServerConfig, defaultServerConfig } from '@smacks/codec'
import { isRight } from 'fp-ts/lib/Either.js'
import { parse } from 'smol-toml'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const generated = at('./.generated')

const blocks = (file: string, language: string): ReadonlyArray<string> =>
  [...readFileSync(at(`../../${file}`), 'utf8').matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    ([, code = '']) => code,
  )

/** Runs an example and gives what it printed. */
const run = async (name: string, code: string): Promise<ReadonlyArray<string>> => {
  const printed: Array<string> = []
  const log = vi.spyOn(console, 'log').mockImplementation((...words) => void printed.push(words.join(' ')))
  try {
    writeFileSync(`${generated}/${name}.ts`, code)
    await import(`${generated}/${name}.ts`)
  } finally {
    log.mockRestore()
  }
  return printed
}

beforeAll(() => void mkdirSync(generated, { recursive: true }))
afterAll(() => rmSync(generated, { recursive: true, force: true }))

describe('the examples of README.md', () => {
  const [builder = '', otherRuntime = '', hunter = ''] = blocks('README.md', 'ts')

  it('a server resumes a session and sends again what was not handled', async () => {
    expect(await run('builder', builder)).toMatchInlineSnapshot(`
      [
        "send <enabled resume='true' id='opaque-1' max='600'/> on socket-1",
        "send message m1 on socket-1",
        "send <r/> on socket-1",
        "arm the timer ackDelay of balcony, due 2026-01-01T00:00:31.000Z",
        "disarm the timer ackDelay of balcony",
        "arm the timer hibernation of balcony, due 2026-01-01T00:10:02.000Z",
        "tell of balcony: hibernating until 2026-01-01T00:10:02.000Z, 1 unacked: message m1",
        "disarm the timer hibernation of balcony",
        "let socket-2 be the connection of balcony",
        "send <resumed previd='opaque-1' h='0'/> on socket-2",
        "send message m1 again on socket-2, delayed since 2026-01-01T00:00:01.000Z",
        "send <r/> on socket-2",
        "arm the timer ackDelay of balcony, due 2026-01-01T00:00:33.000Z",
        "tell of balcony: resumed; it hibernated since 2026-01-01T00:00:02.000Z",
      ]
    `)
  })

  it('a client resumes and sends what waited', async () => {
    expect(await run('other-runtime', otherRuntime)).toMatchInlineSnapshot(`
      [
        "ws-1 <enable xmlns='urn:xmpp:sm:3' resume='true'/>",
        "ws-2 <resume xmlns='urn:xmpp:sm:3' previd='opaque-1' h='0'/>",
        "ws-2 <message to='romeo@example.org'><body>Good night</body></message>",
        "ws-2 <r xmlns='urn:xmpp:sm:3'/>",
      ]
    `)
  })

  it('a recorded session tells where the message went', async () => {
    expect(await run('hunter', hunter)).toMatchInlineSnapshot(`
      [
        "orchard on c1: the resource was bound",
        "orchard on c1: <enable resume='true' max='60'/> came; sm-1 is a fresh SM-ID",
        "  -> send <enabled resume='true' id='sm-1' max='60'/> on c1",
        "orchard: message where-am-i was submitted",
        "  -> send message where-am-i on c1",
        "  -> send <r/> on c1",
        "  -> arm the timer ackDelay of orchard, due 1970-01-01T00:00:35.000Z",
        "orchard on c1: the line dropped",
        "  -> disarm the timer ackDelay of orchard",
        "  -> arm the timer hibernation of orchard, due 1970-01-01T00:01:06.000Z",
        "  -> tell of orchard: hibernating until 1970-01-01T00:01:06.000Z, 1 unacked: message where-am-i",
        "orchard: the timer hibernation fired, due 1970-01-01T00:01:06.000Z",
        "  -> store message where-am-i offline",
        "  -> remember h=0 of sm-1",
        "  -> end the session of orchard: hibernation took too long",
        "  -> disarm the timer hibernation of orchard",
        "  -> tell of orchard: over, since hibernation took too long; it hibernated since 1970-01-01T00:00:06.000Z",
      ]
    `)
  })

  it('the configuration is the whole file with its defaults', () => {
    const [toml = ''] = blocks('README.md', 'toml')
    const decoded = decodeServerConfig(parse(toml))
    expect(isRight(decoded) ? decoded.right : decoded.left).toEqual(defaultServerConfig)
  })
})
