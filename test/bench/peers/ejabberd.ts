/** ejabberd from apt: one scheduler, plain passwords, no log, no archive, no shapers; stream management as it comes. */
import { execFile } from 'node:child_process'
import { chmodSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { domain, freePort, type Peer, password, startServer, username, workplace } from './peer.js'

const run = promisify(execFile)
const binary = '/usr/sbin/ejabberdctl'

const config = (port: number, httpPort: number): string => `
hosts: [${domain}]
loglevel: none
auth_method: internal
auth_password_format: plain
disable_sasl_mechanisms: [X-OAUTH2]
c2s_ciphers: DEFAULT
listen:
  - {port: ${port}, ip: "127.0.0.1", module: ejabberd_c2s, backlog: 1024, max_stanza_size: infinity, shaper: none, access: all}
  - {port: ${httpPort}, ip: "127.0.0.1", module: ejabberd_http, request_handlers: {/api: mod_http_api}}
api_permissions:
  load: {from: [mod_http_api], who: {ip: 127.0.0.0/8}, what: [register]}
shaper_rules: {max_user_sessions: 10}
modules:
  mod_disco: {}
  mod_offline: {}
  mod_roster: {}
  mod_stream_mgmt: {resume_timeout: 600, max_resume_timeout: 600, resend_on_timeout: if_offline}
`

export const ejabberd: Peer = {
  name: 'ejabberd',
  settings: 'one scheduler, internal auth, SASL PLAIN, no log, no shaper, mod_stream_mgmt defaults',
  hasJournal: false,
  missing: () => (existsSync(binary) ? undefined : `${binary} is not installed`),
  start: async users => {
    const place = await workplace('ejabberd')
    const { folder, port } = place
    const httpPort = await freePort()
    const distributionPort = await freePort()
    writeFileSync(join(folder, 'ejabberd.yml'), config(port, httpPort))
    // As whoever runs the bench: Debian's user for it may open 1024 files only.
    writeFileSync(join(folder, 'ejabberdctl.cfg'), 'EXEC_CMD=as_current_user\n')
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
    for (let index = 0; index < users; index += 1) await register(httpPort, username(index))
    return {
      ...server,
      mechanism: 'PLAIN',
      port,
      collectGarbage: async () => {
        await run(binary, [...paths, 'gc'], { env }).catch(() => undefined)
        return undefined
      },
    }
  },
}

const register = async (httpPort: number, user: string): Promise<void> => {
  const response = await fetch(`http://127.0.0.1:${httpPort}/api/register`, {
    method: 'POST',
    body: JSON.stringify({ user, host: domain, password }),
  })
  if (!response.ok) throw new Error(`ejabberd did not register ${user}: ${response.status} ${await response.text()}`)
}
