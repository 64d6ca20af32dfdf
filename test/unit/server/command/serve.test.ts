import { EventEmitter } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { TlsError } from '@smacks/certificates'
import { defaultServerConfig, type ServerConfig } from '@smacks/server'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type CommandHost, runCommand } from '../../../../apps/server/src/command/program.js'
import type { Served, ServeParts } from '../../../../apps/server/src/command/serving/served.js'
import type { Signal } from '../../../../apps/server/src/command/serving/signals.js'
import { type FakeTerminal, fakeTerminal } from './terminal.js'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'smacks-serve-'))
  file = join(folder, 'smacks.toml')
  writeFileSync(file, 'domains = ["localhost"]\n')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

interface Stage {
  readonly terminal: FakeTerminal
  /** Resolves to the exit code. */
  readonly ended: Promise<number>
  readonly signal: (name: Signal) => void
  readonly listeners: () => number
  /** The code of an exit without a clean stop. */
  readonly exits: ReadonlyArray<number>
  /** What the server was told to do. */
  readonly done: ReadonlyArray<string>
  readonly logged: (text: string) => Promise<void>
}

interface Script {
  readonly args?: ReadonlyArray<string>
  readonly server?: Partial<Served>
  readonly parts?: Partial<ServeParts>
}

/** Runs `smacks serve` with a server that does nothing. */
const run = ({ args = [], server = {}, parts = {} }: Script = {}): Stage => {
  const terminal = fakeTerminal()
  const emitter = new EventEmitter()
  const exits: Array<number> = []
  const done: Array<string> = []
  const identity = {
    certificate: '',
    key: '',
    fingerprint: 'AB:CD',
    validUntil: 0,
    selfSigned: true,
    warnings: ['It is old'],
  }
  const served: Served = {
    listening: ['127.0.0.1:5222'],
    directTls: ['127.0.0.1:5223'],
    tls: { identity: () => identity, watch: () => {}, close: () => {} },
    reload: async () => void done.push('reload'),
    reconfigure: () => void done.push('reconfigure'),
    obey: () => {},
    stop: async () => void done.push('stop'),
    ...server,
  }
  const host: CommandHost = {
    terminal,
    signals: {
      on: (name, listener) => emitter.on(name, listener),
      off: (name, listener) => emitter.off(name, listener),
      exit: code => exits.push(code),
    },
    loadParts: async () => ({
      startServer: async () => served,
      howToConnect: (_server, domain, [romeo]) => `connect to ${domain} as ${romeo.jid} with ${romeo.password}`,
      showDemo: async () => void done.push('demo'),
      ...parts,
    }),
  }
  return {
    terminal,
    ended: runCommand(['serve', '--config', file, ...args], host),
    signal: name => void emitter.emit(name),
    listeners: () => emitter.eventNames().length,
    exits,
    done,
    logged: text => expect.poll(() => terminal.complained()).toContain(text),
  }
}

