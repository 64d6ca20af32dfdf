import { defaultConfig } from '@smacks/core'
import { coreConfig, decodeServerConfig, defaultServerConfig, federates, type ServerConfig } from '@smacks/server'
import fc from 'fast-check'
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'

const config = (value: unknown): ServerConfig => {
  const decoded = decodeServerConfig(value)
  if (Either.isLeft(decoded)) throw new Error(decoded.left.join('\n'))
  return decoded.right
}
const problems = (value: unknown): ReadonlyArray<string> => {
  const decoded = decodeServerConfig(value)
  return Either.isLeft(decoded) ? decoded.left : []
}

describe('a configuration', () => {
  test('that says nothing is the default one', () => expect(config({})).toEqual(defaultServerConfig))

  test('that says everything is what it says', () =>
    expect(
      config({
        domains: ['Example.org', 'b\u00fccher.example.'],
        data: '/var/lib/smacks',
        durability: 'disk',
        offline_storage: false,
        log_level: 'warn',
        smacks_hibernation_time: '10 minutes',
        smacks_max_queue_size: 1000,
        smacks_enabled_s2s: false,
        smacks_s2s_resend: true,
        smacks_max_unacked_stanzas: 5,
        smacks_max_inactive_unacked_stanzas: 100,
        smacks_max_ack_delay: '1 minute',
        smacks_max_old_sessions: 3,
        c2s: { listen: ['0.0.0.0:5222', '[::]:5222'], direct_tls: 'localhost:5223', require_encryption: false },
        s2s: {
          listen: '0.0.0.0:5269',
          direct_tls: ['0.0.0.0:5270', '[::]:5270'],
          require_encryption: false,
          authentication: 'external',
          ca: 'roots.pem',
          resume: false,
          connect_timeout_seconds: 5,
          establish_seconds: '2 minutes',
          max_waiting: 10,
          max_waiting_size: '20 kB',
          waiting_size_per_account: '10 KiB',
          waiting_size: 1_000_000,
          max_links: 20,
          links_per_account: 3,
          literal_addresses: true,
          private_addresses: true,
          max_stanza_bytes: 20_000,
          connections_per_address: 2,
          max_connections: 20,
          max_pending_connections: 10,
          bytes_per_second: 0,
          burst_size: '10 kB',
          silence_seconds: 60,
          hosts: { 'Remote.Example': '127.0.0.1:5270', '[::1]': '[::1]:5271' },
        },
        tls: { certificate: 'cert.pem', key: 'key.pem' },
        limits: {
          max_stanza_bytes: 10_000,
          connections_per_address: 1,
          unauthenticated_stanza_size: '4 KiB',
          max_connections: 30,
          max_pending_connections: 3,
          unauthenticated_seconds: '1 minute',
          auth_failures: 3,
          auth_failures_per_address: 30,
          auth_failures_per_account: 10,
          auth_delay_seconds: '1 hour',
          auth_forget_seconds: '1 day',
          auth_waiting: 0,
          resources_per_user: 5,
          hibernating_sessions_per_user: 2,
          bytes_per_second: '100 kB',
          burst_size: 10_000,
          unsent_size_per_connection: '2 MiB',
          max_unsent_size: '1 GB',
          silence_seconds: '2 minutes',
          queue_bytes_per_session: '1 MiB',
          queue_bytes_per_user: 2_000_000,
          offline_bytes_per_user: '3 MB',
          offline_bytes_per_sender: '400 kB',
          contact_bytes_per_user: '10 KiB',
          data_bytes: '6 GB',
        },
        record: {
          directory: '/var/log/smacks',
          accounts: ['Romeo@EXAMPLE.org', 'b\u00fccher@b\u00fccher.example'],
          redact: true,
          max_file_bytes: 10_000,
          max_files: 3,
          outcome: 'digest',
        },
        http: { listen: ['127.0.0.1:9090', '[::]:9091'], tls: true, token: 'correct-horse-battery' },
      }),
    ).toEqual({
      domains: ['example.org', 'b\u00fccher.example'],
      data: '/var/lib/smacks',
      durability: 'disk',
      offlineStorage: false,
      logLevel: 'warn',
      smacks: {
        hibernationTime: 600,
        maxQueueSize: 1000,
        enabledS2s: false,
        s2sResend: true,
        maxUnackedStanzas: 5,
        maxInactiveUnackedStanzas: 100,
        maxAckDelay: 60,
        maxOldSessions: 3,
      },
      c2s: {
        listen: [
          { host: '0.0.0.0', port: 5222 },
          { host: '::', port: 5222 },
        ],
        directTls: [{ host: 'localhost', port: 5223 }],
        requireEncryption: false,
      },
      s2s: {
        listen: [{ host: '0.0.0.0', port: 5269 }],
        directTls: [
          { host: '0.0.0.0', port: 5270 },
          { host: '::', port: 5270 },
        ],
        requireEncryption: false,
        authentication: 'external',
        ca: 'roots.pem',
        resume: false,
        connectTimeoutSeconds: 5,
        establishSeconds: 120,
        maxWaiting: 10,
        maxWaitingBytes: 20_000,
        waitingBytesPerAccount: 10_240,
        waitingBytes: 1_000_000,
        maxLinks: 20,
        linksPerAccount: 3,
        literalAddresses: true,
        privateAddresses: true,
        maxStanzaBytes: 20_000,
        maxConnections: 20,
        maxPendingConnections: 10,
        connectionsPerAddress: 2,
        bytesPerSecond: 0,
        burstSize: 10_000,
        silenceSeconds: 60,
        hosts: new Map([
          ['remote.example', { host: '127.0.0.1', port: 5270 }],
          ['[::1]', { host: '::1', port: 5271 }],
        ]),
      },
      tls: { certificate: 'cert.pem', key: 'key.pem' },
      limits: {
        maxStanzaBytes: 10_000,
        unauthenticatedStanzaSize: 4096,
        maxConnections: 30,
        maxPendingConnections: 3,
        connectionsPerAddress: 1,
        unauthenticatedSeconds: 60,
        authFailures: 3,
        authFailuresPerAddress: 30,
        authFailuresPerAccount: 10,
        authDelaySeconds: 3_600,
        authForgetSeconds: 86_400,
        authWaiting: 0,
        resourcesPerUser: 5,
        hibernatingSessionsPerUser: 2,
        bytesPerSecond: 100_000,
        burstSize: 10_000,
        unsentSizePerConnection: 2_097_152,
        maxUnsentSize: 1_000_000_000,
        silenceSeconds: 120,
        queueBytesPerSession: 1_048_576,
        queueBytesPerUser: 2_000_000,
        offlineBytesPerUser: 3_000_000,
        offlineBytesPerSender: 400_000,
        contactBytesPerUser: 10_240,
        dataBytes: 6_000_000_000,
      },
      record: {
        directory: '/var/log/smacks',
        accounts: ['romeo@example.org', 'b\u00fccher@b\u00fccher.example'],
        redact: true,
        maxFileBytes: 10_000,
        maxFiles: 3,
        outcome: 'digest',
      },
      http: {
        listen: [
          { host: '127.0.0.1', port: 9090 },
          { host: '::', port: 9091 },
        ],
        tls: true,
        token: 'correct-horse-battery',
      },
    } satisfies ServerConfig))

  test('may say a part of a table', () =>
    expect(config({ limits: { auth_failures: 1 } }).limits).toEqual({ ...defaultServerConfig.limits, authFailures: 1 }))

  test('holds what the core decides by', () => {
    expect(coreConfig(defaultServerConfig)).toEqual({ ...defaultConfig, queueStorage: true })
    expect(coreConfig(config({ durability: 'memory' }))).toEqual(defaultConfig)
    const other = config({
      offline_storage: false,
      smacks_max_queue_size: 7,
      limits: { hibernating_sessions_per_user: 3 },
    })
    expect(coreConfig(other)).toEqual({
      ...defaultConfig,
      offlineStorage: false,
      maxQueueSize: 7,
      queueStorage: true,
      maxHibernatingSessions: 3,
    })
  })
})

