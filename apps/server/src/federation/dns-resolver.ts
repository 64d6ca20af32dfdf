/**
 * Where to connect for a domain (RFC 6120 §3.2, XEP-0368 §3): what the configuration says, else what the DNS says, else
 * the domain itself. That there is no server differs from an answer that failed, where another attempt may help.
 */
import { promises } from 'node:dns'
import { after, type Clock, type Timers } from '@smacks/runtime'
import type { ListenAddress } from '@smacks/settings'
import {
  addressIn,
  type DialFailure,
  dnsName,
  isAddress,
  type Network,
  type OfferedTarget,
  orderedTargets,
  type Target,
} from '@smacks/stream-s2s'
import { type Either, left, right } from 'fp-ts/lib/Either.js'

/** The answers of the DNS. Both reject with an error that has a `code`, as those of Node do. */
export interface Dns {
  /** The SRV records of a name. */
  readonly services: (name: string) => Promise<ReadonlyArray<ServiceRecord>>
  /** The addresses of a host, as connections to it will find them. */
  readonly addresses: (host: string) => Promise<ReadonlyArray<unknown>>
}

/** An SRV record (RFC 2782). */
export interface ServiceRecord {
  /** The target; of the root, that is "not offered here", it is '' or '.'. */
  readonly name: string
  readonly port: number
  readonly priority: number
  readonly weight: number
}

export interface ResolverOptions {
  /** Where servers are, by domains; the DNS is not asked for them. */
  readonly hosts: ReadonlyMap<string, ListenAddress>
  /** Domains may be addresses (RFC 7622 §3.2): then that is where they are. */
  readonly literalAddresses: boolean
  readonly dns: Dns
  /** From 0 up to, but not, 1. */
  readonly random: () => number
  readonly timers: Timers
  readonly clock: Clock
}

/** The resolver of the host, or of these servers (`address:port`) for the services. */
export const hostDns = (servers?: ReadonlyArray<string>): Dns => {
  const resolver = new promises.Resolver({ timeout: 5_000, tries: 2 })
  if (servers !== undefined) resolver.setServers(servers)
  return {
    services: name => resolver.resolveSrv(name),
    addresses: host => promises.lookup(host, { all: true }),
  }
}

/** How long all questions for one domain may take. */
export const resolveSeconds = 20

/** The function that finds the targets of a domain, best first and never none. It does not reject. */
export const createResolver = (options: ResolverOptions): Network['resolve'] => {
  const { dns, random, timers, clock } = options
  const hosts = new Map([...options.hosts].map(([domain, address]) => [nameOf(domain), address]))
  let asked = 0

  const ask = (domain: string, name: string): Promise<Resolved> =>
    new Promise(resolve => {
      asked += 1
      const key = `resolve\n${asked}`
      const due = after(clock, resolveSeconds * 1000)
      timers.arm(key, due, () => resolve(unknown(domain, `there was no answer within ${resolveSeconds} seconds`)))
      lookUp(dns, domain, name, random)
        .catch((cause: unknown) => unknown(domain, reasonOf(cause)))
        .then(resolved => {
          timers.disarm(key)
          resolve(resolved)
        })
    })

  return async domain => {
    const configured = hosts.get(nameOf(domain))
    if (configured !== undefined) return right([{ ...configured, directTls: false, isConfigured: true }])
    if (isAddress(domain) && !options.literalAddresses)
      return notFound(`'${domain}' is an address, and no name of a domain.`)
    const address = addressIn(domain)
    if (address !== undefined) return right([{ host: address, port: usualPort, directTls: false }])
    const name = dnsName(domain)
    return name === undefined ? notFound(`'${domain}' is no name that the DNS could know.`) : ask(domain, name)
  }
}

type Resolved = Either<DialFailure, ReadonlyArray<Target>>

const usualPort = 5269

/** Equal for all spellings of a domain. */
const nameOf = (domain: string): string => dnsName(domain) ?? domain

/** The answer for one kind of service. */
type Service =
  | { readonly _tag: 'Offered'; readonly targets: ReadonlyArray<OfferedTarget> }
  /** There are records, and none of them can be used: so it is when the target is the root (RFC 2782). */
  | { readonly _tag: 'NotOffered' }
  | { readonly _tag: 'NoRecords' }
  | { readonly _tag: 'Unknown'; readonly reason: string }

const lookUp = async (dns: Dns, domain: string, name: string, random: () => number): Promise<Resolved> => {
  const services = await Promise.all([
    service(dns, `_xmpps-server._tcp.${name}`, true),
    service(dns, `_xmpp-server._tcp.${name}`, false),
  ])
  // Both kinds are one list: priorities and weights compare across them (XEP-0368 §3).
  const offered = services.flatMap(each => (each._tag === 'Offered' ? each.targets : []))
  if (offered.length > 0) return right(orderedTargets(offered, random))
  const [doubtful] = services.flatMap(each => (each._tag === 'Unknown' ? [each.reason] : []))
  if (doubtful !== undefined) return unknown(domain, doubtful)
  return services[1]._tag === 'NotOffered'
    ? notFound(`'${domain}' says in the DNS that it talks to no servers.`)
    : fallback(dns, domain, name)
}

const service = async (dns: Dns, name: string, directTls: boolean): Promise<Service> => {
  try {
    const records = await dns.services(name)
    if (records.length === 0) return { _tag: 'NoRecords' }
    const targets = records.slice(0, maxRecords).flatMap(record => usable(record, directTls))
    return targets.length === 0 ? { _tag: 'NotOffered' } : { _tag: 'Offered', targets }
  } catch (cause) {
    return noRecordCodes.has(codeOf(cause))
      ? { _tag: 'NoRecords' }
      : { _tag: 'Unknown', reason: `the question for ${name} failed: ${reasonOf(cause)}` }
  }
}

/** Records of one name that are looked at. */
const maxRecords = 100

const usable = ({ name, port, priority, weight }: ServiceRecord, directTls: boolean): ReadonlyArray<OfferedTarget> => {
  const host = dnsName(name)
  return host === undefined || port === 0 ? [] : [{ host, port, directTls, priority, weight }]
}

/** The domain itself (RFC 6120 §3.2.2). Whether it exists is asked here: a connection that fails does not say. */
const fallback = async (dns: Dns, domain: string, name: string): Promise<Resolved> => {
  const noAddress = (): Resolved => notFound(`There is no host '${name}', and no service of that name.`)
  try {
    const addresses = await dns.addresses(name)
    return addresses.length === 0 ? noAddress() : right([{ host: name, port: usualPort, directTls: false }])
  } catch (cause) {
    return noRecordCodes.has(codeOf(cause)) ? noAddress() : unknown(domain, reasonOf(cause))
  }
}

/** Answers that there is no such name, or none that could be asked for. */
const noRecordCodes: ReadonlySet<string> = new Set(['ENODATA', 'ENOTFOUND', 'EBADNAME'])

const notFound = (text: string): Resolved => left({ condition: 'remote-server-not-found', text, isFinal: true })

const unknown = (domain: string, reason: string): Resolved =>
  left({
    condition: 'remote-server-timeout',
    text: `It is not known where '${domain}' is: ${reason}.`,
    isFinal: false,
  })

const codeOf = (cause: unknown): string => (cause instanceof Error && 'code' in cause ? String(cause.code) : '')

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))