describe('serve', () => {
  test('says where it listens and which certificate it shows', async () => {
    const { terminal, ended, signal, logged } = run()
    await logged('It is old')
    signal('SIGTERM')
    await ended
    const log = terminal.complained()
    expect(log).toContain('"address":"127.0.0.1:5222","msg":"listening for clients with STARTTLS"')
    expect(log).toContain('"address":"127.0.0.1:5223","msg":"listening for clients with direct TLS"')
    expect(log).toContain('"sha256":"AB:CD","msg":"the certificate is self-signed"')
    expect(terminal.said()).toBe('')
  })

  test.each(['SIGTERM', 'SIGINT'] as const)('stops cleanly on %s', async name => {
    const { ended, signal, logged, done, exits, listeners } = run()
    await logged('It is old')
    signal(name)
    expect(await ended).toBe(0)
    expect(done).toEqual(['stop'])
    expect(exits).toEqual([])
    expect(listeners()).toBe(0)
  })

  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('ends at once on a second %s', async (name, code) => {
    const { signal, logged, exits } = run({ server: { stop: () => new Promise(() => {}) } })
    await logged('It is old')
    signal(name)
    expect(exits).toEqual([])
    signal(name)
    expect(exits).toEqual([code])
  })

  test('fails if it could not stop cleanly', async () => {
    const { ended, signal, logged } = run({ server: { stop: () => Promise.reject(new Error('stuck')) } })
    await logged('It is old')
    signal('SIGTERM')
    expect(await ended).toBe(1)
    await logged('stuck')
  })

  test('reloads the certificate on SIGHUP', async () => {
    const { ended, signal, logged, done } = run()
    await logged('It is old')
    signal('SIGHUP')
    await logged('the certificate is reloaded')
    signal('SIGTERM')
    expect(await ended).toBe(0)
    expect(done).toEqual(['reload', 'stop'])
  })

  test('goes on with the old certificate if the new one is of no use', async () => {
    const { ended, signal, logged } = run({ server: { reload: () => Promise.reject(new TlsError('key.pem is gone')) } })
    await logged('It is old')
    signal('SIGHUP')
    await logged('"reason":"key.pem is gone","msg":"the certificate cannot be reloaded; the old one stays in use"')
    signal('SIGTERM')
    expect(await ended).toBe(0)
  })

  test('ends with EX_CONFIG for a bad certificate', async () => {
    const { ended, terminal } = run({
      parts: { startServer: () => Promise.reject(new TlsError('cert.pem does not exist')) },
    })
    expect(await ended).toBe(78)
    expect(terminal.complained()).toBe('cert.pem does not exist.\n')
  })

  test.each([
    [{ code: 'EADDRINUSE', address: '127.0.0.1', port: 5222 }, '127.0.0.1:5222 is in use already'],
    [
      { code: 'EADDRINUSE', address: '127.0.0.1', port: 5222 },
      '127.0.0.1:5222 is in use already, maybe by another smacks. Stop that program, or choose another port in [c2s], [s2s] or [http]; ' +
        'for this start: smacks serve --port 5322 (npm start -- --port 5322).\n',
    ],
    // Of other listeners that option says nothing.
    [
      { code: 'EADDRINUSE', address: '127.0.0.1', port: 5269 },
      '127.0.0.1:5269 is in use already, maybe by another smacks. Stop that program, or choose another port in [c2s], [s2s] or [http].\n',
    ],
    [{ code: 'EADDRNOTAVAIL', address: '192.0.2.1', port: 5222 }, '192.0.2.1 is not an address of this machine'],
    [{ code: 'EACCES', address: '127.0.0.1', port: 22 }, 'this user may not listen on port 22'],
  ])('says what to do about %j', async (facts, sentence) => {
    const cause = Object.assign(new Error('listen'), facts)
    for (const error of [cause, new Error('wrapped', { cause })]) {
      const { ended, terminal } = run({ parts: { startServer: () => Promise.reject(error) } })
      expect(await ended).toBe(1)
      expect(terminal.complained()).toContain(`The server cannot start: ${sentence}`)
    }
  })
})

describe('serve --record', () => {
  /** The configuration that the server was started with. */
  const startedWith = async (...args: ReadonlyArray<string>) => {
    const started: Array<ServerConfig> = []
    const { ended, terminal } = run({
      args,
      parts: {
        startServer: ({ config }) => {
          started.push(config)
          return Promise.reject(new Error('enough'))
        },
      },
    })
    return { code: await ended, complained: terminal.complained(), record: started[0]?.record }
  }

  test('records all accounts into the folder, within the configured limits', async () => {
    writeFileSync(file, '[record]\naccounts = ["romeo@localhost"]\nmax_files = 3\n')
    expect((await startedWith('--record', join(folder, 'tapes'))).record).toEqual({
      ...defaultServerConfig.record,
      directory: join(folder, 'tapes'),
      accounts: ['*'],
      maxFiles: 3,
    })
  })

  test('takes a folder that is relative to where it was started', async () =>
    expect((await startedWith('--record', 'tapes')).record?.directory).toBe(resolve('tapes')))

  test('redacts with --redact, and where the configuration says so', async () => {
    expect((await startedWith('--record', 'tapes', '--redact')).record?.redact).toBe(true)
    writeFileSync(file, '[record]\nredact = true\n')
    expect((await startedWith('--record', 'tapes')).record?.redact).toBe(true)
  })

  test('--redact alone is wrong usage', async () =>
    expect(await startedWith('--redact')).toMatchObject({
      code: 2,
      complained: '--redact goes with --record; else see [record] in the configuration.\n',
      record: undefined,
    }))
})

