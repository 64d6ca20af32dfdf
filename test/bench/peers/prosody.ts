/** Prosody from apt: its fastest backend, plain passwords, no log, no archive; stream management as it comes. */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { domain, type Peer, password, startServer, username, workplace } from './peer.js'

const run = promisify(execFile)
const binary = '/usr/bin/prosody'

const config = (folder: string, port: number): string => `
run_as_root = true
pidfile = "${folder}/prosody.pid"
data_path = "${folder}"
certificates = "${folder}"
network_backend = "epoll"
gc = { mode = "generational" }
interfaces = { "127.0.0.1" }
c2s_ports = { ${port} }
modules_enabled = { "roster", "saslauth", "disco", "smacks", "offline", "admin_shell" }
modules_disabled = { "s2s", "tls" }
admin_socket = "${folder}/prosody.sock"
authentication = "internal_plain"
allow_unencrypted_plain_auth = true
c2s_require_encryption = false
smacks_hibernation_time = 600
smacks_max_hibernated_sessions = 100
log = { { levels = { min = "error" }, to = "console" } }
VirtualHost "${domain}"
`

export const prosody: Peer = {
  name: 'Prosody',
  settings: 'epoll, generational gc, internal_plain, SASL PLAIN, no log, smacks defaults',
  hasJournal: false,
  missing: () => (existsSync(binary) ? undefined : `${binary} is not installed`),
  start: async users => {
    const place = await workplace('prosody')
    const accounts = join(place.folder, domain, 'accounts')
    mkdirSync(accounts, { recursive: true })
    for (let index = 0; index < users; index += 1) {
      writeFileSync(join(accounts, `${username(index)}.dat`), `return { ["password"] = "${password}" };\n`)
    }
    const file = join(place.folder, 'prosody.cfg.lua')
    writeFileSync(file, config(place.folder, place.port))
    const server = await startServer(binary, ['--config', file, '-F'], place)
    return {
      ...server,
      mechanism: 'PLAIN',
      port: place.port,
      collectGarbage: async () => {
        await run('prosodyctl', ['--root', '--config', file, 'shell', '> collectgarbage()']).catch(() => undefined)
        return undefined
      },
    }
  },
}
