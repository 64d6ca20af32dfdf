/** The values of a configuration file, as io-ts decoders. A failure's message says what is allowed. */

import { bareJid, parseJid } from '@smacks/codec'
import * as Either from '#fp-ts/Either'
import * as Option from '#fp-ts/Option'
import * as t from '#io-ts'

/** Decodes one value of the file. Files are read and never written. */
export type Setting<A> = t.Decoder<unknown, A>

/** A decoder, from what it does. */
export const decoder = <A>(name: string, validate: t.Validate<unknown, A>): Setting<A> => {
  const made: Setting<A> = {
    name,
    validate,
    decode: value => validate(value, [{ key: '', type: made, actual: value }]),
  }
  return made
}

const setting = <A>(allowed: string, parse: (value: unknown) => A | undefined): Setting<A> =>
  decoder(allowed, (value, context) => {
    const parsed = parse(value)
    return parsed === undefined ? t.failure(value, context, allowed) : t.success(parsed)
  })

const isWithin = (value: unknown, least: number, greatest: number): value is number =>
  Number.isInteger(value) && Number(value) >= least && Number(value) <= greatest

/** An integer in a range. */
export const integer = (least: number, greatest: number): Setting<number> =>
  setting(`an integer from ${least} to ${greatest}`, value => (isWithin(value, least, greatest) ? value : undefined))

/** A number as another setting allows it, or 0, with what that means. */
export const orZero = (other: Setting<number>, zero: string): Setting<number> => {
  const allowed = `${other.name}, or 0 (${zero})`
  return decoder(allowed, (value, context) => {
    if (value === 0) return t.success(0)
    const validated = other.validate(value, context)
    return Either.isLeft(validated) ? t.failure(value, context, allowed) : validated
  })
}

export const flag: Setting<boolean> = setting('true or false', value =>
  typeof value === 'boolean' ? value : undefined,
)

export const text: Setting<string> = setting('a text that is not empty', value =>
  typeof value === 'string' && value !== '' ? value : undefined,
)

/** As a text, but what was found is not told: it may be nearly right. */
export const secret = (allowed: string, isAllowed: (text: string) => boolean): Setting<string> =>
  decoder(allowed, (value, context) => {
    if (typeof value === 'string' && isAllowed(value)) return t.success(value)
    return t.failure(typeof value === 'string' ? `(${value.length} characters)` : typeof value, context, allowed)
  })

/** One of a few words. */
export const oneOf = <W extends string>(...words: ReadonlyArray<W>): Setting<W> =>
  setting(words.map(word => `"${word}"`).join(', '), value => words.find(word => word === value))

/** Seconds in the units of periods. */
const units: Readonly<Record<string, number>> = { second: 1, minute: 60, hour: 3600, day: 86_400, week: 604_800 }

/** A time: a number of seconds, or a period such as `"10 minutes"`. Decoded to seconds. */
export const seconds = (least: number, greatest: number): Setting<number> =>
  setting(
    `an integer of seconds from ${least} to ${greatest}, or a period such as "10 minutes" (${Object.keys(units).join(', ')})`,
    value => {
      const time = typeof value === 'string' ? periodSeconds(value) : value
      return isWithin(time, least, greatest) ? time : undefined
    },
  )

const periodSeconds = (period: string): number | undefined => {
  const [, amount, unit] = /^\s*(\d{1,10})\s*([a-z]+?)s?\s*$/i.exec(period) ?? []
  const each = unit === undefined ? undefined : units[unit.toLowerCase()]
  return each === undefined ? undefined : Number(amount) * each
}

/** Bytes in the units of sizes. */
const sizeUnits: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1000,
  mb: 1_000_000,
  gb: 1_000_000_000,
  kib: 1024,
  mib: 1_048_576,
  gib: 1_073_741_824,
}

/** A size: a number of bytes, or a text such as `"64 MiB"` or `"10 kB"`. Decoded to bytes. */
export const size = (least: number, greatest: number): Setting<number> =>
  setting(
    `an integer of bytes from ${least} to ${greatest}, or a size such as "64 MiB" (B, kB, MB, GB, KiB, MiB, GiB)`,
    value => {
      const bytes = typeof value === 'string' ? sizeBytes(value) : value
      return isWithin(bytes, least, greatest) ? bytes : undefined
    },
  )

