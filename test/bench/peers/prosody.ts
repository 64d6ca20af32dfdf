/** Prosody from apt: its fastest backend, plain passwords, no log, no archive; stream management as it comes. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { debianVersion } from './debian.js'
import {
  domain,
  type Peer,
  password,
  type StartOptions,
  startServer,
  username,
  workplace,
  writeCertificate,
} from './peer.js'

const binary = '/usr/bin/prosody'

const config = (folder: string, port: number, options: StartOptions): string => {
  const { tls = false, hibernationSeconds = 3600, maxQueueSize } = options
  return `
run_as_root = true
pidfile = "${folder}/prosody.pid"
data_path = "${folder}"
certificates = "${folder}"
ssl = { certificate = "${folder}/cert.pem", key = "${folder}/key.pem" }
network_backend = "epoll"
gc = { mode = "generational" }
interfaces = { "127.0.0.1" }
c2s_ports = { ${tls ? '' : port} }
c2s_direct_tls_ports = { ${tls ? port : ''} }
modules_enabled = { "roster", "saslauth", "disco", "smacks", "offline" }
modules_disabled = { "s2s", "tls" }
authentication = "${options.passwords === 'scram-sha-256' ? 'internal_hashed' : 'internal_plain'}"
password_hash = "SHA-256"
allow_unencrypted_plain_auth = true
c2s_require_encryption = false
smacks_hibernation_time = ${hibernationSeconds}
smacks_max_hibernated_sessions = 100
${maxQueueSize === undefined ? '' : `smacks_max_queue_size = ${maxQueueSize}`}
${options.patient ? 'smacks_max_queue_size = 1000000\nsmacks_max_ack_delay = 3600' : ''}
log = { { levels = { min = "error" }, to = "console" } }
VirtualHost "${domain}"
`
}

export const prosody: Peer = {
  name: 'Prosody',
  settings: 'epoll, generational gc, internal_plain, SASL PLAIN, no log, smacks defaults',
  missing: () => (existsSync(binary) ? undefined : 'it is not installed (apt install prosody)'),
  version: () => debianVersion('prosody'),
  start: async options => {
    const place = await workplace('prosody')
    await writeCertificate(place.folder)
    const accounts = join(place.folder, domain, 'accounts')
    mkdirSync(accounts, { recursive: true })
    // With internal_hashed it makes keys of the password at the first login, and keeps those.
    for (let index = 0; index < options.users; index += 1)
      writeFileSync(join(accounts, `${username(index)}.dat`), `return { ["password"] = "${password}" };\n`)
    const file = join(place.folder, 'prosody.cfg.lua')
    writeFileSync(file, config(place.folder, place.port, options))
    const server = await startServer(binary, ['--config', file, '-F'], place)
    return {
      ...server,
      mechanism: options.passwords === 'scram-sha-256' ? 'SCRAM-SHA-256' : 'PLAIN',
      tls: options.tls ?? false,
      port: place.port,
    }
  },
}