describe('serve --demo', () => {
  const local = `data = "./demo"\n[c2s]\nlisten = "127.0.0.1:0"\n`

  test('adds the accounts, says how to connect, shows the demo, and goes on', async () => {
    writeFileSync(file, local)
    const { terminal, ended, signal, done } = run({ args: ['--demo'] })
    await expect.poll(() => done).toEqual(['demo'])
    signal('SIGINT')
    expect(await ended).toBe(0)
    expect(terminal.said()).toBe(
      'connect to localhost as romeo@localhost with montague\nThe server goes on serving. Ctrl-C stops it.\n',
    )
    expect(done).toEqual(['demo', 'stop'])
    expect(await accounts()).toBe('juliet@localhost\nromeo@localhost\n')
  })

  test('can be started again on the same data', async () => {
    writeFileSync(file, local)
    for (const _time of [1, 2]) {
      const { ended, signal, done } = run({ args: ['--demo'] })
      await expect.poll(() => done).toEqual(['demo'])
      signal('SIGINT')
      expect(await ended).toBe(0)
    }
  })

  test('is left out by --no-demo, but for the accounts', async () => {
    writeFileSync(file, local)
    const { terminal, ended, signal, done } = run({ args: ['--demo', '--no-demo'] })
    await expect.poll(() => terminal.said()).toContain('connect to')
    signal('SIGINT')
    expect(await ended).toBe(0)
    expect(done).toEqual(['stop'])
  })

  test('is interrupted by a signal', async () => {
    writeFileSync(file, local)
    const { ended, signal, terminal, done } = run({
      args: ['--demo'],
      parts: { showDemo: () => new Promise(() => {}) },
    })
    await expect.poll(() => terminal.said()).toContain('connect to')
    signal('SIGINT')
    expect(await ended).toBe(0)
    expect(done).toEqual(['stop'])
  })

  test('is refused where others could log in with its accounts', async () => {
    writeFileSync(file, '[c2s]\nlisten = "0.0.0.0:5222"\n')
    const { ended, terminal } = run({ args: ['--demo'] })
    expect(await ended).toBe(2)
    expect(terminal.complained()).toContain('this server listens on 0.0.0.0')
  })

  test('does not touch an account of somebody else', async () => {
    writeFileSync(file, local)
    await runCommand(['user', 'add', 'romeo@localhost', 'mine', '--config', file], hostOf(fakeTerminal()))
    const { ended, terminal } = run({ args: ['--demo'] })
    expect(await ended).toBe(1)
    expect(terminal.complained()).toContain('there is one with a password of its own')
  })

  const accounts = async (): Promise<string> => {
    const terminal = fakeTerminal()
    await runCommand(['user', 'list', '--config', file], hostOf(terminal))
    return terminal.said()
  }
})

const hostOf = (terminal: FakeTerminal): CommandHost => ({
  terminal,
  signals: { on: () => {}, off: () => {}, exit: () => {} },
  loadParts: () => Promise.reject(new Error('no server here')),
})

