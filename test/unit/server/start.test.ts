import { readdirSync, readlinkSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { decodeServerConfig } from '@smacks/codec'
import { type RunningServer, startServer } from '@smacks/server'
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
    await expect(start({ c2s, record })).rejects.toThrow(`recordings cannot be put into ${record.directory}: ENOTDIR`)
    expect(openFiles()).toBe(0)
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