describe('a time', () => {
  const time = (smacks_hibernation_time: unknown): number => config({ smacks_hibernation_time }).smacks.hibernationTime

  test.each([
    [0, 0],
    [90, 90],
    ['1 second', 1],
    ['90 seconds', 90],
    ['1minute', 60],
    [' 2  Hours ', 7200],
    ['3 days', 259_200],
    ['1 week', 604_800],
  ])('%j is %d seconds', (period, seconds) => expect(time(period)).toBe(seconds))

  test.each([-1, 1.5, '10', 'minutes', '-1 minute', '1.5 minutes', '10 fortnights', '99999999999 weeks', true])(
    '%j is none',
    period =>
      expect(problems({ smacks_hibernation_time: period })).toEqual([
        `smacks_hibernation_time: found ${JSON.stringify(period)}, allowed: an integer of seconds from 0 to 315360000, or a period such as "10 minutes" (second, minute, hour, day, week)`,
      ]),
  )
})

describe('a size', () => {
  const size = (contact_bytes_per_user: unknown): number =>
    config({ limits: { contact_bytes_per_user } }).limits.contactBytesPerUser

  test.each([
    [10_000, 10_000],
    ['10000 B', 10_000],
    ['10 kB', 10_000],
    ['10kib', 10_240],
    ['  3 MB ', 3_000_000],
    ['64 MiB', 67_108_864],
    ['2 GB', 2_000_000_000],
    ['1 GiB', 1_073_741_824],
  ])('%j is %d bytes', (said, bytes) => expect(size(said)).toBe(bytes))

  test.each([9_999, -1, 1.5, '10', 'MiB', '1.5 MiB', '10 bytes', '9 kB', '1025 GiB', true])('%j is none', said =>
    expect(problems({ limits: { contact_bytes_per_user: said } })).toEqual([
      `limits.contact_bytes_per_user: found ${JSON.stringify(said)}, allowed: an integer of bytes from 10000 to 1099511627776, or a size such as "64 MiB" (B, kB, MB, GB, KiB, MiB, GiB)`,
    ]),
  )

  test('of a whole is no less than that of its part, and one stanza fits', () => {
    expect(
      problems({
        limits: {
          max_stanza_bytes: 50_000,
          queue_bytes_per_session: '40 kB',
          queue_bytes_per_user: '30 kB',
          offline_bytes_per_sender: '20 kB',
          offline_bytes_per_user: '10 kB',
        },
      }),
    ).toEqual([
      'limits.queue_bytes_per_session: found 40000, allowed: at least limits.max_stanza_bytes, which is 50000',
      'limits.queue_bytes_per_user: found 30000, allowed: at least limits.queue_bytes_per_session, which is 40000',
      'limits.offline_bytes_per_sender: found 20000, allowed: at least limits.max_stanza_bytes, which is 50000',
      'limits.offline_bytes_per_user: found 10000, allowed: at least limits.offline_bytes_per_sender, which is 20000',
    ])
  })
})

