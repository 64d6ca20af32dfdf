/** The ports: where a server runs somebody should answer, where none does they should be free. */
import { addressText, type ListenAddress } from '@smacks/settings'
import { type Finding, findingsAbout } from './finding.js'

export interface PortCheckOptions {
  readonly listeners: ReadonlyArray<{ readonly option: string; readonly addresses: ReadonlyArray<ListenAddress> }>
  readonly isServed: boolean
  /** Whether somebody answers there. */
  readonly answers: (address: ListenAddress) => Promise<boolean>
  /** Why one cannot listen there; nothing if one can. */
  readonly whyNot: (address: ListenAddress) => Promise<string | undefined>
}

export const checkPorts = async ({
  listeners,
  isServed,
  answers,
  whyNot,
}: PortCheckOptions): Promise<ReadonlyArray<Finding>> => {
  const findings: Array<Finding> = []
  for (const { option, addresses } of listeners)
    for (const address of addresses) {
      if (address.port === 0) continue
      const { ok, fail } = findingsAbout(option)
      const name = addressText(address)
      if (isServed)
        findings.push(
          (await answers(reachable(address)))
            ? ok(`somebody answers at ${name}`)
            : fail(`nobody answers at ${name}`, 'restart the server; a changed address waits for that'),
        )
      else {
        const reason = await whyNot(address)
        findings.push(
          reason === undefined
            ? ok(`${name} is free`)
            : fail(`${name}: ${reason}`, 'stop what listens there, or take another address'),
        )
      }
    }
  return findings
}

/** An address that stands for all of them is reached by that of this machine. */
const reachable = (address: ListenAddress): ListenAddress => {
  if (address.host === '0.0.0.0') return { ...address, host: '127.0.0.1' }
  return address.host === '::' ? { ...address, host: '::1' } : address
}
