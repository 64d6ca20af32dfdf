/**
 * The self-signed certificate of a server that was given none: made once, kept in the data folder, so that a client
 * that was told to trust its fingerprint need not be told again at each start.
 */
import { X509Certificate } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeDirectory } from '@smacks/journal-lmdb'
import * as Either from 'fp-ts/lib/Either.js'
import { type Identity, isFor, nameInCertificate, readIdentity } from './certificate.js'
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
  const kept = await readFile(file, 'utf8').catch(() => '')
  const current = read(file, kept, domains, now)
  if (Either.isRight(current) && isGood(kept, current.right, domains, now)) return current
  try {
    const pem = await create(domains, now)
    await replace(dataFolder, file, pem)
    return read(file, pem, domains, now)
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

/** Key and certificate in one text. Clients' clocks may be behind. */
const create = async (domains: ReadonlyArray<string>, now: number): Promise<string> => {
  const { certificate, key } = await makeSelfSigned({
    names: domains.map(nameInCertificate),
    notBefore: new Date(now - day),
    notAfter: new Date(now - day + validity),
  })
  return `${certificate}${key}`
}

/** Written beside and moved, so that a crash leaves the old one or the new one, and two processes a whole one. */
const replace = async (folder: string, file: string, pem: string): Promise<void> => {
  makeDirectory(folder)
  const beside = `${file}.${process.pid}`
  await writeFile(beside, pem, { mode: 0o600 })
  await rename(beside, file)
}
