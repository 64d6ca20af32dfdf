/** Starts ejabberd as a peer to compare with, where it is installed. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { testCertificate } from './certificate.js'
import { findProgram, freePort, temporaryFolder } from './places.js'
import { runningServer } from './running.js'
import { awaitPort, launch, type RunningServer, type ServerOptions } from './server.js'

/** The control script, which tells where the libraries are; nothing where ejabberd is not installed. */
export const ejabberdProgram = (): string | undefined =>
  findProgram('erl') === undefined ? undefined : findProgram('ejabberdctl')

export const startEjabberd = async (options: ServerOptions): Promise<RunningServer> => {
  const [erl, script] = [findProgram('erl'), ejabberdProgram()]
  if (erl === undefined || script === undefined) throw new Error('ejabberd is not installed')
  const folder = temporaryFolder('ejabberd')
  const [port, directTlsPort, http] = await Promise.all([freePort(), freePort(), freePort()])
  const { cert, key } = await testCertificate()
  const domains = options.domains ?? ['localhost']
  const path = (name: string): string => join(folder.path, name)
  mkdirSync(path('spool'))
  writeFileSync(path('server.pem'), cert + key)
  writeFileSync(path('ejabberd.yml'), yaml(options, path('server.pem'), domains, [port, directTlsPort, http]))
  const launched = launch(erl, ['-noinput', '-mnesia', 'dir', JSON.stringify(path('spool')), '-s', 'ejabberd'], {
    HOME: folder.path,
    ERL_LIBS: librariesOf(script),
    EJABBERD_CONFIG_PATH: path('ejabberd.yml'),
    EJABBERD_LOG_PATH: path('ejabberd.log'),
    ERL_CRASH_DUMP: path('crash.dump'),
  })
  await awaitPort(launched, port, 40_000)
  await awaitPort(launched, http)
  for (const host of domains)
    await Promise.all(options.users.map(({ username, password }) => register(http, { user: username, host, password })))
  return runningServer(launched, {
    target: 'ejabberd',
    domain: domains[0] ?? 'localhost',
    port,
    directTlsPort,
    certificate: cert,
    remove: folder.remove,
  })
}

const librariesOf = (script: string): string => {
  const found = existsSync(script) ? /^ERL_LIBS='(.*)'$/m.exec(readFileSync(script, 'utf8')) : null
  return found?.[1] ?? '/usr/lib'
}

/** Registers an account; ejabberd listens a moment before it answers, so this tries again. */
const register = async (port: number, account: Readonly<Record<string, string>>, tries = 50): Promise<void> => {
  const request = { method: 'POST', body: JSON.stringify(account) }
  const answer = await fetch(`http://127.0.0.1:${port}/api/register`, request).catch(String)
  if (typeof answer !== 'string' && answer.ok) return
  const found = typeof answer === 'string' ? answer : await answer.text()
  if (tries === 0) throw new Error(`ejabberd did not register ${account.user}: ${found}`)
  await new Promise(resolve => setTimeout(resolve, 200))
  return register(port, account, tries - 1)
}

const yaml = (
  options: ServerOptions,
  certificate: string,
  domains: ReadonlyArray<string>,
  [port, directTlsPort, http]: readonly [number, number, number],
): string => `
hosts: [${domains.map(domain => `"${domain}"`).join(', ')}]
loglevel: error
certfiles: ["${certificate}"]
auth_password_format: plain
disable_sasl_mechanisms: ["digest-md5", "X-OAUTH2"]
listen:
  - port: ${port}
    ip: "127.0.0.1"
    module: ejabberd_c2s
    max_stanza_size: ${options.maxStanzaBytes ?? 262_144}
    ${options.requireEncryption === false ? 'starttls: true' : 'starttls_required: true'}
  - port: ${directTlsPort}
    ip: "127.0.0.1"
    module: ejabberd_c2s
    max_stanza_size: ${options.maxStanzaBytes ?? 262_144}
    tls: true
  - port: ${http}
    ip: "127.0.0.1"
    module: ejabberd_http
    request_handlers:
      /api: mod_http_api
api_permissions:
  "tests":
    who: all
    what: "*"
modules:
  mod_adhoc: {}
  mod_blocking: {}
  mod_carboncopy: {}
  mod_client_state: {queue_chat_states: false, queue_presence: false, queue_pep: false}
  mod_disco: {}
  ${options.offlineStorage === false ? '' : 'mod_offline: {}'}
  mod_ping: {}
  mod_privacy: {}
  mod_roster: {}
  mod_stream_mgmt:
    resume_timeout: ${options.hibernationTime ?? 600}
    max_resume_timeout: ${options.hibernationTime ?? 600}
    max_ack_queue: ${options.maxQueueSize ?? 5_000}
  mod_version: {}
`
