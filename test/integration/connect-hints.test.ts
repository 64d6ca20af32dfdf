/** What `smacks serve --demo` prints for whoever wants to connect, done as it is printed. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Launched, launch } from '../support/server.js'
import { eventually } from './ground.js'
import { slixmppPython } from './slixmpp.js'

const smacks = fileURLToPath(new URL('../../apps/server/bin/smacks.mjs', import.meta.url))
const typing = fileURLToPath(new URL('type-into.py', import.meta.url))
const tests = fileURLToPath(new URL('..', import.meta.url))
const [profanity, python] = ['/usr/bin/profanity', '/usr/bin/python3']
const pythonWithSlixmpp = slixmppPython()

let folder: string
let server: Launched
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'smacks-hints-'))
  writeFileSync(join(folder, 'smacks.toml'), 'log_level = "info"\n')
  const args = [smacks, 'serve', '--config', join(folder, 'smacks.toml'), '--demo', '--no-demo', '--port', '0']
  server = launch(process.execPath, args)
  await eventually(() => server.output().includes('The server goes on serving'), server.output)
})
afterAll(async () => {
  server.process.kill('SIGTERM')
  await server.exited
  rmSync(folder, { recursive: true, force: true })
})

/** What is printed behind a word at the beginning of a line. */
const hint = (pattern: RegExp): string => {
  const [, found] = pattern.exec(server.output()) ?? []
  if (found === undefined) throw new Error(`no ${pattern} in ${server.output()}`)
  return found
}

const bound = (): number => server.output().split('"msg":"bound"').length

/** Runs a client until the server has one session more. */
const connects = async (program: string, args: ReadonlyArray<string>, env: NodeJS.ProcessEnv = {}): Promise<void> => {
  const before = bound()
  let said = ''
  const client = spawn(program, args, { cwd: tests, env: { ...process.env, HOME: folder, TERM: 'xterm', ...env } })
  for (const out of [client.stdout, client.stderr]) out.on('data', (bytes: Buffer) => (said += bytes.toString()))
  try {
    await eventually(
      () => bound() > before,
      () => `${said}\n${server.output()}`,
    )
  } finally {
    client.kill('SIGKILL')
  }
  expect(bound()).toBeGreaterThan(before)
}

const password = () => hint(/romeo@localhost +password (\S+)/)

describe('as it is printed', () => {
  test('@xmpp/client connects, with the authority that lies in the data folder', () => {
    const program = `
      import { client } from '@xmpp/client'
      const [username, password] = ['romeo', ${JSON.stringify(password())}]
      const xmpp = ${hint(/@xmpp\/client (client\(.*\))/)}
      xmpp.on('error', error => console.error(error))
      xmpp.start()`
    const NODE_EXTRA_CA_CERTS = hint(/NODE_EXTRA_CA_CERTS=(\S+)/)
    expect(existsSync(NODE_EXTRA_CA_CERTS)).toBe(true)
    return connects(process.execPath, ['--input-type=module', '-e', program], { NODE_EXTRA_CA_CERTS })
  })

  test.skipIf(pythonWithSlixmpp === undefined)('slixmpp connects', () => {
    const program = `
from slixmpp import ClientXMPP
jid, password = "romeo@localhost", ${JSON.stringify(password())}
class Kept(ClientXMPP):
    kept = []
    def __init__(self, *args):
        super().__init__(*args)
        Kept.kept.append(self)
ClientXMPP = Kept
${hint(/slixmpp +(ClientXMPP.*)/)}
Kept.kept[0].loop.run_forever()`
    return connects(pythonWithSlixmpp ?? '', ['-c', program], { SSL_CERT_FILE: hint(/SSL_CERT_FILE=(\S+)/) })
  })

  test.skipIf(!existsSync(profanity) || !existsSync(python))('profanity connects', () =>
    connects(python, [typing, profanity, 'Profanity', hint(/profanity +(\/connect .*)/), 'password', password()]),
  )
})
