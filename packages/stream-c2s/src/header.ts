/** Which stream headers of clients are accepted (RFC 6120 §§4.7, 4.8). */
import type { StreamFault, StreamHeader } from '@smacks/codec'
import { domainOf } from '@smacks/codec'
import type { AccountId } from '@smacks/runtime'
import { brief } from '@smacks/stream'
import { type Either, left, right } from '#fp-ts/Either'
import { fromFault } from './addresses.js'

/** What a header is judged by. */
export interface Expectation {
  /** The domains served here. */
  readonly domains: ReadonlyArray<string>
  /** The domain of the stream so far; it stands in where the header names none. */
  readonly domain: string
  /** Who authenticated on the connection, once somebody has. */
  readonly account: AccountId | undefined
}

/** The domain that the stream is to, or what is wrong with the header. */
export const judgeHeader = (header: StreamHeader, expected: Expectation): Either<StreamFault, string> => {
  if (header.xmlns !== 'jabber:client')
    return left({
      condition: 'invalid-namespace',
      text: `The default namespace is '${brief(header.xmlns)}'; clients use 'jabber:client'.`,
    })
  if (!isSupported(header.version))
    return left({
      condition: 'unsupported-version',
      text: `The version is '${brief(header.version ?? '')}'; it must be '1.0'.`,
    })
  const to = header.to === undefined ? expected.domain : domainOf(header.to)
  if (to === undefined || !expected.domains.includes(to))
    return left({ condition: 'host-unknown', text: `The domain '${brief(header.to ?? '')}' is not served here.` })
  if (expected.account !== undefined && to !== expected.domain)
    return left({
      condition: 'host-unknown',
      text: `You authenticated for '${expected.domain}', not for '${to}'.`,
    })
  const fault = fromFault(header, to, expected.account)
  return fault === undefined ? right(to) : left(fault)
}

/** Major and minor are numbers, with zeros before them or not, and whoever knows a later one falls back (§4.7.5). */
const isSupported = (version: string | undefined): boolean =>
  version !== undefined && /^\d{1,9}\.\d{1,9}$/.test(version) && Number.parseInt(version, 10) >= 1
