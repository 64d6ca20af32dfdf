import { existsSync, lstatSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import {
  ask,
  type Control,
  type Handler,
  handlerOf,
  linesOf,
  longestLine,
  longestPath,
  openControl,
  socketPath,
  type Verb,
} from '@smacks/control'
import * as Either from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../../support/places.js'
import { end, launch } from '../../support/server.js'

const double: Verb<{ readonly number: number }, { readonly doubled: number }> = {
  name: 'double',
  request: t.strict({ number: t.number }),
  answer: t.strict({ doubled: t.number }),
}

const handlers: ReadonlyArray<Handler> = [
  handlerOf(double, async ({ number }) => {
    if (number === 13) throw new Error('thirteen')
    return number < 0 ? Either.left('it is negative') : Either.right({ doubled: 2 * number })
  }),
]

let folder: ReturnType<typeof temporaryFolder>
let path: string
let told: Array<readonly [level: string, facts: object, message: string]>
const ends: Array<() => unknown> = []
beforeEach(() => {
  folder = temporaryFolder('control')
  path = socketPath({ data: folder.path })
  told = []
})
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
  folder.remove()
})

const open = async (at = path, watchEvery = 5_000): Promise<Control> => {
  const control = await openControl({
    path: at,
    watchEvery,
    handlers: () => handlers,
    log: {
      error: (facts, message) => told.push(['error', facts, message]),
      warn: (facts, message) => told.push(['warn', facts, message]),
    },
  })
  ends.push(control.close)
  return control
}

