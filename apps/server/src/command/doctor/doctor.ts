/** `smacks doctor`: whether the server can do its work here, looked at from outside. Changes nothing. */
import { statfsSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { foreignOwner } from '@smacks/control'
import { checkCertificate, checkDns, checkPorts, type Finding } from '@smacks/doctor'
import type { ListenAddress } from '@smacks/settings'
import { listenersOf } from '../../config/listeners.js'
import { federates, type ServerConfig } from '../../config/server-config.js'
import { type Dns, hostDns } from '../../federation/dns-resolver.js'
import { exitCode } from '../exit-code.js'
import { say, type Terminal } from '../terminal.js'
import { checkData } from './data-check.js'

export interface DoctorOptions {
  readonly configFile: string | undefined
  readonly json: boolean
  readonly dns?: Dns
}

/** Says what it found, and resolves to the exit code: 1 if anything fails. */
export const doctor = async (
  terminal: Terminal,
  config: ServerConfig,
  { configFile, json, dns = hostDns() }: DoctorOptions,
): Promise<number> => {
  const { data, domains, tls, http } = config
  const owner = await foreignOwner(config)
  const findings: ReadonlyArray<Finding> = [
    ...checkData({ data, key: tls.key, configFile, hasSecret: http.token !== undefined, owner, room }),
    ...(await checkCertificate({ tls, data, domains })),
    ...(await checkPorts({
      listeners: listenersOf(config),
      isServed: owner !== undefined,
      answers,
      whyNot,
    })),
    ...(await checkDns({ domains, federates: federates(config), dns })),
  ]
  for (const finding of findings) say(terminal.out, ...(json ? [JSON.stringify(finding)] : shown(finding)))
  const failed = findings.filter(({ grade }) => grade === 'fail').length
  const warned = findings.filter(({ grade }) => grade === 'warn').length
  say(json ? terminal.err : terminal.out, `${findings.length} things looked at: ${failed} fail, ${warned} warn.`)
  return failed > 0 ? exitCode.failure : exitCode.ok
}

const shown = ({ about, grade, text, advice }: Finding): ReadonlyArray<string> => [
  `${grade.padEnd(5)} ${about}: ${text}`,
  ...(advice === undefined ? [] : [`      -> ${advice}`]),
]

const room = (path: string) => {
  const { bavail, blocks, bsize } = statfsSync(path)
  return { free: bavail * bsize, all: blocks * bsize }
}

const patience = 2_000

const answers = ({ host, port }: ListenAddress): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect({ host, port, timeout: patience })
    const end = (answered: boolean) => (): void => {
      socket.destroy()
      resolve(answered)
    }
    socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false))
  })

const whyNot = ({ host, port }: ListenAddress): Promise<string | undefined> =>
  new Promise(resolve => {
    const server = createServer()
    server.once('error', error => resolve('code' in error ? String(error.code) : error.message))
    server.listen({ host, port }, () => server.close(() => resolve(undefined)))
  })
