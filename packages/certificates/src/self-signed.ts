/**
 * The certificate of a server that was given none: made once, kept in the data folder, so that a client that was told to trust it
 * need not be told again at each start. Beside it lies, for clients to import, what signed it.
 */
import { X509Certificate } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as Either from '#fp-ts/Either'
import { certificatesIn, type Identity, isFor, nameInCertificate, readIdentity } from './certificate.js'
import { makeSelfSigned } from './make-self-signed.js'

const day = 24 * 60 * 60 * 1000
/** Apple's systems refuse server certificates of more days, whoever vouches for them. */
const validity = 825 * day
/** A certificate with less time left is made anew. */
const renewal = 30 * day

/** The kept certificate, or a new one if there is none, it is not for all the domains, or it ends soon. */
export const selfSignedIdentity = async (
  dataFolder: string,
  domains: ReadonlyArray<string>,
  now: number,
): Promise<Either.Either<string, Identity>> => {
  const file = join(dataFolder, 'self-signed.pem')
  const authorityFile = join(dataFolder, authorityName)
  const kept = await readFile(file, 'utf8').catch(() => '')
  const current = read(file, kept, domains, now)
  const isKept = Either.isRight(current) && isGood(kept, current.right, domains, now)
  try {
    const pem = isKept ? kept : await create(domains, now)
    if (!isKept) await replace(file, pem, 0o600)
    const authority = `${certificatesIn(pem).at(-1)}\n`
    if (authority !== (await readFile(authorityFile, 'utf8').catch(() => '')))
      await replace(authorityFile, authority, 0o644)
    return Either.map((identity: Identity): Identity => ({ ...identity, selfSigned: true, authorityFile }))(
      isKept ? current : read(file, pem, domains, now),
    )
  } catch (cause) {
    return Either.left(
      `A self-signed certificate cannot be made in ${file}: ${cause instanceof Error ? cause.message : String(cause)}`,
    )
  }
}

const read = (file: string, pem: string, domains: ReadonlyArray<string>, now: number) =>
  readIdentity({ certificate: pem, certificateName: file, key: pem, keyName: file }, domains, now)

const isGood = (pem: string, identity: Identity, domains: ReadonlyArray<string>, now: number): boolean => {
  const certificate = new X509Certificate(pem)
  return (
    identity.validUntil - now >= renewal &&
    Date.parse(certificate.validFrom) <= now &&
    domains.every(domain => isFor(certificate, domain))
  )
}

/** What a client imports to trust this server: the authority; of what an earlier version made, the certificate itself. */
const authorityName = 'self-signed-ca.pem'

/** Certificates and key in one text. Clients' clocks may be behind. */
const create = async (domains: ReadonlyArray<string>, now: number): Promise<string> => {
  const { certificate, authority, key } = await makeSelfSigned({
    names: domains.map(nameInCertificate),
    notBefore: new Date(now - day),
    notAfter: new Date(now - day + validity),
  })
  return `${certificate}${authority}${key}`
}

/** Written beside and moved, so that a crash leaves the old one or the new one, and two processes a whole one. */
const replace = async (file: string, pem: string, mode: number): Promise<void> => {
  const beside = `${file}.${process.pid}`
  await writeFile(beside, pem, { mode })
  await rename(beside, file)
}
