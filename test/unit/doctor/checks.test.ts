import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkCertificate, checkDns, checkPorts, type ServiceLookup } from '@smacks/doctor'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { testCertificate } from '../../support/certificate.js'

const short = (findings: ReadonlyArray<{ readonly grade: string; readonly text: string }>) =>
  findings.map(({ grade, text }) => `${grade} ${text}`)

describe('the DNS', () => {
  const failing = (code: string) => () => Promise.reject(Object.assign(new Error(`query${code}`), { code }))
  const record = (name: string, port = 5222) => ({ name, port })
  const found = (dns: Partial<ServiceLookup>, domains = ['bücher.example'], federates = false) =>
    checkDns({
      domains,
      federates,
      dns: { services: failing('ENOTFOUND'), addresses: async () => ['192.0.2.1'], ...dns },
    }).then(short)
  const name = '_xmpp-client._tcp.xn--bcher-kva.example'

  test.each<[string, Partial<ServiceLookup>, string]>([
    ['names a host', { services: async () => [record('a.example', 5223)] }, `ok ${name}: a.example:5223`],
    [
      'names one without an address',
      { services: async () => [record('a.example')], addresses: failing('ENOTFOUND') },
      `fail ${name} names a.example, which has no address`,
    ],
    [
      'says there is nothing',
      { services: async () => [record('.')] },
      `fail ${name} says that nothing is offered to clients`,
    ],
    ['has only the domain', {}, `ok there is no ${name}: clients take xn--bcher-kva.example, port 5222`],
    [
      'has not even that',
      { services: failing('ENODATA'), addresses: async () => [] },
      `fail there is no ${name}, and xn--bcher-kva.example has no address: clients cannot find this server`,
    ],
    [
      'does not answer',
      { services: failing('ESERVFAIL') },
      `warn the DNS does not answer for ${name}: Error: queryESERVFAIL`,
    ],
  ])('%s', async (_, dns, text) => expect(await found(dns)).toEqual([text]))

  test('is not asked for names of this machine, and for other servers only where there are any', async () => {
    expect(await found({}, ['localhost', '127.0.0.1', '[::1]', 'a.localhost'])).toHaveLength(4)
    expect(await found({}, ['localhost'])).toEqual(['ok localhost is a name of this machine; the DNS is not asked'])
    expect(await found({}, ['example.org'], true)).toEqual([
      'ok there is no _xmpp-client._tcp.example.org: clients take example.org, port 5222',
      'ok there is no _xmpp-server._tcp.example.org: other servers take example.org, port 5269',
    ])
  })
})

describe('ports', () => {
  const addresses = [
    { host: '0.0.0.0', port: 5222 },
    { host: '::', port: 5222 },
    { host: '127.0.0.1', port: 0 },
  ]
  const found = async (isServed: boolean, isGood: boolean) => {
    const asked: Array<string> = []
    const findings = await checkPorts({
      listeners: [{ option: 'c2s.listen', addresses }],
      isServed,
      answers: async ({ host }) => asked.push(host) > 0 && isGood,
      whyNot: async () => (isGood ? undefined : 'EADDRINUSE'),
    })
    return { asked, findings: short(findings) }
  }

  test('answer where a server runs, on this machine', async () => {
    expect(await found(true, true)).toEqual({
      asked: ['127.0.0.1', '::1'],
      findings: ['ok somebody answers at 0.0.0.0:5222', 'ok somebody answers at [::]:5222'],
    })
    expect((await found(true, false)).findings[0]).toBe('fail nobody answers at 0.0.0.0:5222')
  })

  test('are free where none does', async () => {
    expect((await found(false, true)).findings).toEqual(['ok 0.0.0.0:5222 is free', 'ok [::]:5222 is free'])
    expect((await found(false, false)).findings[1]).toBe('fail [::]:5222: EADDRINUSE')
  })
})

describe('the certificate', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'smacks-doctor-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  test('is judged as others will, and none is made', async () => {
    const { cert, key } = await testCertificate()
    const tls = { certificate: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
    const found = async (domains: ReadonlyArray<string>, config = tls) =>
      short(await checkCertificate({ tls: config, data: folder, domains }))
    expect(await found(['localhost'])).toEqual([`fail ${tls.certificate} does not exist`])
    writeFileSync(tls.certificate, cert)
    writeFileSync(tls.key, key)
    const [usable, selfSigned, ...others] = await found(['localhost', 'example.org'])
    expect(usable).toMatch(/^ok it can be used, until \d{4}-\d\d-\d\d$/)
    expect(selfSigned).toContain('warn it is signed by itself')
    expect(others).toEqual([expect.stringContaining('example.org')])
    expect(short(await checkCertificate({ tls: {}, data: join(folder, 'nowhere'), domains: [] }))).toEqual([
      expect.stringMatching(/^warn none is configured/),
    ])
  })
})