describe('a number that JSON has no word for', () => {
  test.each([
    [Number.NaN, 'nan'],
    [Number.POSITIVE_INFINITY, 'inf'],
    [Number.NEGATIVE_INFINITY, '-inf'],
  ])('%s is called as in the file: %s', (value, word) => {
    expect(
      problems({
        smacks_max_queue_size: value,
        domains: ['localhost', value],
        c2s: { listen: value },
        limits: { auth_failures: value, silence_seconds: value, bytes_per_second: value },
      }).map(problem => problem.split(', allowed')[0]),
    ).toEqual([
      `domains: found ["localhost",${word}]`,
      `smacks_max_queue_size: found ${word}`,
      `c2s.listen: found ${word}`,
      `limits.auth_failures: found ${word}`,
      `limits.bytes_per_second: found ${word}`,
      `limits.silence_seconds: found ${word}`,
    ])
    expect(problems({ [String(value)]: value })[0]).toContain(String(value))
  })
})

describe('a size', () => {
  const size = (value: unknown) => config({ limits: { max_unsent_size: value } }).limits.maxUnsentSize

  test.each([
    ['2000000 B', 2_000_000],
    ['2000 kB', 2_000_000],
    [' 2mb ', 2_000_000],
    ['1 GB', 1_000_000_000],
    ['2048 KiB', 2_097_152],
    ['64 MiB', 67_108_864],
    ['1 GiB', 1_073_741_824],
    [1_048_576, 1_048_576],
  ])('%j is so many bytes', (value, bytes) => expect(size(value)).toBe(bytes))

  test.each(['1', 'MiB', '1 TiB', '1.5 MiB', '-1 MiB', '1 kB', 1.5, true])('%j is none that is allowed', value =>
    expect(problems({ limits: { max_unsent_size: value } })).toEqual([
      `limits.max_unsent_size: found ${JSON.stringify(value)}, allowed: an integer of bytes from 1048576 to 1099511627776, or a size such as "64 MiB" (B, kB, MB, GB, KiB, MiB, GiB)`,
    ]),
  )
})