const dial = async (): Promise<Socket> => {
  const socket = connect(path)
  ends.push(() => socket.destroy())
  await new Promise((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  socket.on('error', () => {})
  return socket
}

const linesFrom = async (socket: Socket): Promise<ReadonlyArray<unknown>> => {
  const lines: Array<unknown> = []
  for await (const line of linesOf(socket, longestLine)) lines.push(JSON.parse(line))
  return lines
}

describe('a running server', () => {
  test('answers what it is asked', async () => {
    await open()
    expect(await ask(path, double, { number: 21 })).toEqual(Either.right({ doubled: 42 }))
    expect(told).toEqual([])
  })

  test('says in a sentence why it will not', async () => {
    await open()
    expect(await ask(path, double, { number: -1 })).toEqual(Either.left({ _tag: 'Refused', reason: 'it is negative' }))
  })

  test('lets nobody else on this machine ask', async () => {
    await open()
    expect(lstatSync(path).mode & 0o777).toBe(0o600)
  })

  test('answers many requests on one line, in order, whatever pieces they come in', async () => {
    await open()
    const socket = await dial()
    const answers = linesFrom(socket)
    for (const piece of [
      '{"verb":"dou',
      'ble","number":1}\n{"verb":"double","number":2}\n{"verb"',
      ':"double","number":3}\n',
    ])
      await new Promise(resolve => socket.write(piece, resolve))
    socket.end()
    expect(await answers).toEqual([1, 2, 3].map(number => ({ answer: { doubled: 2 * number } })))
  })

  test.each([
    ['nonsense', 'the request is no JSON'],
    ['5', 'found 5, allowed: { verb: string }'],
    ['{"verb":"triple"}', 'verb: found "triple", allowed: double'],
    ['{"verb":"double","number":"x"}', 'double: number: found "x", allowed: number'],
  ])('says what is wrong with %s', async (request, refused) => {
    await open()
    const socket = await dial()
    const answers = linesFrom(socket)
    socket.end(`${request}\n`)
    expect(await answers).toEqual([{ refused }])
  })

  test('survives a fault of its own, and logs it', async () => {
    await open()
    expect(await ask(path, double, { number: 13 })).toEqual(
      Either.left({ _tag: 'Refused', reason: 'a fault of the server; see its log' }),
    )
    expect(told).toMatchObject([['error', { err: { message: 'thirteen' } }, expect.any(String)]])
  })

  test('takes no endless line', async () => {
    await open()
    const socket = await dial()
    const answers = linesFrom(socket)
    socket.write('x'.repeat(longestLine + 1))
    expect(await answers).toEqual([{ refused: `a line has more than the ${longestLine} bytes that are allowed` }])
  })

  test('takes a few connections, and more when these are gone', async () => {
    await open()
    const sockets = await Promise.all(Array.from({ length: 8 }, dial))
    expect(await ask(path, double, { number: 1 })).toMatchObject({ left: { _tag: 'NoAnswer' } })
    for (const socket of sockets) socket.destroy()
    await expect.poll(() => ask(path, double, { number: 1 })).toEqual(Either.right({ doubled: 2 }))
  })

  test('takes its socket along when it stops, and everybody who is connected', async () => {
    const control = await open()
    const socket = await dial()
    const closed = new Promise(resolve => socket.once('close', resolve))
    await Promise.all([control.close(), control.close()])
    await closed
    expect(existsSync(path)).toBe(false)
    expect(await ask(path, double, { number: 1 })).toMatchObject({ left: { _tag: 'NoServer' } })
  })
})

describe('the socket of a former server', () => {
  test('is replaced, if that server is dead', async () => {
    const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
    await launch(process.execPath, ['-e', script]).exited
    expect(lstatSync(path).isSocket()).toBe(true)
    expect(await ask(path, double, { number: 1 })).toMatchObject({ left: { _tag: 'NoServer' } })
    await open()
    expect(await ask(path, double, { number: 1 })).toEqual(Either.right({ doubled: 2 }))
    expect(told).toEqual([])
  })

  test('is left alone, if that server lives; the new one is refused', async () => {
    await open()
    await expect(open()).rejects.toThrow(`another server listens at ${path}`)
    expect(told).toEqual([])
    expect(await ask(path, double, { number: 1 })).toEqual(Either.right({ doubled: 2 }))
  })

  test('is no socket at all: nothing is touched', async () => {
    writeFileSync(path, 'mine')
    await open()
    expect(told).toMatchObject([['warn', { reason: `${path} is there, and is no socket` }, expect.any(String)]])
    expect(lstatSync(path).isFile()).toBe(true)
  })
})

describe('a socket that somebody removes', () => {
  const answers = () => ask(path, double, { number: 1 })

  test('is made anew, as private as before, and that is said once', async () => {
    const control = await open(path, 10)
    for (let n = 0; n < 2; n += 1) {
      rmSync(path)
      expect(await answers()).toMatchObject({ left: { _tag: 'NoServer' } })
      await expect.poll(answers).toEqual(Either.right({ doubled: 2 }))
      expect(lstatSync(path).mode & 0o777).toBe(0o600)
    }
    expect(told.map(([level, , message]) => [level, message])).toEqual(
      Array(2).fill(['warn', 'somebody removed the control socket; it is made anew']),
    )
    await control.close()
    expect(existsSync(path)).toBe(false)
  })

  test('is left to another process that listens there now', async () => {
    await open(path, 10)
    rmSync(path)
    const script = `require('node:net').createServer(s => s.end()).listen(${JSON.stringify(path)}, () => console.log('here'))`
    const other = launch(process.execPath, ['-e', script])
    await expect.poll(() => told.length + (other.output().includes('here') ? 1 : 0)).toBeGreaterThan(0)
    // Whoever is faster: then the other one could not listen, which is just as well.
    await expect.poll(() => told.length).toBeGreaterThan(0)
    await end(other)
  })

  test('is told where it cannot be made, until it can', async () => {
    await open(path, 10)
    rmSync(path)
    mkdirSync(path)
    await expect.poll(() => told.at(-1)?.[0]).toBe('error')
    rmSync(path, { recursive: true })
    await expect.poll(answers).toEqual(Either.right({ doubled: 2 }))
    expect(told.map(([level]) => level)).toContain('warn')
  })
})

describe('a path', () => {
  test('that is too long for a socket is told, and nothing listens at a part of it', async () => {
    const long = join(folder.path, 'x'.repeat(longestPath + 1 - folder.path.length - 1))
    expect(Buffer.byteLength(long)).toBe(longestPath + 1)
    await open(long)
    expect(told).toMatchObject([
      ['warn', { socket: long, reason: 'the path has more than 107 bytes' }, expect.any(String)],
    ])
    expect(existsSync(long.slice(0, longestPath))).toBe(false)
  })

  test('of just the length that is allowed is used', async () => {
    const just = join(folder.path, 'x'.repeat(longestPath - folder.path.length - 1))
    await open(just)
    expect(told).toEqual([])
    expect(await ask(just, double, { number: 1 })).toEqual(Either.right({ doubled: 2 }))
  })
})

describe('who asks', () => {
  const answering = async (answer: string): Promise<void> => {
    const server = createServer(socket => socket.resume().end(answer))
    ends.push(() => new Promise(resolve => server.close(resolve)))
    await new Promise<void>(resolve => server.listen(path, resolve))
  }

  test.each([
    ['', 'it closed the connection'],
    ['{"answer":{"doubled":"x"}}\n', 'doubled: found "x", allowed: number'],
    ['hello\n', expect.stringContaining('JSON')],
  ])('is told if the answer is %j', async (answer, reason) => {
    await answering(answer)
    expect(await ask(path, double, { number: 1 })).toEqual(Either.left({ _tag: 'NoAnswer', reason }))
  })
})
