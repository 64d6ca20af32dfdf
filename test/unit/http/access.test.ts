import { defaultHttpSettings, exposures, isLoopback, isToken, probes, type Route, sentence } from '@smacks/http'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { testCertificate } from '../../support/certificate.js'
import { ask, line, open } from './ground.js'

const token = 'correct-horse-battery-staple'
const own: Route = { method: 'GET', path: '/own', access: 'token', answer: () => sentence(200, 'Yours') }
const change: Route = { ...own, method: 'POST' }

describe('with a token', () => {
  const status = async (port: number, authorization?: string): Promise<number | undefined> =>
    (await ask(port, '/own', authorization === undefined ? {} : { headers: { authorization } })).status

  test('only who shows it is answered', async () => {
    const { port } = await open([own], { token })
    expect(await status(port, `Bearer ${token}`)).toBe(200)
    expect(await status(port, `bearer  ${token}`)).toBe(200)
    for (const other of [
      undefined,
      '',
      token,
      `Basic ${token}`,
      `Bearer ${token}x`,
      `Bearer ${token.slice(1)}`,
      'Bearer ',
    ])
      expect(await status(port, other)).toBe(401)
    expect((await ask(port, '/own')).headers['www-authenticate']).toBe('Bearer')
  })

  test('what is open needs none', async () => {
    const { port } = await open(
      probes(() => []),
      { token },
    )
    expect(await ask(port, '/healthz')).toMatchObject({ status: 200, body: 'alive\n' })
  })
})

describe('without a token', () => {
  test('a page that has another name for this machine is refused, and so is what it sends from elsewhere', async () => {
    const { port } = await open([own, change, ...probes(() => [])])
    const hosts = ['localhost', `localhost:${port}`, '127.0.0.1', '127.0.0.1:1', '[::1]', `[::1]:${port}`]
    for (const host of hosts) expect(await ask(port, '/own', { headers: { host } })).toMatchObject({ status: 200 })
    for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1.evil.example'])
      expect(await ask(port, '/own', { headers: { host } })).toMatchObject({ status: 403 })
    expect(await ask(port, '/healthz', { headers: { host: '10.0.0.1' } })).toMatchObject({ status: 200 })

    const host = `127.0.0.1:${port}`
    const post = (origin: string) => ask(port, '/own', { method: 'POST', headers: { host, origin } })
    expect(await post(`http://${host}`)).toMatchObject({ status: 200 })
    for (const origin of ['http://evil.example', 'null', 'http://127.0.0.1:1', `http://localhost:${port}`])
      expect(await post(origin)).toMatchObject({ status: 403 })
  })
})

describe('readiness', () => {
  test('is refused with all reasons', async () => {
    let reasons: ReadonlyArray<string> = ['recovering']
    const { port } = await open(probes(() => reasons))
    expect(await ask(port, '/readyz')).toMatchObject({ status: 503, body: 'not ready: recovering\n' })
    reasons = ['the journal cannot be written', 'stopping']
    expect((await ask(port, '/readyz')).body).toBe('not ready: the journal cannot be written; stopping\n')
    reasons = []
    expect(await ask(port, '/readyz')).toMatchObject({ status: 200, body: 'ready\n' })
  })
})

describe('TLS', () => {
  test('takes a new certificate with the next connection, and nothing in the clear', async () => {
    const { cert, key } = await testCertificate()
    let asked = 0
    let current = { cert, key }
    const tls = () => {
      asked += 1
      return current
    }
    const { port } = await open([own], { token, tls })
    const headers = { authorization: `Bearer ${token}` }
    expect(await ask(port, '/own', { headers, ca: cert })).toMatchObject({ status: 200, body: 'Yours\n' })
    await expect(ask(port, '/own', { headers })).rejects.toThrow()
    current = { cert, key }
    const before = asked
    expect(await ask(port, '/own', { headers, ca: cert })).toMatchObject({ status: 200 })
    expect(asked).toBe(before + 1)
  })

  test('is not waited for', async () => {
    const { cert, key } = await testCertificate()
    const { port } = await open([own], { tls: () => ({ cert, key }), limits: { headerSeconds: 0.05 } })
    expect(await line(port).ended).toBe('')
  })
})

describe('settings', () => {
  const hosts = fc.constantFrom(
    '127.0.0.1',
    '127.9.9.9',
    '::1',
    'localhost',
    '0.0.0.0',
    '::',
    '192.0.2.1',
    'example.org',
  )

  test('that let others in without TLS and token are told, and only those', () => {
    const settings = fc.record(
      {
        listen: fc.array(fc.record({ host: hosts, port: fc.nat(65_535) })),
        tls: fc.boolean(),
        token: fc.constant(token),
      },
      { requiredKeys: ['listen', 'tls'] },
    )
    fc.assert(
      fc.property(settings, made => {
        const isLocal = made.listen.every(({ host }) => isLoopback(host))
        const missing = (made.tls ? 0 : 1) + (made.token === undefined ? 1 : 0)
        expect(exposures(made)).toHaveLength(isLocal ? 0 : missing)
      }),
    )
    expect(exposures(defaultHttpSettings)).toEqual([])
    expect(exposures({ listen: [{ host: '::', port: 80 }], tls: false, token })).toEqual([
      'http.tls: found false, allowed: true, since http.listen has "[::]:80", which others can reach',
    ])
  })

  test('have tokens that nobody guesses and a header can hold', () => {
    for (const good of [token, 'a'.repeat(16), 'a'.repeat(256), `${'+/'.repeat(10)}==`])
      expect(isToken(good)).toBe(true)
    for (const bad of [
      '',
      'a'.repeat(15),
      'a'.repeat(257),
      `${'a'.repeat(20)} b`,
      `${'ä'.repeat(20)}`,
      '=='.repeat(10),
    ])
      expect(isToken(bad)).toBe(false)
  })

  test('know which hosts are this machine', () => {
    for (const host of ['localhost', '127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1'])
      expect(isLoopback(host)).toBe(true)
    for (const host of ['127.0.0.1.example.org', '0.0.0.0', '::', '10.0.0.1', 'xlocalhost', ''])
      expect(isLoopback(host)).toBe(false)
  })
})
