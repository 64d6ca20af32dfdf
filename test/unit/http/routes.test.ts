import { type Route, sentence } from '@smacks/http'
import { describe, expect, test } from 'vitest'
import { ask, line, open } from './ground.js'

const hello: Route = { method: 'GET', path: '/hello', access: 'open', answer: () => sentence(200, 'Hello') }
const echo: Route = {
  method: 'POST',
  path: '/echo',
  access: 'open',
  answer: async ({ body, query }) => sentence(200, `${query.get('a')} ${(await body()) ?? 'too long'}`),
}

describe('routes', () => {
  test('are answered by path and method, and HEAD without the body', async () => {
    const { port } = await open([hello, echo])
    const answered = await ask(port, '/hello')
    expect(answered).toMatchObject({ status: 200, body: 'Hello\n' })
    expect(answered.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-length': '6',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    })
    const headed = await ask(port, '/hello?query', { method: 'HEAD' })
    expect(headed).toMatchObject({ status: 200, body: '' })
    expect(headed.headers['content-length']).toBe('6')
    expect(await ask(port, '/echo?a=b', { method: 'POST', body: 'text' })).toMatchObject({ body: 'b text\n' })
  })

  test('that are not there, or not for this method, are said so', async () => {
    const { port } = await open([hello, echo])
    expect(await ask(port, '/hell')).toMatchObject({ status: 404 })
    expect(await ask(port, '/hello/')).toMatchObject({ status: 404 })
    const refused = await ask(port, '/hello', { method: 'POST', body: 'x' })
    expect(refused).toMatchObject({ status: 405, body: 'Allowed here: GET, HEAD.\n' })
    expect(refused.headers.allow).toBe('GET, HEAD')
    expect(await ask(port, '/echo', { method: 'DELETE' })).toMatchObject({ status: 405, headers: { allow: 'POST' } })
    expect(await ask(port, 'http://elsewhere/hello')).toMatchObject({ status: 400 })
    expect(await ask(port, '*', { method: 'OPTIONS' })).toMatchObject({ status: 400 })
  })

  test('are there once', async () => {
    const { listener } = await open([hello])
    expect(() => listener.add(hello)).toThrow('GET /hello: there is such a route already')
    listener.add({ ...hello, method: 'PUT' })
  })

  test('whose answer throws are a fault, of which the peer learns nothing', async () => {
    const fault = new Error('secret')
    const { port, faults } = await open([
      { ...hello, answer: () => Promise.reject(fault) },
      {
        ...hello,
        path: '/late',
        answer: () => ({
          status: 200,
          stream: () => {
            throw fault
          },
        }),
      },
    ])
    expect(await ask(port, '/hello')).toMatchObject({ status: 500, body: 'A fault of the server; see its log.\n' })
    await expect(ask(port, '/late')).rejects.toThrow()
    expect(faults).toEqual([fault, fault])
  })
})

/** More than the kernel takes for a peer that does not read. */
const most = 50_000_000

describe('a stream', () => {
  const ends: Array<string> = []
  const ticks: Route = {
    method: 'GET',
    path: '/ticks',
    access: 'open',
    answer: () => ({
      status: 200,
      headers: { 'Content-Type': 'text/event-stream' },
      stream: sink => {
        sink.write('data: 1\n\n')
        sink.onEnd(() => ends.push('ended'))
      },
    }),
  }

  test('is written as it goes on, and ends when the listener stops', async () => {
    const { port, listener } = await open([ticks])
    const one = line(port)
    one.socket.write('GET /ticks HTTP/1.1\r\nHost: localhost\r\n\r\n')
    expect(await one.until('data: 1')).toContain('text/event-stream')
    expect(ends).toEqual([])
    await listener.stop()
    expect(await one.ended).toMatch(/0\r\n\r\n$/)
    expect(ends).toEqual(['ended'])
  })

  test('to a peer that does not read ends, whatever is written then', async () => {
    let written = 0
    let isOver = false
    const flood: Route = {
      ...ticks,
      answer: () => ({
        status: 200,
        stream: sink => {
          sink.onEnd(() => {
            isOver = true
          })
          const more = (): void => {
            if (isOver || written > most) return
            sink.write('x'.repeat(10_000))
            written += 10_000
            setImmediate(more)
          }
          more()
        },
      }),
    }
    const { port } = await open([flood], { limits: { unsentBytes: 100_000 } })
    const { socket } = line(port)
    socket.pause()
    socket.write('GET /ticks HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await expect.poll(() => isOver, { timeout: 20_000 }).toBe(true)
    // What the kernel takes of it comes on top.
    expect(written).toBeLessThan(most)
  })
})
