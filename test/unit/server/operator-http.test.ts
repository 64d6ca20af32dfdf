/** The HTTP listener of a server that runs: whether it says truly that it serves. */
import { decodeServerConfig, type RunningServer, type ServerOptions, startServer } from '@smacks/server'
import { isLeft } from 'fp-ts/lib/Either.js'
import { afterEach, describe, expect, test } from 'vitest'
import { createLog } from '../../../apps/server/src/log.js'
import { temporaryFolder } from '../../support/places.js'
import { ask } from '../http/ground.js'

const endings: Array<() => unknown> = []
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

const start = async (
  http: Readonly<Record<string, unknown>>,
  options: Pick<ServerOptions, 'standBetween'> = {},
): Promise<RunningServer> => {
  const { path, remove } = temporaryFolder('operator-http')
  endings.push(remove)
  const config = decodeServerConfig({ data: path, c2s: { listen: '127.0.0.1:0' }, http })
  if (isLeft(config)) throw new Error(config.left.join('\n'))
  const log = createLog({ level: 'silent', out: { write: () => true } })
  const server = await startServer({ config: config.right, log, ...options })
  endings.push(server.stop)
  return server
}

const portOf = ({ http }: RunningServer): number => Number(http[0]?.split(':')[1])

describe('health and readiness', () => {
  test('there is nothing unless it is configured', async () => {
    expect((await start({})).http).toEqual([])
  })

  test('a server serves until it stops, and says so to the last', async () => {
    let letGo = (): void => {}
    const gate = new Promise<void>(resolve => {
      letGo = resolve
    })
    const server = await start(
      { listen: '127.0.0.1:0' },
      { standBetween: journal => ({ ...journal, close: () => gate.then(journal.close) }) },
    )
    const port = portOf(server)
    expect(await ask(port, '/healthz')).toMatchObject({ status: 200, body: 'alive\n' })
    expect(await ask(port, '/readyz')).toMatchObject({ status: 200, body: 'ready\n' })
    const stopped = server.stop()
    expect(await ask(port, '/readyz')).toMatchObject({ status: 503, body: 'not ready: stopping\n' })
    expect(await ask(port, '/healthz')).toMatchObject({ status: 200 })
    letGo()
    await stopped
    await expect(ask(port, '/healthz')).rejects.toThrow('ECONNREFUSED')
  })

  test('it does not while its journal cannot be written', async () => {
    let isBroken = false
    const server = await start(
      { listen: '127.0.0.1:0' },
      {
        standBetween: journal => ({
          ...journal,
          commit: batch => (isBroken ? Promise.reject(new Error('no space')) : journal.commit(batch)),
        }),
      },
    )
    const port = portOf(server)
    isBroken = true
    const at = Date.UTC(2026, 0, 1)
    server.runtime.dispatch('romeo@localhost', { _tag: 'SessionBound', at, resource: 'orchard', connection: 'none' })
    server.runtime.change({ _tag: 'PutRecord', kind: 'test', account: 'romeo@localhost', name: 'a', text: 'b' })
    await expect.poll(async () => (await ask(port, '/readyz')).body).toBe('not ready: the journal cannot be written\n')
    expect(await ask(port, '/healthz')).toMatchObject({ status: 200 })
    isBroken = false
    await expect.poll(async () => (await ask(port, '/readyz')).status, { timeout: 10_000 }).toBe(200)
  })

  test('sessions are listed and ended, and recordings begun, by who has the token', async () => {
    const token = 'correct-horse-battery'
    let letGo = (): void => {}
    const gate = new Promise<void>(resolve => {
      letGo = resolve
    })
    const server = await start(
      { listen: '127.0.0.1:0', token },
      { standBetween: journal => ({ ...journal, close: () => gate.then(journal.close) }) },
    )
    const headers = { authorization: `Bearer ${token}` }
    const post = async (path: string, body: unknown) => {
      const asked = { method: 'POST', headers, body: JSON.stringify(body) }
      const { status, body: text } = await ask(portOf(server), `/api/${path}`, asked)
      return { status, ...JSON.parse(text) }
    }
    const at = Date.UTC(2026, 0, 1)
    const [account, resource] = ['romeo@localhost', 'orchard']
    server.runtime.dispatch(account, { _tag: 'SessionBound', at, resource, connection: 'none' })
    const row = expect.objectContaining({ account, resource, phase: 'unmanaged' })
    expect(await post('session/list', {})).toEqual({ status: 200, answer: { sessions: [row] } })
    expect(await post('session/end', { account, resource })).toMatchObject({ status: 200, answer: { ended: [row] } })
    expect(await post('session/list', {})).toEqual({ status: 200, answer: { sessions: [] } })
    const started = await post('record/start', { accounts: [account], redact: true })
    expect(started).toMatchObject({ status: 200, answer: { accounts: [account], redacted: true } })
    expect(await post('record/stop', { accounts: [account] })).toMatchObject({ status: 200, answer: { accounts: [] } })
    expect(await post('session/end', { account: 5 })).toMatchObject({
      status: 422,
      refused: expect.stringContaining('account'),
    })
    expect(await ask(portOf(server), '/api/session/list', { method: 'POST' })).toMatchObject({ status: 401 })
    // What changes accounts is for the control socket alone.
    expect(await ask(portOf(server), '/api/user/remove', { method: 'POST', headers })).toMatchObject({ status: 404 })
    const stopped = server.stop()
    expect(await post('session/list', {})).toEqual({ status: 503, refused: 'the server is stopping' })
    letGo()
    await stopped
  })

  test('without a token nobody may', async () => {
    const port = portOf(await start({ listen: '127.0.0.1:0' }))
    expect(await ask(port, '/api/session/list', { method: 'POST' })).toMatchObject({ status: 404 })
  })

  test('with TLS it has the certificate of the server', async () => {
    const server = await start({ listen: '127.0.0.1:0', tls: true, token: 'correct-horse-battery' })
    const { certificate: ca } = server.tls.identity()
    expect(await ask(portOf(server), '/healthz', { ca })).toMatchObject({ status: 200 })
  })
})
