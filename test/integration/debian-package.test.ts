/** The Debian package: built, unpacked, and what is in it used. Nothing is installed. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launch } from '../support/server.js'
import { eventually } from './ground.js'

const build = fileURLToPath(new URL('../../apps/server/packaging/build-deb.sh', import.meta.url))
const hasDpkg = existsSync('/usr/bin/dpkg-deb')

let folder: string
let unpacked: string
const smacks = () => join(unpacked, 'usr/bin/smacks')

describe.skipIf(!hasDpkg)('the Debian package', () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'smacks-deb-'))
    unpacked = join(folder, 'root')
    const path = execFileSync('sh', [build, folder], { encoding: 'utf8' }).trim()
    execFileSync('dpkg-deb', ['-x', path, unpacked])
  }, 600_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('has a command that serves, without anything of the checkout', async () => {
    const server = launch(smacks(), ['serve', '--demo', '--no-demo', '--port', '0', '--config', conf()])
    try {
      await eventually(() => server.output().includes('The server goes on serving'), server.output)
    } finally {
      server.process.kill('SIGTERM')
    }
    expect(await server.exited).toBe(0)
  })

  test('writes a recording as a page, which it has with it', () => {
    const recording = fileURLToPath(new URL('../recordings/cut-by-reset.ndjson', import.meta.url))
    const page = join(folder, 'page.html')
    execFileSync(smacks(), ['replay', recording, '--html', page])
    expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>/i)
  })

  test('has a configuration for the service, whose data is where the unit lets it write', () => {
    const text = readFileSync(join(unpacked, 'etc/smacks/smacks.toml'), 'utf8')
    expect(text).toMatch(/^data = "\/var\/lib\/smacks" /m)
    const unit = readFileSync(join(unpacked, 'usr/lib/systemd/system/smacks.service'), 'utf8')
    expect(unit).toContain('StateDirectory=smacks\n')
    expect(unit).toContain('ExecStart=/usr/bin/smacks serve --config /etc/smacks/smacks.toml\n')
  })

  test('has a man page with each command', () => {
    const page = gunzipSync(readFileSync(join(unpacked, 'usr/share/man/man1/smacks.1.gz'))).toString()
    const sections = [...page.matchAll(/^\.SS "(.*)"$/gm)].map(([, name]) => name)
    for (const name of ['serve', 'user add', 'session end', 'replay', 'check-config']) expect(sections).toContain(name)
  })
})

/** A configuration whose data lies beside it. */
const conf = (): string => {
  const path = join(folder, 'smacks.toml')
  execFileSync(smacks(), ['init', path])
  return path
}
