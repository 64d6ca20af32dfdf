/** The demo of `npm start`: it shows the main job, it counts honestly, and it trusts one certificate only. */
import { rootCertificates } from 'node:tls'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type DemoOptions, runDemo } from '../../apps/demo/src/index.js'
import { isPerfect, tally } from '../../apps/demo/src/tally.js'
import { howToConnect } from '../../apps/server/src/command/how-to-connect.js'
import type { RunningServer } from '../support/server.js'
import { missing, startTarget } from '../support/targets.js'

const users = ['romeo', 'juliet'].map(username => ({ username, password: `secret of ${username}` }))

describe.skipIf(missing !== undefined)('the demo', () => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startTarget({ users })
  })
  afterAll(() => server?.stop())

  const show = async (options: Partial<DemoOptions> = {}) => {
    const pieces: string[] = []
    const [romeo, juliet] = users.map(({ username, password }) => ({ jid: `${username}@${server.domain}`, password }))
    if (romeo === undefined || juliet === undefined) throw new Error('two users play')
    const result = await runDemo({
      host: '127.0.0.1',
      port: server.port,
      domain: server.domain,
      accounts: [romeo, juliet],
      certificate: server.certificate,
      out: { write: text => pieces.push(text) },
      color: false,
      ...options,
    })
    return { result, text: pieces.join('') }
  }

  test('cuts three lines, resumes three sessions, and loses, doubles and reorders nothing', {
    timeout: 90_000,
  }, async () => {
    const { result, text } = await show()
    expect(result, text).toMatchObject({ ok: true, cuts: 3, resumptions: 3 })
    expect(result.tallies.every(isPerfect), text).toBe(true)

    for (const word of ['<enabled ', '<resume h=', '<resumed h=', '<r/>', '<a h=', 'LINE CUT', 'LINE DEAD', 'again '])
      expect(text, `the picture shows ${word}`).toContain(word)
    expect(text).toContain('0 lost, 0 doubled, 0 reordered')
    for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(100)
    expect(text, 'without colour it is plain ASCII').toMatch(/^[\n -~]*$/)
  })

  test('refuses a server whose certificate is another, says so, and ends', async () => {
    const [other = ''] = rootCertificates
    const { result, text } = await show({ certificate: other })
    expect(result.ok).toBe(false)
    expect(result.problem).toMatch(/certificate|self-signed/)
    expect(text).toContain('did not come to its end')
  })

  test('says so where nobody listens', async () => {
    const { result } = await show({ port: 1 })
    expect(result).toMatchObject({ ok: false, cuts: 0 })
    expect(result.problem).toBeTypeOf('string')
  })
})

describe('the tally', () => {
  test.each([
    ['all arrived', ['1', '2', '3'], { lost: 0, doubled: 0, reordered: 0 }, true],
    ['one is lost', ['1', '3'], { lost: 1, doubled: 0, reordered: 0 }, false],
    ['one came twice', ['1', '2', '2', '3'], { lost: 0, doubled: 1, reordered: 0 }, false],
    ['two changed places', ['1', '3', '2'], { lost: 0, doubled: 0, reordered: 1 }, false],
    ['one was never sent', ['1', '2', '3', '4'], { lost: 0, doubled: 1, reordered: 0 }, false],
  ])('%s', (_, received, counts, perfect) => {
    const found = tally(['1', '2', '3'], received)
    expect(found).toMatchObject({ sent: 3, received: received.length, ...counts })
    expect(isPerfect(found)).toBe(perfect)
  })

  test('is perfect for the same list, and for no other', () => {
    const ids = fc.uniqueArray(fc.nat(20).map(String), { minLength: 1 })
    fc.assert(
      fc.property(ids, fc.array(fc.nat(20).map(String)), (sent, other) => {
        expect(isPerfect(tally(sent, sent))).toBe(true)
        expect(isPerfect(tally(sent, other))).toBe(other.join() === sent.join())
      }),
    )
  })
})

test('how to connect names the address, the accounts, the passwords and the fingerprint', () => {
  const fingerprint = Array.from({ length: 32 }, () => 'AB').join(':')
  const text = howToConnect({
    listening: ['127.0.0.1:5222'],
    directTls: ['127.0.0.1:5223'],
    domain: 'localhost',
    accounts: users.map(({ username, password }) => ({ jid: `${username}@localhost`, password })),
    fingerprint,
  })
  for (const word of ['127.0.0.1:5222', '127.0.0.1:5223', 'romeo@localhost', 'secret of juliet', fingerprint])
    expect(text).toContain(word)
  for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(100)
})
