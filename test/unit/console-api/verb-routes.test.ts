import { verbRoutes } from '@smacks/console-api'
import type { Handler } from '@smacks/control'
import { left, right } from 'fp-ts/lib/Either.js'
import { expect, test } from 'vitest'
import { ask, open } from '../http/ground.js'

const token = 'correct-horse-battery'
const headers = { authorization: `Bearer ${token}` }

const asked: Array<unknown> = []
const handlers: ReadonlyArray<Handler> = [
  {
    verb: 'garden visit',
    handle: async request => {
      asked.push(request)
      return right({ seen: request as object })
    },
  },
  { verb: 'wall climb', handle: async () => left('the walls are high') },
  { verb: 'tomb', handle: () => Promise.reject(new Error('secret')) },
]

test('each verb is a route, answered in the words of the control socket', async () => {
  let isOpen = true
  const { port, faults } = await open(
    verbRoutes(handlers, () => isOpen),
    { token, limits: { bodyBytes: 100 } },
  )
  const post = async (path: string, body = '') => {
    const { status, headers: answered, body: text } = await ask(port, path, { method: 'POST', headers, body })
    return [status, answered['content-type'], text]
  }
  const json = 'application/json'
  expect(await post('/api/garden/visit', '{"who":"Romeo"}')).toEqual([
    200,
    json,
    '{"answer":{"seen":{"who":"Romeo"}}}\n',
  ])
  expect(await post('/api/garden/visit')).toEqual([200, json, '{"answer":{"seen":{}}}\n'])
  expect(await post('/api/wall/climb')).toEqual([422, json, '{"refused":"the walls are high"}\n'])
  expect(await post('/api/garden/visit', '{who')).toEqual([400, json, '{"refused":"the request is no JSON"}\n'])
  expect(await post('/api/garden/visit', `"${'x'.repeat(100)}"`)).toEqual([
    413,
    json,
    '{"refused":"the request is too long"}\n',
  ])
  expect((await post('/api/garden'))[0]).toBe(404)
  expect(await ask(port, '/api/garden/visit', { headers })).toMatchObject({ status: 405 })
  expect(await ask(port, '/api/garden/visit', { method: 'POST' })).toMatchObject({ status: 401 })
  expect(asked).toEqual([{ who: 'Romeo' }, {}])
  expect(faults).toEqual([])
  expect((await post('/api/tomb'))[0]).toBe(500)
  expect(faults).toEqual([new Error('secret')])
  isOpen = false
  expect(await post('/api/garden/visit')).toEqual([503, json, '{"refused":"the server is stopping"}\n'])
  expect(asked).toHaveLength(2)
})
