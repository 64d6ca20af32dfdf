/** What a stranger can make the listener hold, do or wait for is bounded, and others are answered meanwhile. */
import { type HttpLimits, type Route, sentence } from '@smacks/http'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ask, line, open } from './ground.js'

const hello: Route = { method: 'GET', path: '/hello', access: 'open', answer: () => sentence(200, 'Hello') }
const echo: Route = {
  ...hello,
  method: 'POST',
  path: '/echo',
  answer: async ({ body }) => sentence(200, (await body()) ?? 'too long'),
}
const get = 'GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n'

/** A route that answers when it is let. */
const waiting = () => {
  const letGo: Array<() => void> = []
  const route: Route = {
    ...hello,
    path: '/wait',
    answer: () =>
      new Promise(resolve => {
        letGo.push(() => resolve(sentence(200, 'At last')))
      }),
  }
  return { route, letGo }
}

describe('time', () => {
  const quick: Partial<HttpLimits> = {
    headerSeconds: 0.05,
    requestSeconds: 0.1,
    keepAliveSeconds: 0.01,
    idleSeconds: 0.3,
  }

  test('a peer that sends nothing, or its headers bit by bit, is dropped', async () => {
    const { port } = await open([hello], { limits: quick })
    const silent = line(port)
    const slow = line(port)
    slow.socket.write('GET /hello HTTP/1.1\r\nHost: loc')
    const drip = setInterval(() => slow.socket.write('a'), 5)
    const [ofSilent, ofSlow] = await Promise.all([silent.ended, slow.ended]).finally(() => clearInterval(drip))
    expect(ofSilent).toMatch(/^(HTTP\/1.1 408 |$)/)
    expect(ofSlow).toMatch(/^(HTTP\/1.1 408 |$)/)
  })

  test('so is one whose body never comes whole, and one that asks nothing more', async () => {
    const { port } = await open([echo, hello], { limits: quick })
    const slow = line(port)
    slow.socket.write('POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n12345')
    expect(await slow.ended).toMatch(/^(HTTP\/1.1 408 |$)/)
    const done = line(port)
    done.socket.write(get)
    expect(await done.ended).toContain('Hello')
  })

  test('a request on which nothing moves is given up, and its place is free', async () => {
    const { route } = waiting()
    const { port } = await open([route, hello], { limits: { idleSeconds: 0.05, requests: 1 } })
    await expect(ask(port, '/wait')).rejects.toThrow()
    expect(await ask(port, '/hello')).toMatchObject({ status: 200 })
  })
})

describe('size', () => {
  test('headers that are too long are refused', async () => {
    const { port } = await open([hello], { limits: { headerBytes: 1000 } })
    const { socket, ended } = line(port)
    socket.write(`GET /hello HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(2000)}\r\n\r\n`)
    expect(await ended).toMatch(/^HTTP\/1.1 431 /)
  })

  test('a body that is too long is not kept, and the answer arrives; of an endless one the line ends', async () => {
    const { port } = await open([echo, hello], { limits: { bodyBytes: 1000 } })
    const post = (size: number) => ask(port, '/echo', { method: 'POST', body: 'x'.repeat(size) })
    expect((await post(1000)).body).toBe(`${'x'.repeat(1000)}\n`)
    expect((await post(1001)).body).toBe('too long\n')
    expect((await post(15_000)).body).toBe('too long\n')
    const { socket, ended } = line(port)
    socket.write('POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n')
    const chunk = `3e8\r\n${'x'.repeat(1000)}\r\n`
    const more = (): void => {
      if (socket.destroyed) return
      socket.write(chunk)
      setImmediate(more)
    }
    more()
    await ended
    expect(await ask(port, '/hello')).toMatchObject({ status: 200 })
  })
})

describe('number', () => {
  test('requests beyond the limit are put off', async () => {
    const { route, letGo } = waiting()
    const { port } = await open([route, hello], { limits: { requests: 2 } })
    const first = [ask(port, '/wait'), ask(port, '/wait')]
    await expect.poll(() => letGo.length).toBe(2)
    const refused = await ask(port, '/hello')
    expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '1' } })
    for (const go of letGo) go()
    expect((await Promise.all(first)).map(({ status }) => status)).toEqual([200, 200])
    expect(await ask(port, '/hello')).toMatchObject({ status: 200 })
  })

  test('a connection takes the place of the oldest without a request, never of one that has one', async () => {
    const { route, letGo } = waiting()
    const { port } = await open([route, hello], { limits: { connections: 2 } })
    const busy = ask(port, '/wait')
    await expect.poll(() => letGo.length).toBe(1)
    const idle = line(port)
    idle.socket.write(get)
    await idle.until('Hello')
    expect(await ask(port, '/hello')).toMatchObject({ status: 200 })
    await idle.ended
    const other = ask(port, '/wait')
    await expect.poll(() => letGo.length).toBe(2)
    expect(await line(port).ended).toBe('')
    for (const go of letGo) go()
    expect((await Promise.all([busy, other])).map(({ status }) => status)).toEqual([200, 200])
  })
})

describe('bytes of any kind', () => {
  test('get an error or nothing, and no fault of ours', async () => {
    const { port, faults } = await open([hello, echo], { limits: { headerSeconds: 0.2 } })
    const piece = fc.oneof(
      fc.constantFrom(
        'GET',
        'POST /echo',
        ' ',
        '/hello',
        ' HTTP/1.1',
        '\r\n',
        '\r\n\r\n',
        'Host: localhost',
        ':',
        '\0',
        '//',
      ),
      fc.constantFrom(
        'Transfer-Encoding: chunked',
        'Content-Length: 3',
        'Upgrade: websocket',
        'Connection: Upgrade',
        '%',
        '?',
      ),
      fc.string(),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async pieces => {
        const { socket, ended } = line(port)
        socket.end(pieces.join(''))
        for (const [, status] of (await ended).matchAll(/HTTP\/1\.1 (\d+)/g)) expect(Number(status)).toBeLessThan(500)
      }),
      { numRuns: 100 },
    )
    expect(faults).toEqual([])
    expect(await ask(port, '/hello')).toMatchObject({ status: 200 })
  })
})
