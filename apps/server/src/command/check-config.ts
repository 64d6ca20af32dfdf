import { loadAuthorities, loadTls, TlsError } from '@smacks/certificates'
import { addressText, type ListenAddress } from '@smacks/settings'
import { federates, type ServerConfig } from '../config/server-config.js'
import { recordingDirectory } from '../recording/directory.js'
import { configurationOf } from './configuration.js'
import { dataFolderProblem } from './data-folder-problem.js'
import { CommandFailure, exitCode } from './exit-code.js'
import { say, type Terminal } from './terminal.js'

/** Checks the file, and the certificates that it names. Changes nothing. */
export const checkConfig = async (terminal: Terminal, file: string): Promise<void> => {
  const config = configurationOf(file)
  const problem = dataFolderProblem(config.data)
  if (problem !== undefined) throw new CommandFailure(`${file} cannot be used:\n  - data: ${problem}.`, exitCode.config)
  const warnings = await certificateWarnings(config, file)
  say(terminal.out, `${file} can be used.`, ...summary(config).map(line => `  ${line}`))
  for (const warning of warnings) say(terminal.err, `Warning: ${warning}`)
}

const summary = (config: ServerConfig): ReadonlyArray<string> => {
  const { domains, data, durability, c2s, tls } = config
  return [
    `domains      ${domains.join(', ')}`,
    `data         ${data} (durability: ${durability})`,
    `STARTTLS     ${addresses(c2s.listen)}${c2s.requireEncryption ? '' : ' (plain text is allowed on loopback)'}`,
    `direct TLS   ${addresses(c2s.directTls)}`,
    `federation   ${federation(config)}`,
    `certificate  ${tls.certificate ?? 'self-signed, kept in the data folder'}`,
    `recording    ${recording(config)}`,
    `HTTP         ${http(config)}`,
  ]
}

const federation = (config: ServerConfig): string => {
  const { listen, directTls, authentication, requireEncryption, hosts } = config.s2s
  if (!federates(config)) return 'off; an address in s2s.listen or s2s.direct_tls switches it on'
  const shows = { external: 'a certificate', dialback: 'dialback', either: 'a certificate or dialback' }[authentication]
  const known = hosts.size === 0 ? '' : `, known without DNS: ${[...hosts.keys()].join(', ')}`
  const clear = requireEncryption ? '' : ', plain text is allowed'
  return `STARTTLS ${addresses(listen)}, direct TLS ${addresses(directTls)}, with ${shows}${clear}${known}`
}

const recording = (config: ServerConfig): string => {
  const { accounts, redact } = config.record
  const who = accounts.includes('*') ? 'all accounts' : accounts.join(', ')
  const where = recordingDirectory(config)
  if (who === '') return `off; smacks record switches it on, into ${where}`
  return `${who}, ${redact ? 'redacted' : 'in the clear'}, into ${where}`
}

const http = ({ http: { listen, tls, token } }: ServerConfig): string => {
  if (listen.length === 0) return 'off; an address in http.listen switches it on'
  return `${addresses(listen)}${tls ? ', with TLS' : ''}, ${token === undefined ? 'for this machine' : 'with a token'}`
}

const addresses = (list: ReadonlyArray<ListenAddress>): string => list.map(addressText).join(', ') || 'none'

const certificateWarnings = async (
  { tls, data, domains, s2s }: ServerConfig,
  file: string,
): Promise<ReadonlyArray<string>> => {
  try {
    await loadAuthorities(s2s.ca)
    if (tls.certificate === undefined && tls.key === undefined) return []
    return (await loadTls({ config: tls, data, domains })).identity().warnings
  } catch (error) {
    if (error instanceof TlsError)
      throw new CommandFailure(`${file} cannot be used:\n  - ${error.message}.`, exitCode.config)
    throw error
  }
}
