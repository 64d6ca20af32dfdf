/** Who finds out that a peer is dead: nobody before it was asked, and had its time to answer. */
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { recording, startHouse } from './harness.js'

const ss = (args: ReadonlyArray<string>) => spawnSync('ss', args, { encoding: 'utf8' })
const isMissing = ss(['-V']).error !== undefined

/** The lines of the kernel's table for both ends of all connections to the port, with their timers. */
const timersOf = (port: number): ReadonlyArray<string> =>
  ss(['-Htno', 'state', 'established', `( sport = :${port} or dport = :${port} )`])
    .stdout.trim()
    .split('\n')

test.skipIf(isMissing)(
  'the kernel asks no idle peer, whoever connected (ss of iproute2 shows its timers)',
  async () => {
    const house = await startHouse()
    const connected = new Promise<void>((resolve, reject) => {
      house.transport.connect(
        { host: '127.0.0.1', port: house.port, directTls: false, serverName: 'localhost' },
        connection => {
          resolve()
          return recording(connection, [], () => {})
        },
        reason => reject(new Error(reason)),
      )
    })
    await connected
    await expect.poll(() => house.recorders.length).toBe(1)
    const lines = timersOf(house.port)
    expect(lines).toHaveLength(2)
    expect(lines.filter(line => line.includes('keepalive'))).toEqual([])
  },
)