describe('an address to listen on', () => {
  const listen = (value: unknown) => config({ c2s: { listen: value } }).c2s.listen

  test.each([
    ['127.0.0.1:5222', '127.0.0.1', 5222],
    ['[::1]:5222', '::1', 5222],
    ['localhost:0', 'localhost', 0],
    ['Chat.Example.org:65535', 'chat.example.org', 65_535],
  ])('%s', (text, host, port) => {
    expect(listen(text)).toEqual([{ host, port }])
    expect(listen([text])).toEqual([{ host, port }])
  })

  test.each([
    5222,
    '5222',
    ':5222',
    'localhost',
    'localhost:',
    'localhost:65536',
    'localhost:-1',
    'a b:5222',
    'a@b:5222',
    'a/b:5222',
    '::1:5222',
    '[::1]',
    '[::1',
    '[nonsense]:5222',
    true,
    null,
    {},
    [5222],
    ['localhost:5222', 'x'],
  ])('%j is none', value =>
    expect(problems({ c2s: { listen: value } })).toEqual([
      `c2s.listen: found ${JSON.stringify(value)}, allowed: "host:port" such as "127.0.0.1:5222" or "[::]:5222", or a list of such`,
    ]),
  )

  test('of direct TLS suffices', () =>
    expect(config({ c2s: { listen: [], direct_tls: 'localhost:5223' } }).c2s.directTls).toHaveLength(1))
})

