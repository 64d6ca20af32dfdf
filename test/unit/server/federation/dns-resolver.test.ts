import { createVirtualHost } from '@smacks/testkit'
import { left, right } from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import {
  createResolver,
  type Dns,
  hostDns,
  resolveSeconds,
  type ServiceRecord,
} from '../../../../apps/server/src/federation/dns-resolver.js'
import { startDns } from './dns-server.js'

const failure = (code: string) => Object.assign(new Error(`queryX ${code}`), { code })
const none = () => Promise.reject(failure('ENOTFOUND'))
const record = (name: string, port: number, priority = 10, weight = 0): ServiceRecord => ({
  name,
  port,
  priority,
  weight,
})

/** What the DNS is asked, and what it says: each name with its records, or the code of its failure. */
const dnsOf = (
  said: Readonly<Record<string, ReadonlyArray<ServiceRecord> | string>>,
  addresses: ReadonlyArray<string> = [],
) => {
  const asked: Array<string> = []
  const dns: Dns = {
    services: name => {
      asked.push(name)
      const answer = said[name] ?? 'ENOTFOUND'
      return typeof answer === 'string' ? Promise.reject(failure(answer)) : Promise.resolve(answer)
    },
    addresses: host => {
      asked.push(host)
      return addresses.includes(host) ? Promise.resolve(['192.0.2.1']) : Promise.reject(failure('ENOTFOUND'))
    },
  }
  return { dns, asked }
}

const virtual = () => createVirtualHost()
const resolverOf = (
  dns: Dns,
  hosts: ReadonlyMap<string, { host: string; port: number }> = new Map(),
  host = virtual(),
  literalAddresses = false,
) => createResolver({ hosts, dns, literalAddresses, random: () => 0, timers: host.timers, clock: host.clock })

const tls = '_xmpps-server._tcp.remote.example'
const plain = '_xmpp-server._tcp.remote.example'
const resolved = (
  said: Readonly<Record<string, ReadonlyArray<ServiceRecord> | string>>,
  addresses?: ReadonlyArray<string>,
) => resolverOf(dnsOf(said, addresses).dns)('remote.example')

const doubtful = (reason: string) =>
  left({
    condition: 'remote-server-timeout',
    text: `It is not known where 'remote.example' is: ${reason}.`,
    isFinal: false,
  })
const fallback = right([{ host: 'remote.example', port: 5269, directTls: false }])

describe('without the DNS', () => {
  const silent: Dns = {
    services: () => Promise.reject(new Error('asked')),
    addresses: () => Promise.reject(new Error('asked')),
  }

  test.each(['remote.example', 'b\u00fccher.example', 'xn--bcher-kva.example'])(
    '%s is where the configuration says',
    async domain => {
      const hosts = new Map([
        ['remote.example', { host: '127.0.0.1', port: 5270 }],
        ['b\u00fccher.example', { host: '127.0.0.1', port: 5270 }],
      ])
      expect(await resolverOf(silent, hosts)(domain)).toEqual(
        right([{ host: '127.0.0.1', port: 5270, directTls: false, isConfigured: true }]),
      )
    },
  )

  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['[2001:db8::1]', '2001:db8::1'],
  ])('the address %s is where it says, if that is allowed', async (domain, host) => {
    const allowing = resolverOf(silent, new Map(), virtual(), true)
    expect(await allowing(domain)).toEqual(right([{ host, port: 5269, directTls: false }]))
  })

  test.each(['192.0.2.1', '[2001:db8::1]', '127.1', '2130706433', '0x7f.1'])(
    'the address %s is no domain, unless that is allowed',
    async domain =>
      expect(await resolverOf(silent)(domain)).toEqual(
        left({
          condition: 'remote-server-not-found',
          text: `'${domain}' is an address, and no name of a domain.`,
          isFinal: true,
        }),
      ),
  )

  test.each(['a..example', '-', `${'x'.repeat(64)}.example`, `${'x.'.repeat(127)}example`])(
    '%.30s is nowhere',
    async domain =>
      expect(await resolverOf(silent)(domain)).toEqual(
        left({
          condition: 'remote-server-not-found',
          text: `'${domain}' is no name that the DNS could know.`,
          isFinal: true,
        }),
      ),
  )
})