const sizeBytes = (text: string): number | undefined => {
  const [, amount, unit] = /^\s*(\d{1,12})\s*([a-z]{1,3})\s*$/i.exec(text) ?? []
  const each = unit === undefined ? undefined : sizeUnits[unit.toLowerCase()]
  return each === undefined ? undefined : Number(amount) * each
}

/** A host name or address, and a port. */
export interface ListenAddress {
  /** An IPv6 address is without brackets. */
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
}

/** As it is configured and shown: IPv6 addresses stand in brackets. */
export const addressText = ({ host, port }: ListenAddress): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`

/** One address to listen on, or a list of them. Decoded to a list. */
export const listenAddresses: Setting<ReadonlyArray<ListenAddress>> = setting(
  '"host:port" such as "127.0.0.1:5222" or "[::]:5222", or a list of such',
  value => allOf(Array.isArray(value) ? value : [value], listenAddress),
)

const listenAddress = (value: unknown): ListenAddress | undefined => {
  if (typeof value !== 'string') return undefined
  const [, host = '', digits = ''] = /^(\[[^[\]]+\]|[^:[\]]+):(\d{1,5})$/.exec(value) ?? []
  const port = Number(digits)
  const domain = domainOf(host)
  return domain === undefined || port > 65_535 ? undefined : { host: domain.replace(/^\[|\]$/g, ''), port }
}

const hostAddress: Setting<ListenAddress> = setting(
  '"host:port" such as "127.0.0.1:5269" or "[::1]:5269", the port being 1 or more',
  value => {
    const address = listenAddress(value)
    return address === undefined || address.port === 0 ? undefined : address
  },
)

/** Addresses by domains, which are normalised. All problems are told. */
export const hostTable: Setting<ReadonlyMap<string, ListenAddress>> = decoder('a table', (value, context) => {
  if (!t.UnknownRecord.is(value) || Array.isArray(value)) return t.failure(value, context, 'a table')
  const hosts = new Map<string, ListenAddress>()
  const errors: Array<t.ValidationError> = []
  for (const [key, written] of Object.entries(value)) {
    const named = t.appendContext(context, JSON.stringify(key), hostAddress)
    const domain = domainOf(key)
    const address = hostAddress.validate(written, named)
    if (domain === undefined || hosts.has(domain))
      errors.push({ value: key, context: named, message: 'domains as names, each once' })
    else if (Either.isLeft(address)) errors.push(...address.left)
    else hosts.set(domain, address.right)
  }
  return errors.length > 0 ? t.failures(errors) : t.success(hosts)
})

/** One domain or more. Decoded to a list, normalised (RFC 7622 §3.2). */
export const domainList: Setting<ReadonlyArray<string>> = setting(
  'a list of one or more domains such as ["example.org"], each once',
  value => {
    const domains = Array.isArray(value) && value.length > 0 ? allOf(value, domainOf) : undefined
    return domains !== undefined && new Set(domains).size === domains.length ? domains : undefined
  },
)

/** Accounts, each once; `["*"]` stands for all. Decoded to normalised bare JIDs (RFC 7622 §3). */
export const accountList: Setting<ReadonlyArray<string>> = setting(
  'a list of bare JIDs such as ["romeo@example.org"], each once, or ["*"] for all',
  value => {
    if (!Array.isArray(value)) return undefined
    if (value.length === 1 && value[0] === '*') return ['*']
    const accounts = allOf(value, accountOf)
    return accounts !== undefined && new Set(accounts).size === accounts.length ? accounts : undefined
  },
)

const accountOf = (value: unknown): string | undefined => {
  if (typeof value !== 'string') return undefined
  const parsed = parseJid(value)
  if (Option.isNone(parsed) || parsed.value.local === '' || parsed.value.resource !== '') return undefined
  return bareJid(parsed.value)
}

const domainOf = (value: unknown): string | undefined => {
  if (typeof value !== 'string' || /[@/]/.test(value)) return undefined
  const parsed = parseJid(value)
  return Option.isSome(parsed) ? parsed.value.domain : undefined
}

const allOf = <A>(values: ReadonlyArray<unknown>, parse: (value: unknown) => A | undefined): Array<A> | undefined => {
  const parsed = values.map(parse).filter(each => each !== undefined)
  return parsed.length === values.length ? parsed : undefined
}