describe('federation', () => {
  test('is off unless an address is listened on for servers', () => {
    expect(federates(defaultServerConfig)).toBe(false)
    expect(federates(config({ s2s: { authentication: 'dialback' } }))).toBe(false)
    expect(federates(config({ s2s: { listen: '127.0.0.1:0' } }))).toBe(true)
    expect(federates(config({ s2s: { direct_tls: '127.0.0.1:0' } }))).toBe(true)
  })

  test.each<readonly [unknown, ReadonlyArray<string>]>([
    [5, ['s2s.hosts: found 5, allowed: a table']],
    [['a.example'], ['s2s.hosts: found ["a.example"], allowed: a table']],
    [
      { 'a.example': '127.0.0.1', 'b.example': '127.0.0.1:0', 'c.example': ['127.0.0.1:5269'] },
      [
        's2s.hosts."a.example": found "127.0.0.1", allowed: "host:port" such as "127.0.0.1:5269" or "[::1]:5269", the port being 1 or more',
        's2s.hosts."b.example": found "127.0.0.1:0", allowed: "host:port" such as "127.0.0.1:5269" or "[::1]:5269", the port being 1 or more',
        's2s.hosts."c.example": found ["127.0.0.1:5269"], allowed: "host:port" such as "127.0.0.1:5269" or "[::1]:5269", the port being 1 or more',
      ],
    ],
    [
      { 'a@b.example': 'localhost:1', 'a.example': 'localhost:1', 'A.example': 'localhost:1' },
      [
        's2s.hosts."a@b.example": found "a@b.example", allowed: domains as names, each once',
        's2s.hosts."A.example": found "A.example", allowed: domains as names, each once',
      ],
    ],
    [{ localhost: '127.0.0.1:1' }, ['s2s.hosts: found "localhost", allowed: domains that are not served here']],
  ])('does not know where to go by hosts %j', (hosts, expected) =>
    expect(problems({ s2s: { hosts } })).toEqual(expected),
  )

  test('knows hosts by any name that a domain can have', () =>
    expect([...config({ s2s: { hosts: JSON.parse('{"__proto__": "localhost:1"}') } }).s2s.hosts]).toEqual([
      ['__proto__', { host: 'localhost', port: 1 }],
    ]))
})

describe('what is wrong is told, with key, value and what is allowed', () => {
  test.each<readonly [unknown, ReadonlyArray<string>]>([
    [5, ['the configuration: found 5, allowed: a table']],
    [[], ['the configuration: found [], allowed: a table']],
    [undefined, ['the configuration: found undefined, allowed: a table']],
    [{ limits: 5 }, ['limits: found 5, allowed: a table']],
    [{ tls: [] }, ['tls: found [], allowed: a table']],
    [{ data: '' }, ['data: found "", allowed: a text that is not empty']],
    [{ offline_storage: 'yes' }, ['offline_storage: found "yes", allowed: true or false']],
    [{ durability: 'ram' }, ['durability: found "ram", allowed: "memory", "process", "disk"']],
    [{ smacks_max_queue_size: 1.5 }, ['smacks_max_queue_size: found 1.5, allowed: an integer from 0 to 1000000']],
    [
      { limits: { max_stanza_bytes: 9999 } },
      ['limits.max_stanza_bytes: found 9999, allowed: an integer from 10000 to 67108864'],
    ],
    [
      { limits: { bytes_per_second: 999 } },
      [
        'limits.bytes_per_second: found 999, allowed: an integer of bytes from 1000 to 10000000000, or a size such as "64 MiB" (B, kB, MB, GB, KiB, MiB, GiB), or 0 (unlimited)',
      ],
    ],
    [{ tls: { certificate: 'x' } }, ['tls.key: missing, allowed: both of tls.certificate and tls.key, or none']],
    [{ tls: { key: 'x' } }, ['tls.certificate: missing, allowed: both of tls.certificate and tls.key, or none']],
    [{ c2s: { listen: [] } }, ['c2s.listen: found [], allowed: at least one address in c2s.listen or c2s.direct_tls']],
    [
      { s2s: { authentication: 'both' } },
      ['s2s.authentication: found "both", allowed: "external", "dialback", "either"'],
    ],
    ...['1 XB', 'MiB', '-1 kB', '1.5 kB', 9_999, '9 kB', 1.5].map((size): [object, string[]] => [
      { s2s: { waiting_size: size } },
      [
        `s2s.waiting_size: found ${JSON.stringify(size)}, allowed: an integer of bytes from 10000 to 1099511627776, or a size such as "64 MiB" (B, kB, MB, GB, KiB, MiB, GiB)`,
      ],
    ]),
    [
      { limits: { max_stanza_bytes: 20_000 }, s2s: { max_waiting_size: '10 kB', waiting_size: '19999 B' } },
      [
        's2s.max_waiting_size: found 10000, allowed: at least limits.max_stanza_bytes, which is 20000',
        's2s.waiting_size: found 19999, allowed: at least limits.max_stanza_bytes, which is 20000',
      ],
    ],
    [{ s2s: { max_waiting: 0 } }, ['s2s.max_waiting: found 0, allowed: an integer from 1 to 1000000']],
    [
      { s2s: { listen: 'x' } },
      ['s2s.listen: found "x", allowed: "host:port" such as "127.0.0.1:5222" or "[::]:5222", or a list of such'],
    ],
    [{ record: { max_files: 0 } }, ['record.max_files: found 0, allowed: an integer from 1 to 100000']],
    [{ record: { outcome: 'all' } }, ['record.outcome: found "all", allowed: "full", "digest", "none"']],
    [
      { record: { accounts: ['a@localhost', 'a@b.example'] } },
      ['record.accounts: found "a@b.example", allowed: accounts of localhost'],
    ],
    [{ data: ['x'.repeat(100)] }, [`data: found ["${'x'.repeat(58)}..., allowed: a text that is not empty`]],
  ])('%j', (value, expected) => expect(problems(value)).toEqual(expected))

  test.each([[[]], ['localhost'], [['a', 'A']], [['']], [['a b']], [['user@a']], [['a/b']], [[5]]])(
    'domains %j',
    domains =>
      expect(problems({ domains })).toEqual([
        `domains: found ${JSON.stringify(domains)}, allowed: a list of one or more domains such as ["example.org"], each once`,
      ]),
  )

  test('for each thing at once', () =>
    expect(problems({ durability: 1, c2s: { listen: 1, x: 1 }, limits: { auth_failures: 0 } })).toHaveLength(4))
})

