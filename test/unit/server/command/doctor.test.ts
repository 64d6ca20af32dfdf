import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { configurationOf } from '../../../../apps/server/src/command/configuration.js'
import { checkData } from '../../../../apps/server/src/command/doctor/data-check.js'
import { doctor } from '../../../../apps/server/src/command/doctor/doctor.js'
import { fakeTerminal } from './terminal.js'

let folder: string
let configFile: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'smacks-doctor-'))
  configFile = join(folder, 'smacks.toml')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const unasked = {
  services: () => Promise.reject(new Error('asked')),
  addresses: () => Promise.reject(new Error('asked')),
}

describe('doctor', () => {
  test('tells what works and what does not, and ends with 1 where something fails', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await new Promise(resolve => taken.once('listening', resolve))
    const address = taken.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    writeFileSync(configFile, `[c2s]\nlisten = "127.0.0.1:${port}"\n`)
    const terminal = fakeTerminal()
    const code = await doctor(terminal, configurationOf(configFile), { configFile, json: false, dns: unasked })
    taken.close()
    expect(code).toBe(1)
    const said = terminal.said()
    expect(said).toContain(`ok    data: ${join(folder, 'data')}; no server runs on it\n`)
    expect(said).toContain(`fail  c2s.listen: 127.0.0.1:${port}: EADDRINUSE\n      -> stop what listens there`)
    expect(said).toContain('ok    DNS: localhost is a name of this machine')
    expect(said).toMatch(/things looked at: 1 fail, 1 warn\.\n$/)
  })

  test('tells it as JSON, and ends with 0 where nothing fails', async () => {
    writeFileSync(configFile, '[c2s]\nlisten = "127.0.0.1:0"\n')
    const terminal = fakeTerminal()
    expect(await doctor(terminal, configurationOf(configFile), { configFile, json: true, dns: unasked })).toBe(0)
    const findings = terminal
      .said()
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as object)
    expect(findings).toContainEqual({
      about: 'DNS',
      grade: 'ok',
      text: 'localhost is a name of this machine; the DNS is not asked',
    })
  })
})

describe('the data folder', () => {
  const mebibyte = 1024 * 1024
  const found = (free: number, more: Partial<Parameters<typeof checkData>[0]> = {}) =>
    checkData({
      data: join(folder, 'data'),
      key: undefined,
      configFile: undefined,
      hasSecret: false,
      owner: undefined,
      room: path => {
        if (path !== folder) throw new Error('it is not there yet')
        return { free: free * mebibyte, all: 100_000 * mebibyte }
      },
      ...more,
    }).map(({ grade, text }) => `${grade} ${text}`)

  test.each([
    [99, 'fail 99 MiB are free on its disk'],
    [4_999, 'warn 4,999 MiB are free on its disk'],
    [5_000, 'ok 5,000 MiB are free on its disk'],
  ])('has room, or little: %s MiB', (free, text) => expect(found(free)).toContain(text))

  test('says who serves it, and where there can be none', () => {
    expect(found(5_000, { owner: 'somebody' })[0]).toBe(`ok ${join(folder, 'data')}; a server runs on it`)
    writeFileSync(configFile, '')
    expect(found(5_000, { data: configFile })).toEqual([`fail ${configFile} is a file; a folder is needed`])
  })
})