describe('the command line', () => {
  const command = async (...args: ReadonlyArray<string>) => {
    const terminal = fakeTerminal()
    const code = await runCommand(args, hostOf(terminal))
    return { code, said: terminal.said(), complained: terminal.complained() }
  }

  test.each([
    ['--help'],
    ['serve', '--help'],
    ['user', '--help'],
    ['user', 'import', '--help'],
    ['record', '--help'],
    ['replay', '--help'],
  ])('%s %s teaches by example', async (...args) => {
    const { code, said, complained } = await command(...args)
    expect(code).toBe(0)
    expect(said).toMatch(/Examples?:\n {2}\S/)
    expect(complained).toBe('')
  })

  test('--version writes the version alone', async () =>
    expect(await command('--version')).toEqual({
      code: 0,
      said: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      complained: '',
    }))

  test.each([
    [[], 'Usage: smacks'],
    [['sevre'], '(Did you mean serve?)'],
    [['serve', '--confg', 'x'], '(Did you mean --config?)'],
    [['serve', 'x'], 'too many arguments'],
    [['user'], 'Usage: smacks user'],
    [['user', 'add'], "missing required argument 'jid'"],
    [['check-config'], "missing required argument 'file'"],
    [['replay'], "missing required argument 'file'"],
  ])('%j is wrong usage', async (args, message) => {
    const { code, said, complained } = await command(...args)
    expect(code).toBe(2)
    expect(said).toBe('')
    expect(complained).toContain(message)
  })

  test.each([['check-config'], ['serve', '--config'], ['user', 'list', '--config']])(
    '%s %s %s of a bad file is EX_CONFIG',
    async (...args) => {
      writeFileSync(file, 'domains = [')
      const { code, complained } = await command(...args.filter(Boolean), file)
      expect(code).toBe(78)
      expect(complained).toMatch(/smacks\.toml cannot be used:\n {2}- Line 1, column \d+ is no TOML/)
    },
  )

  test('check-config says what a good file means', async () => {
    writeFileSync(file, 'domains = ["example.org"]\n[c2s]\ndirect_tls = "[::1]:5223"\nrequire_encryption = false\n')
    const { code, said } = await command('check-config', file)
    expect(code).toBe(0)
    expect(said.split('\n').slice(1, 9)).toEqual([
      '  domains      example.org',
      `  data         ${join(folder, 'data')} (durability: process)`,
      '  STARTTLS     127.0.0.1:5222 (plain text is allowed on loopback)',
      '  direct TLS   [::1]:5223',
      '  federation   off; an address in s2s.listen or s2s.direct_tls switches it on',
      '  certificate  self-signed, kept in the data folder',
      `  recording    off; smacks record switches it on, into ${join(folder, 'data', 'recordings')}`,
      '  HTTP         off; an address in http.listen switches it on',
    ])
  })

  test.each([
    ['listen = "127.0.0.1:9090"', '127.0.0.1:9090, for this machine'],
    [
      'listen = ["127.0.0.1:9090", "[::]:9090"]\ntls = true\ntoken = "correct-horse-battery"',
      '127.0.0.1:9090, [::]:9090, with TLS, with a token',
    ],
  ])('check-config says who may ask where %j', async (toml, said) => {
    writeFileSync(file, `[http]\n${toml}\n`)
    expect((await command('check-config', file)).said).toContain(`  HTTP         ${said}\n`)
  })

  test.each([
    ['accounts = ["*"]\ndirectory = "/r"', 'all accounts, in the clear, into /r'],
    ['accounts = ["romeo@localhost"]\ndirectory = "/r"\nredact = true', 'romeo@localhost, redacted, into /r'],
  ])('check-config says what %j records', async (toml, said) => {
    writeFileSync(file, `[record]\n${toml}\n`)
    expect((await command('check-config', file)).said).toContain(`  recording    ${said}\n`)
  })

  test.each([
    ['listen = "[::]:5269"', 'STARTTLS [::]:5269, direct TLS none, with a certificate or dialback'],
    [
      'direct_tls = "[::]:5270"\nauthentication = "external"\nhosts = { "a.example" = "127.0.0.1:1", "b.example" = "127.0.0.1:2" }',
      'STARTTLS none, direct TLS [::]:5270, with a certificate, known without DNS: a.example, b.example',
    ],
    [
      'listen = "[::]:5269"\nauthentication = "dialback"\nrequire_encryption = false',
      'STARTTLS [::]:5269, direct TLS none, with dialback, plain text is allowed',
    ],
  ])('check-config says how %j federates', async (toml, said) => {
    writeFileSync(file, `[s2s]\n${toml}\n`)
    expect((await command('check-config', file)).said).toContain(`  federation   ${said}\n`)
  })

  test('check-config looks at the certificate too', async () => {
    writeFileSync(file, '[tls]\ncertificate = "cert.pem"\nkey = "key.pem"\n')
    const { code, complained } = await command('check-config', file)
    expect(code).toBe(78)
    expect(complained).toContain(`${join(folder, 'cert.pem')} does not exist`)
  })

  test('check-config looks at the authorities of other servers too', async () => {
    writeFileSync(file, '[s2s]\nca = "roots.pem"\n')
    const { code, complained } = await command('check-config', file)
    expect(code).toBe(78)
    expect(complained).toContain(`${join(folder, 'roots.pem')} does not exist`)
  })

  test('a fault of ours is told with its stack, and fails', async () => {
    const { code, complained } = await command('serve', '--config', file)
    expect(code).toBe(1)
    expect(complained).toMatch(/smacks failed: Error: no server here\n +at /)
  })
})
