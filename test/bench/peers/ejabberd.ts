/** ejabberd from apt: one scheduler, plain passwords, no log, no archive, no shapers; stream management as it comes. */
import { chmodSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inParallel } from '../load/pairs.js'
import { debianVersion } from './debian.js'
import {
  domain,
  freePort,
  type Peer,
  password,
  type StartOptions,
  startServer,
  username,
  workplace,
  writeCertificate,
} from './peer.js'

const binary = '/usr/sbin/ejabberdctl'
/** Accounts that are registered at once. */
const registering = 10

const config = (folder: string, port: number, httpPort: number, options: StartOptions): string => {
  const { tls = false, passwords = 'plain', hibernationSeconds = 3600, maxQueueSize, patient = false } = options
  const stored =
    passwords === 'plain'
      ? 'auth_password_format: plain'
      : 'auth_password_format: scram\nauth_scram_hash: sha256\ndisable_sasl_mechanisms: [PLAIN]'
  return `
hosts: [${domain}]
loglevel: none
auth_method: internal
${stored}
c2s_ciphers: DEFAULT
certfiles: [${join(folder, 'server.pem')}]
listen:
  - {port: ${port}, ip: "127.0.0.1", module: ejabberd_c2s, backlog: 1024, max_stanza_size: infinity, shaper: none, access: all, tls: ${tls}}
  - {port: ${httpPort}, ip: "127.0.0.1", module: ejabberd_http, request_handlers: {/api: mod_http_api}}
api_permissions:
  load: {from: [mod_http_api], who: {ip: 127.0.0.0/8}, what: [register]}
shaper_rules: {max_user_sessions: 10}
modules:
  mod_disco: {}
  mod_offline: {}
  mod_roster: {}
  mod_stream_mgmt: {resume_timeout: ${hibernationSeconds}, max_resume_timeout: ${hibernationSeconds}, resend_on_timeout: if_offline${
    maxQueueSize === undefined ? '' : `, max_ack_queue: ${maxQueueSize}`
  }${patient ? ', max_ack_queue: infinity, ack_timeout: 1 hour' : ''}}
`
}

export const ejabberd: Peer = {
  name: 'ejabberd',
  settings: 'one scheduler, internal auth, SASL PLAIN, no log, no shaper, mod_stream_mgmt defaults',
  missing: () => (existsSync(binary) ? undefined : 'it is not installed (apt install ejabberd)'),
  version: () => debianVersion('ejabberd'),
  start: async options => {
    const place = await workplace('ejabberd')
    const { folder, port } = place
    const httpPort = await freePort()
    const distributionPort = await freePort()
    await writeCertificate(folder)
    writeFileSync(join(folder, 'ejabberd.yml'), config(folder, port, httpPort, options))
    // As whoever runs the bench: Debian's user for it may open 1024 files only.
    writeFileSync(join(folder, 'ejabberdctl.cfg'), 'EXEC_CMD=as_current_user\nERL_MAX_PORTS=100000\n')
    writeFileSync(join(folder, 'inetrc'), '{lookup,["file","native"]}.\n{host,{127,0,0,1},["localhost"]}.\n')
    chmodSync(folder, 0o777)
    const env = {
      ...process.env,
      ERL_DIST_PORT: String(distributionPort),
      ERL_OPTIONS: '+S 1:1 +SDio 1 +sbwt none +sbwtdcpu none +sbwtdio none',
      ERLANG_COOKIE: 'bench',
    }
    const paths = ['--config-dir', folder, '--logs', folder, '--spool', folder, '--node', `bench${port}@localhost`]
    const server = await startServer(binary, [...paths, 'foreground'], place, env)
    try {
      await inParallel(
        Array.from({ length: options.users }, (_, index) => index),
        index => register(httpPort, username(index)),
        registering,
      )
    } catch (error) {
      await server.stop()
      throw error
    }
    return {
      ...server,
      mechanism: options.passwords === 'scram-sha-256' ? 'SCRAM-SHA-256' : 'PLAIN',
      tls: options.tls ?? false,
      port,
    }
  },
}

const register = async (httpPort: number, user: string, tries = 50): Promise<void> => {
  const request = { method: 'POST', body: JSON.stringify({ user, host: domain, password }) }
  const answer = await fetch(`http://127.0.0.1:${httpPort}/api/register`, request).catch(String)
  if (typeof answer !== 'string' && answer.ok) return
  const found = typeof answer === 'string' ? answer : `${answer.status} ${await answer.text()}`
  if (tries === 0) throw new Error(`ejabberd did not register ${user}: ${found}`)
  // It listens a moment before it answers.
  await new Promise(resolve => setTimeout(resolve, 100))
  return register(httpPort, user, tries - 1)
}