describe('a key that does not exist', () => {
  test.each([
    ['smacks_hibernation_tim', 'smacks_hibernation_time'],
    ['hibernation_time', 'smacks_hibernation_time'],
    ['smacks_max_unacked_stanza', 'smacks_max_unacked_stanzas'],
    ['offline-storage', 'offline_storage'],
    ['offlineStorage', 'offline_storage'],
    ['domain', 'domains'],
    ['max_stanza_bytes', 'limits.max_stanza_bytes'],
    ['listen', 'c2s.listen'],
    ['certificate', 'tls.certificate'],
    ['limit', 'limits'],
    ['establish_second', 's2s.establish_seconds'],
    ['host', 's2s.hosts'],
  ])('%s: probably %s was meant', (key, meant) =>
    expect(problems({ [key]: 1 })).toEqual([`${key}: unknown key, did you mean ${meant}?`]),
  )

  test('in a table', () =>
    expect(problems({ limits: { max_stanza_byte: 1 } })).toEqual([
      'limits.max_stanza_byte: unknown key, did you mean limits.max_stanza_bytes?',
    ]))

  test('in a table that shares it with others', () => {
    expect(problems({ s2s: { max_stanza_byte: 1 } })).toEqual([
      's2s.max_stanza_byte: unknown key, did you mean s2s.max_stanza_bytes?',
    ])
    expect(problems({ S2S: { listen: 1 } })).toEqual(['S2S: unknown key, did you mean s2s?'])
  })

  test('that is like none is refused without a guess', () => {
    expect(problems({ zzzzzz: 1 })).toEqual(['zzzzzz: unknown key'])
    expect(problems(JSON.parse('{"__proto__": 1}'))).toEqual(['__proto__: unknown key'])
  })
})

describe('any value', () => {
  test('gives a configuration or says what is wrong, and never throws', () =>
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom(
            ...Object.keys({
              domains: 0,
              data: 0,
              c2s: 0,
              s2s: 0,
              tls: 0,
              limits: 0,
              record: 0,
              log_level: 0,
              other: 0,
            }),
          ),
          fc.anything(),
        ),
        value => {
          const decoded = decodeServerConfig(value)
          if (Either.isLeft(decoded)) expect(decoded.left).not.toEqual([])
          else expect(decoded.right.domains.length).toBeGreaterThan(0)
        },
      ),
    ))
})
