import { execFileSync } from 'node:child_process'
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, createServer } from 'node:tls'
import { loadTls, TlsError } from '@smacks/certificates'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { testCertificate } from '../../support/certificate.js'

const day = 24 * 60 * 60 * 1000
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'smacks-tls-'))
  mkdirSync(join(folder, 'data'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const selfSigned = (domains: ReadonlyArray<string>, now = Date.now()) =>
  loadTls({ config: {}, data: join(folder, 'data'), domains, now: () => now })
const keptFile = () => join(folder, 'data', 'self-signed.pem')

/** Writes files and loads them. */
const fromFiles = (certificate: string, key: string, domains = ['example.org'], now = Date.now()) => {
  writeFileSync(join(folder, 'cert.pem'), certificate)
  writeFileSync(join(folder, 'key.pem'), key)
  const config = { certificate: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
  return loadTls({ config, data: folder, domains, now: () => now })
}
const madeFor = async (...domains: ReadonlyArray<string>) => {
  const { certificate, key } = (
    await loadTls({ config: {}, data: mkdtempSync(join(folder, 'made-')), domains })
  ).identity()
  return {
    certificate: certificate.replace(/-----BEGIN PRIVATE KEY-----[\s\S]*/, ''),
    key: key.replace(/^[\s\S]*(?=-----BEGIN PRIVATE KEY-----)/, ''),
  }
}

describe('a self-signed certificate', () => {
  test('is for all domains, signed by an authority of its own, with an elliptic-curve key', async () => {
    const tls = await selfSigned(['localhost', 'bücher.example', '127.0.0.1', '[::1]'])
    const identity = tls.identity()
    const x509 = new X509Certificate(identity.certificate)
    expect(x509.subjectAltName).toBe(
      'DNS:localhost, DNS:xn--bcher-kva.example, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
    )
    expect(x509.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' })
    const authority = new X509Certificate(readFileSync(identity.authorityFile ?? ''))
    expect(x509.checkIssued(authority) && x509.verify(authority.publicKey)).toBe(true)
    expect([x509.ca, authority.ca]).toEqual([false, true])
    expect(identity).toMatchObject({ selfSigned: true, warnings: [], fingerprint: x509.fingerprint256 })
    expect(identity.validUntil - Date.now()).toBeLessThan(10 * 365 * day)
  })

  test.each([
    ['OpenSSL', '/usr/bin/openssl', 'verify -purpose sslserver -CAfile AUTHORITY SERVER'],
    [
      'GnuTLS',
      '/usr/bin/certtool',
      '--verify --verify-hostname localhost --load-ca-certificate AUTHORITY --infile SERVER',
    ],
  ])('has an authority that is an anchor to %s', async (_, program, args) => {
    if (!existsSync(program)) return console.log(`skipped: ${program} is not installed`)
    const { authorityFile = '', certificate } = (await selfSigned(['localhost'])).identity()
    writeFileSync(join(folder, 'server.pem'), certificate)
    const paths = { AUTHORITY: authorityFile, SERVER: join(folder, 'server.pem') }
    execFileSync(program, args.replace(/AUTHORITY|SERVER/g, name => paths[name as keyof typeof paths]).split(' '))
  })

  const certutil = '/usr/bin/certutil'
  test.skipIf(!existsSync(certutil))('has an authority that is an anchor to NSS', async () => {
    const { authorityFile = '', certificate } = (await selfSigned(['localhost'])).identity()
    writeFileSync(join(folder, 'server.pem'), certificate)
    const nss = (args: string) => execFileSync(certutil, [...args.split(' '), '-d', folder])
    nss('-N --empty-password')
    nss(`-A -n authority -t C,, -i ${authorityFile}`)
    nss(`-A -n server -t ,, -i ${join(folder, 'server.pem')}`)
    expect(nss('-V -u V -n server').toString()).toContain('certificate is valid')
  })

  test('of an earlier version stays, and can be imported by itself', async () => {
    const { cert: certificate, key } = await testCertificate()
    writeFileSync(keptFile(), `${certificate}${key}`)
    const identity = (await selfSigned(['localhost'])).identity()
    expect(identity.fingerprint).toBe(new X509Certificate(certificate).fingerprint256)
    expect(readFileSync(identity.authorityFile ?? '', 'utf8')).toBe(certificate)
  })

  test('is made once, for its owner only', async () => {
    const first = await selfSigned(['localhost'])
    const text = readFileSync(keptFile(), 'utf8')
    const second = await selfSigned(['localhost'])
    expect(second.identity().fingerprint).toBe(first.identity().fingerprint)
    expect(readFileSync(keptFile(), 'utf8')).toBe(text)
    expect(statSync(keptFile()).mode & 0o777).toBe(0o600)
  })

  test('is made anew when a domain is added', async () => {
    const first = await selfSigned(['localhost'])
    const second = await selfSigned(['localhost', 'example.org'])
    expect(second.identity().fingerprint).not.toBe(first.identity().fingerprint)
    expect((await selfSigned(['example.org'])).identity().fingerprint).toBe(second.identity().fingerprint)
  })

  test('is made anew when it nears its end', async () => {
    const first = (await selfSigned(['localhost'])).identity()
    const shortBefore = await selfSigned(['localhost'], first.validUntil - 31 * day)
    expect(shortBefore.identity().fingerprint).toBe(first.fingerprint)
    const nearly = await selfSigned(['localhost'], first.validUntil - 29 * day)
    expect(nearly.identity().fingerprint).not.toBe(first.fingerprint)
    expect(nearly.identity().validUntil).toBeGreaterThan(first.validUntil)
  })

  test('is made anew when the file is damaged', async () => {
    await selfSigned(['localhost'])
    writeFileSync(keptFile(), 'x')
    expect((await selfSigned(['localhost'])).identity().warnings).toEqual([])
  })

  test('says where it cannot be kept', async () => {
    rmSync(join(folder, 'data'), { recursive: true })
    writeFileSync(join(folder, 'data'), 'a file')
    await expect(selfSigned(['localhost'])).rejects.toThrow(
      `A self-signed certificate cannot be made in ${keptFile()}: `,
    )
  })

  test('is accepted by a client that trusts it, and by no other', async () => {
    const tls = await selfSigned(['localhost'])
    const server = createServer({ ...tls.current() }, socket => socket.end()).listen(0, '127.0.0.1')
    server.on('tlsClientError', () => {})
    await new Promise(resolve => server.once('listening', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const outcome = (ca?: string) =>
      new Promise<string>(resolve => {
        const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ...(ca && { ca }) }, () => {
          socket.destroy()
          resolve('trusted')
        })
        socket.on('error', error => resolve('code' in error ? String(error.code) : error.message))
      })
    expect(await outcome(tls.identity().certificate)).toBe('trusted')
    expect(await outcome()).toBe('SELF_SIGNED_CERT_IN_CHAIN')
    server.close()
  })
})

describe('certificate and key from files', () => {
  test('are used as they are', async () => {
    const { certificate, key } = await madeFor('example.org')
    const tls = await fromFiles(certificate, key)
    expect(tls.identity()).toMatchObject({ certificate, key, warnings: [] })
    expect(tls.current()).toMatchObject({ cert: certificate, key })
  })

  test('may be a chain with comments, the own certificate first', async () => {
    const { certificate, key } = await madeFor('example.org')
    const { certificate: other } = await madeFor('authority.example')
    expect((await fromFiles(`Bag Attributes\n${certificate}${other}`, key)).identity().warnings).toEqual([])
    await expect(fromFiles(`${other}${certificate}`, key)).rejects.toThrow('does not belong to the first certificate')
  })

  test('that are missing are named', async () => {
    const config = { certificate: join(folder, 'none.pem'), key: join(folder, 'none.key') }
    await expect(loadTls({ config, data: folder, domains: [] })).rejects.toThrow(
      new TlsError(`${join(folder, 'none.pem')} does not exist`),
    )
  })

  test.each([
    [{ key: '/k' }, 'tls.key is given without tls.certificate'],
    [{ certificate: '/c' }, 'tls.certificate is given without tls.key'],
  ])('%j: both are needed', (config, message) =>
    expect(loadTls({ config, data: folder, domains: [] })).rejects.toThrow(message),
  )

  test('that are no PEM are named', async () => {
    const { certificate, key } = await madeFor('example.org')
    await expect(fromFiles('x', key)).rejects.toThrow('cert.pem holds no certificate in PEM')
    await expect(fromFiles(key, key)).rejects.toThrow('cert.pem holds no certificate in PEM')
    await expect(fromFiles(certificate, 'x')).rejects.toThrow('key.pem holds no private key in PEM')
    await expect(fromFiles(certificate, certificate)).rejects.toThrow('key.pem holds no private key in PEM')
    await expect(fromFiles(certificate.replace(/[A-Za-z]{20}/, 'A'), key)).rejects.toThrow('cert.pem cannot be read')
    await expect(fromFiles(certificate, key.replace(/[A-Za-z]{10}/, 'A'))).rejects.toThrow('key.pem cannot be read')
  })

  test('that do not belong together are told so', async () => {
    const { certificate } = await madeFor('example.org')
    const { key } = await madeFor('example.org')
    await expect(fromFiles(certificate, key)).rejects.toThrow('key.pem does not belong to the first certificate in')
    await expect(fromFiles(certificate, key)).rejects.toThrow('CN=example.org')
  })

  test('with a passphrase are refused with advice', async () => {
    const { certificate } = await madeFor('example.org')
    const { privateKey } = generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' },
    })
    await expect(fromFiles(certificate, privateKey)).rejects.toThrow('is protected by a passphrase')
  })

  test('that expired, expire soon, are not valid yet or are for others are used with a warning', async () => {
    const { certificate, key } = await madeFor('example.org')
    const end = Date.parse(new X509Certificate(certificate).validTo)
    const warnings = async (now: number, domains = ['example.org']) =>
      (await fromFiles(certificate, key, domains, now)).identity().warnings.join()
    expect(await warnings(end + 1)).toMatch(/expired on .* clients will refuse it/)
    expect(await warnings(end - 13 * day)).toMatch(/expires on/)
    expect(await warnings(end - 15 * day)).toBe('')
    expect(await warnings(end - 1000 * day)).toMatch(/is not valid before/)
    expect(await warnings(Date.now(), ['example.org', 'example.net'])).toMatch(/is not for example.net; clients/)
  })
})

describe('a reload', () => {
  test('takes new files, as a new object', async () => {
    const old = await madeFor('example.org')
    const tls = await fromFiles(old.certificate, old.key)
    const before = tls.current()
    expect(tls.current()).toBe(before)
    const renewed = await madeFor('example.org')
    writeFileSync(join(folder, 'cert.pem'), renewed.certificate)
    writeFileSync(join(folder, 'key.pem'), renewed.key)
    await tls.reload()
    expect(tls.current()).not.toBe(before)
    expect(tls.identity().certificate).toBe(renewed.certificate)
  })

  test('keeps what is in use when the new files are of no use', async () => {
    const { certificate, key } = await madeFor('example.org')
    const tls = await fromFiles(certificate, key)
    const before = tls.current()
    writeFileSync(join(folder, 'key.pem'), 'x')
    await expect(tls.reload()).rejects.toThrow('key.pem holds no private key')
    expect(tls.current()).toBe(before)
  })

  test('happens by itself when a file changes', async () => {
    const { certificate, key } = await madeFor('example.org')
    const tls = await fromFiles(certificate, key)
    const before = tls.current()
    const told = new Promise<TlsError | undefined>(resolve => tls.watch(resolve, 10))
    // What changes before the watch has had its first look is no change, so it changes until it is seen.
    let age = 0
    const touch = setInterval(() => {
      age += 1
      utimesSync(join(folder, 'cert.pem'), new Date(), new Date(Date.now() - age * day))
    }, 20)
    expect(await told).toBeUndefined()
    clearInterval(touch)
    tls.close()
    expect(tls.current()).not.toBe(before)
  })
})
