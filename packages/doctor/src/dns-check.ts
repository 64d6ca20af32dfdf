/** What the DNS tells clients and other servers of the domains (RFC 6120 §3.2, XEP-0368). */
import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'
import { type Finding, findingsAbout } from './finding.js'

/** The answers of the DNS. Both reject with an error that has a `code`, as those of Node do. */
export interface ServiceLookup {
  /** The SRV records of a name; the target of the root, `''` or `.`, means "not offered here". */
  readonly services: (name: string) => Promise<ReadonlyArray<{ readonly name: string; readonly port: number }>>
  readonly addresses: (host: string) => Promise<ReadonlyArray<unknown>>
}

export interface DnsCheckOptions {
  readonly domains: ReadonlyArray<string>
  /** Other servers are served too. */
  readonly federates: boolean
  readonly dns: ServiceLookup
}

const { ok, warn, fail } = findingsAbout('DNS')

export const checkDns = async ({ domains, federates, dns }: DnsCheckOptions): Promise<ReadonlyArray<Finding>> => {
  const findings: Array<Finding> = []
  for (const domain of domains) {
    if (isLocal(domain)) findings.push(ok(`${domain} is a name of this machine; the DNS is not asked`))
    else {
      const name = domainToASCII(domain) || domain
      findings.push(await checkService(dns, name, 'xmpp-client', 5222, 'clients'))
      if (federates) findings.push(await checkService(dns, name, 'xmpp-server', 5269, 'other servers'))
    }
  }
  return findings
}

const isLocal = (domain: string): boolean =>
  domain === 'localhost' || domain.endsWith('.localhost') || isIP(domain.replace(/^\[(.*)\]$/, '$1')) > 0

const checkService = async (
  dns: ServiceLookup,
  domain: string,
  service: string,
  port: number,
  who: string,
): Promise<Finding> => {
  const name = `_${service}._tcp.${domain}`
  const advice = `add to the DNS: ${name}. SRV 0 5 ${port} and the name of this host`
  try {
    const records = await dns.services(name)
    const offered = records.filter(record => record.name !== '' && record.name !== '.')
    if (offered.length === 0) return fail(`${name} says that nothing is offered to ${who}`, advice)
    for (const { name: host } of offered)
      if (!(await hasAddress(dns, host))) return fail(`${name} names ${host}, which has no address`, advice)
    return ok(`${name}: ${offered.map(({ name: host, port: at }) => `${host}:${at}`).join(', ')}`)
  } catch (error) {
    if (!isAbsent(error)) return warn(`the DNS does not answer for ${name}: ${String(error)}`)
    return (await hasAddress(dns, domain))
      ? ok(`there is no ${name}: ${who} take ${domain}, port ${port}`)
      : fail(`there is no ${name}, and ${domain} has no address: ${who} cannot find this server`, advice)
  }
}

const isAbsent = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ['ENODATA', 'ENOTFOUND'].includes(String(error.code))

const hasAddress = (dns: ServiceLookup, host: string): Promise<boolean> =>
  dns.addresses(host).then(
    addresses => addresses.length > 0,
    () => false,
  )
