/** Whom a peer shows itself to be, on connections between servers. */
import { X509Certificate } from 'node:crypto'
import type { ConnectionHandler } from '@smacks/stream'
import { expect, test } from 'vitest'
import { createAuthority } from '../../support/authority.js'
import { startHouse, until } from './harness.js'

const deaf: ConnectionHandler = {
  streamOpened: () => {},
  element: () => {},
  streamClosed: () => {},
  overLimit: () => {},
  faulted: () => {},
  lost: () => {},
  drained: () => {},
  silent: () => {},
}

test('both sides are told the certificate of the other, as often as they ask', async () => {
  const authority = await createAuthority()
  const issued = await authority.issue({ names: [{ dns: 'one.example' }] })
  const material = { cert: `${issued.certificate}${authority.root}`, key: issued.key, ca: [authority.root] }
  const house = await startHouse({ tls: () => material, peers: 'servers', directTls: true })
  const outgoing = await new Promise<{ readonly told: () => string | undefined; readonly secure: () => boolean }>(
    (resolve, reject) => {
      house.transport.connect(
        { host: '127.0.0.1', port: house.port, directTls: true, serverName: 'one.example' },
        connection => {
          resolve({ told: () => subjectOf(connection.peerCertificate()), secure: connection.secure })
          return deaf
        },
        reason => reject(new Error(reason)),
      )
    },
  )
  await until('both ends are secure', () => outgoing.secure() && house.recorders[0]?.connection.secure() === true)
  for (const told of [outgoing.told, () => subjectOf(house.recorders[0]?.connection.peerCertificate())])
    expect([told(), told(), told()]).toEqual(['DNS:one.example', 'DNS:one.example', 'DNS:one.example'])
})

/** The names of a certificate that is trusted. */
const subjectOf = (certificate: { readonly der: Uint8Array; readonly distrust?: string | undefined } | undefined) =>
  certificate === undefined || certificate.distrust !== undefined
    ? certificate?.distrust
    : new X509Certificate(certificate.der).subjectAltName
