/** A certificate for tests: self-signed, for all the domains that tests serve, made once a process. */
import { generate } from 'selfsigned'

export interface TestCertificate {
  readonly cert: string
  readonly key: string
}

/** The domains that the certificate is good for. */
export const testDomains: ReadonlyArray<string> = ['localhost', 'second.localhost']

let made: Promise<TestCertificate> | undefined

export const testCertificate = (): Promise<TestCertificate> => {
  made ??= make()
  return made
}

const make = async (): Promise<TestCertificate> => {
  const pems = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      {
        name: 'subjectAltName',
        altNames: [...testDomains.map(value => ({ type: 2 as const, value })), { type: 7 as const, ip: '127.0.0.1' }],
      },
    ],
  })
  return { cert: withNewline(pems.cert), key: withNewline(pems.private) }
}

/** Some programs read several PEM texts from one file. */
const withNewline = (pem: string): string => `${pem.trimEnd()}\n`
