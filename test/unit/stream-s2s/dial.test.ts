import { left, right } from 'fp-ts/lib/Either.js'
import { expect, test } from 'vitest'
import {
  type Attempt,
  type DialFailure,
  dial,
  type Network,
  type Target,
} from '../../../packages/stream-s2s/src/dial.js'
import { createLine } from '../stream-c2s/line.js'

const targets: ReadonlyArray<Target> = [
  { host: '192.0.2.1', port: 5269, directTls: false },
  { host: '2001:db8::1', port: 5270, directTls: true },
]

interface Open {
  readonly host: string
  readonly fails: (reason: string) => void
  readonly connects: () => void
}

const dialling = (resolve: Network['resolve'] = async () => right(targets)) => {
  const told: Array<string> = []
  const failures: Array<DialFailure> = []
  let open: Open | undefined
  let fail: (reason: string) => void = () => {}
  const giveUp = dial({
    network: {
      resolve,
      connect: ({ host }, serverName, accept, failed) => {
        told.push(`connect to ${host} for ${serverName}`)
        open = { host, fails: failed, connects: () => void createLine('s2s-1', host, false, accept) }
        return () => told.push(`cancel ${host}`)
      },
    },
    domain: 'there.example',
    stream: (_, failed) => {
      told.push('stream')
      fail = failed
      return attempt(() => told.push('give up'))
    },
    failed: failure => failures.push(failure),
  })
  const settle = async (): Promise<void> => {
    for (let hop = 0; hop < 10; hop += 1) await Promise.resolve()
  }
  const current = (): Open => {
    if (open === undefined) throw new Error('nothing is under way')
    return open
  }
  return { told, failures, giveUp, settle, current, streamFails: (reason: string) => fail(reason) }
}

const attempt = (giveUp: () => void): Attempt => ({
  giveUp,
  streamOpened: () => {},
  element: () => {},
  overLimit: () => {},
  streamClosed: () => {},
  faulted: () => {},
  lost: () => {},
  drained: () => {},
  silent: () => {},
})

test('the next target is tried when a connection or its stream comes to nothing; the last reason is told', async () => {
  const { told, failures, settle, current, streamFails } = dialling()
  await settle()
  current().fails('refused')
  current().connects()
  expect(failures).toEqual([])
  streamFails('the key is invalid')
  expect(told).toEqual(['connect to 192.0.2.1 for there.example', 'connect to 2001:db8::1 for there.example', 'stream'])
  expect(failures).toEqual([
    {
      condition: 'remote-server-timeout',
      text: "'there.example' cannot be reached: [2001:db8::1]:5270: the key is invalid",
      isFinal: false,
    },
  ])
})

test('what the DNS says is told as it is', async () => {
  const nowhere: DialFailure = { condition: 'remote-server-not-found', text: 'no such domain', isFinal: true }
  const { failures, settle } = dialling(async () => left(nowhere))
  await settle()
  expect(failures).toEqual([nowhere])
})

test('a domain without any address cannot be reached', async () => {
  const { failures, settle } = dialling(async () => right([]))
  await settle()
  expect(failures.map(({ text }) => text)).toEqual(["'there.example' cannot be reached: it has no addresses"])
})

test('a look-up that breaks is a failure that may pass', async () => {
  const { failures, settle } = dialling(() => Promise.reject(new Error('broken')))
  await settle()
  expect(failures).toEqual([
    { condition: 'remote-server-timeout', text: "'there.example' cannot be reached: Error: broken", isFinal: false },
  ])
})

test('who gives up while names are looked up hears nothing more', async () => {
  const { told, failures, giveUp, settle } = dialling()
  giveUp()
  await settle()
  expect([told, failures]).toEqual([[], []])
})

test('who gives up a connection or a stream hears nothing more, and no other target is tried', async () => {
  const connecting = dialling()
  await connecting.settle()
  connecting.giveUp()
  expect(connecting.told.at(-1)).toBe('cancel 192.0.2.1')
  const streaming = dialling()
  await streaming.settle()
  streaming.current().connects()
  streaming.giveUp()
  expect(streaming.told.at(-1)).toBe('give up')
  streaming.streamFails('given up')
  expect([connecting.failures, streaming.failures]).toEqual([[], []])
  expect(streaming.told.filter(line => line.startsWith('connect'))).toHaveLength(1)
})