describe('the DNS', () => {
  test('is asked for both kinds of service, in A-labels', async () => {
    const { dns, asked } = dnsOf({})
    await resolverOf(dns)('B\u00fccher.Example.')
    expect(asked).toEqual([
      '_xmpps-server._tcp.xn--bcher-kva.example',
      '_xmpp-server._tcp.xn--bcher-kva.example',
      'xn--bcher-kva.example',
    ])
  })

  test('offers both kinds in one order of priorities', async () =>
    expect(
      await resolved({
        [tls]: [record('Tls.Remote.example.', 5270, 20)],
        [plain]: [record('late.remote.example', 5269, 30), record('early.remote.example', 5271, 10)],
      }),
    ).toEqual(
      right([
        { host: 'early.remote.example', port: 5271, directTls: false },
        { host: 'tls.remote.example', port: 5270, directTls: true },
        { host: 'late.remote.example', port: 5269, directTls: false },
      ]),
    ))

  test.each(['SERVFAIL', 'TIMEOUT'])('that fails with %s for one kind offers the other', async code => {
    const found = right([expect.objectContaining({ host: 'a.example' })])
    expect(await resolved({ [tls]: `E${code}`, [plain]: [record('a.example', 1)] })).toEqual(found)
    expect(await resolved({ [tls]: [record('a.example', 1)], [plain]: `E${code}` })).toEqual(found)
  })

  test.each(['ESERVFAIL', 'ETIMEOUT', 'EREFUSED', 'ECONNREFUSED'])(
    'that fails with %s is no reason to guess, and may know better later',
    async code => {
      expect(await resolved({ [plain]: code }, ['remote.example'])).toEqual(
        doubtful(`the question for ${plain} failed: queryX ${code}`),
      )
      expect(await resolved({ [tls]: code }, ['remote.example'])).toEqual(
        doubtful(`the question for ${tls} failed: queryX ${code}`),
      )
      expect(await resolved({ [tls]: code, [plain]: [record('.', 0)] })).toEqual(
        doubtful(`the question for ${tls} failed: queryX ${code}`),
      )
    },
  )

  test.each([['ENOTFOUND'], ['ENODATA'], ['EBADNAME'], [[]]])(
    'that has no records (%j) leaves the domain itself',
    async answer => expect(await resolved({ [tls]: answer, [plain]: answer }, ['remote.example'])).toEqual(fallback),
  )

  test.each(['', '.'])('says by the target %j that a service is not offered', async root => {
    const notOffered = left({
      condition: 'remote-server-not-found',
      text: "'remote.example' says in the DNS that it talks to no servers.",
      isFinal: true,
    })
    expect(await resolved({ [plain]: [record(root, 0)] }, ['remote.example'])).toEqual(notOffered)
    expect(await resolved({ [tls]: [record(root, 5269)], [plain]: [record(root, 5269)] })).toEqual(notOffered)
    expect(await resolved({ [tls]: [record(root, 5269)] }, ['remote.example'])).toEqual(fallback)
    expect(await resolved({ [tls]: [record('a.example', 1)], [plain]: [record(root, 0)] })).toEqual(
      right([{ host: 'a.example', port: 1, directTls: true }]),
    )
  })

  test('offers only what can be connected to, and no more than is tried', async () => {
    expect(await resolved({ [plain]: [record('a b', 1), record('a.example', 0), record('b.example', 1)] })).toEqual(
      right([{ host: 'b.example', port: 1, directTls: false }]),
    )
    const many = Array.from({ length: 5000 }, (_, index) => record(`host-${index}.example`, 5269))
    const found = await resolved({ [plain]: many })
    expect(found).toEqual(right(many.slice(0, 8).map(({ name }) => ({ host: name, port: 5269, directTls: false }))))
  })

  test('that knows neither service nor host knows that there is nothing', async () => {
    const nothing = left({
      condition: 'remote-server-not-found',
      text: "There is no host 'remote.example', and no service of that name.",
      isFinal: true,
    })
    expect(await resolved({})).toEqual(nothing)
    expect(await resolverOf({ services: none, addresses: () => Promise.resolve([]) })('remote.example')).toEqual(
      nothing,
    )
  })

  test('that fails to find the host may know better later', async () =>
    expect(
      await resolverOf({ services: none, addresses: () => Promise.reject(failure('EAI_AGAIN')) })('remote.example'),
    ).toEqual(doubtful('queryX EAI_AGAIN')))

  test('that fails with something else fails with that', async () =>
    expect(await resolverOf({ services: none, addresses: () => Promise.reject('odd') })('remote.example')).toEqual(
      doubtful('odd'),
    ))

  test('is not waited for beyond a bound, and what it says then is not heard', async () => {
    const host = virtual()
    let answer: (records: ReadonlyArray<ServiceRecord>) => void = () => {}
    const late = new Promise<ReadonlyArray<ServiceRecord>>(resolve => {
      answer = resolve
    })
    const asked = resolverOf({ services: () => late, addresses: none }, new Map(), host)('remote.example')
    host.advance(resolveSeconds * 1000 - 1)
    expect(host.nextDue()).toBe(resolveSeconds * 1000)
    host.advance(1)
    expect(await asked).toEqual(doubtful(`there was no answer within ${resolveSeconds} seconds`))
    answer([record('a.example', 1)])
    expect(await asked).toEqual(doubtful(`there was no answer within ${resolveSeconds} seconds`))
  })

  test('leaves no timer behind once it answered', async () => {
    const host = virtual()
    const resolve = resolverOf(dnsOf({}).dns, new Map(), host)
    await Promise.all([resolve('remote.example'), resolve('remote.example'), resolve('other.example')])
    expect(host.nextDue()).toBeUndefined()
  })
})

test('what Node makes of the answers of a real DNS is understood', async () => {
  const server = await startDns({
    '_xmpps-server._tcp.both.example': [['tls.both.example', 5270]],
    '_xmpp-server._tcp.both.example': [['both.example', 5269]],
    '_xmpp-server._tcp.alone.example': [['', 0]],
    '_xmpps-server._tcp.localhost': [],
    '_xmpp-server._tcp.broken.example': 2,
    '_xmpp-server._tcp.refusing.example': 5,
  })
  try {
    const resolve = resolverOf(hostDns([server.address]))
    expect(await resolve('both.example')).toEqual(
      right([
        { host: 'tls.both.example', port: 5270, directTls: true },
        { host: 'both.example', port: 5269, directTls: false },
      ]),
    )
    expect(await resolve('alone.example')).toMatchObject({
      left: { condition: 'remote-server-not-found', isFinal: true },
    })
    // The name is in every host's own table.
    expect(await resolve('localhost')).toEqual(right([{ host: 'localhost', port: 5269, directTls: false }]))
    for (const domain of ['broken.example', 'refusing.example'])
      expect(await resolve(domain)).toMatchObject({ left: { condition: 'remote-server-timeout', isFinal: false } })
  } finally {
    server.close()
  }
})
