import { existsSync, readdirSync, readlinkSync, symlinkSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { socketPath } from '@smacks/control'
import { decodeServerConfig, type RunningServer, startServer } from '@smacks/server'
import { isLeft } from 'fp-ts/lib/Either.js'
import { afterEach, describe, expect, it } from 'vitest'
import { createLog } from '../../../apps/server/src/log.js'
import { freePort, temporaryFolder } from '../../support/places.js'

const folder = temporaryFolder('start')
const silent = createLog({ level: 'fatal', out: { write: () => true } })

const configured = (toml: Record<string, unknown>) => {
  const decoded = decodeServerConfig({ data: folder.path, ...toml })
  if (isLeft(decoded)) throw new Error(decoded.left.join('\n'))
  return decoded.right
}

const start = (toml: Record<string, unknown>): Promise<RunningServer> =>
  startServer({ config: configured(toml), log: silent })

/** Something else that listens. */
const occupy = async (port: number): Promise<Server> => {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return server
}

const closed = (server: Server): Promise<void> => new Promise(resolve => server.close(() => resolve()))

/** How often this process has the database open. */
const openFiles = (): number =>
  readdirSync('/proc/self/fd').filter(fd => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === join(folder.path, 'data.mdb')
    } catch {
      return false
    }
  }).length

afterEach(() => folder.remove())

describe('a server that cannot start', () => {
  it('frees the ports that it got already, whichever of them is taken', async () => {
    const [free, taken] = await Promise.all([freePort(), freePort()])
    const other = await occupy(taken)
    for (const c2s of [
      { listen: [`127.0.0.1:${free}`, `127.0.0.1:${taken}`] },
      { listen: [`127.0.0.1:${taken}`, `localhost:${free}`] },
      { listen: `127.0.0.1:${free}`, direct_tls: `127.0.0.1:${taken}` },
    ]) {
      await expect(start({ c2s })).rejects.toThrow(String(taken))
      await closed(await occupy(free))
    }
    for (const [ofClients, ofHttp] of [
      [free, taken],
      [taken, free],
    ]) {
      const toml = { c2s: { listen: `127.0.0.1:${ofClients}` }, http: { listen: `127.0.0.1:${ofHttp}` } }
      await expect(start(toml)).rejects.toThrow(String(taken))
      await closed(await occupy(free))
    }
    await closed(other)
  })

  it.skipIf(process.platform !== 'linux')('closes the database, at whatever it failed', async () => {
    const taken = await occupy(0)
    const address = taken.address()
    const port = typeof address === 'object' ? address?.port : undefined
    await expect(start({ c2s: { listen: `127.0.0.1:${port}` } })).rejects.toThrow(String(port))
    expect(openFiles()).toBe(0)
    await expect(start({ tls: { certificate: '/nowhere/cert.pem', key: '/nowhere/key.pem' } })).rejects.toThrow(
      '/nowhere/cert.pem',
    )
    expect(openFiles()).toBe(0)
    await closed(taken)
  })

  it.skipIf(process.platform !== 'linux')('names the folder that its recordings cannot be put into', async () => {
    const record = { accounts: ['*'], directory: join(folder.path, 'data.mdb', 'tapes') }
    const c2s = { listen: '127.0.0.1:0' }
    await expect(start({ c2s, record })).rejects.toThrow(
      `recordings cannot be put into ${record.directory}: cannot make the directory ${record.directory}: ENOTDIR`,
    )
    expect(openFiles()).toBe(0)
  })
})

describe('a data folder that a server runs on', () => {
  const c2s = { listen: '127.0.0.1:0' }
  const long = join(folder.path, 'x'.repeat(120))

  it.each([
    ['its own socket', folder.path],
    ['a socket elsewhere, since its path is long', long],
  ])('is refused to a second one, by %s, until the first has stopped', async (_, data) => {
    const first = await start({ data, c2s })
    const [before, socket] = [openFiles(), socketPath({ data })]
    await expect(start({ data, c2s })).rejects.toThrow(
      `another server runs on the data in ${data} (it answers at ${socket}). Stop it first, or choose another "data" in the configuration.`,
    )
    expect(openFiles()).toBe(before)
    await first.stop()
    const second = await start({ data, c2s })
    await second.stop()
    expect(existsSync(socket)).toBe(false)
  })

  it('is refused by whatever path it is named', async () => {
    const link = join(folder.path, 'link')
    const first = await start({ data: folder.path, c2s })
    symlinkSync(folder.path, link)
    await expect(start({ data: link, c2s })).rejects.toThrow(`another server runs on the data in ${link}`)
    await first.stop()
  })

  it('is refused to one of several that start at once', async () => {
    const started = await Promise.allSettled([start({ c2s }), start({ c2s }), start({ c2s })])
    const running = started.flatMap(one => (one.status === 'fulfilled' ? [one.value] : []))
    for (const server of running) await server.stop()
    expect(running).toHaveLength(1)
  })
})

describe('a server that runs', () => {
  it.skipIf(process.platform !== 'linux')('frees everything when it is stopped, however often', async () => {
    const port = await freePort()
    const server = await start({ c2s: { listen: `127.0.0.1:${port}` } })
    expect(openFiles()).toBeGreaterThan(0)
    await Promise.all([server.stop(), server.stop()])
    await server.stop()
    expect(openFiles()).toBe(0)
    await closed(await occupy(port))
  })
})
