/** The authorities whose word on other servers is taken. */
import { X509Certificate } from 'node:crypto'
import { rootCertificates } from 'node:tls'
import { certificatesIn } from './certificate.js'
import { readText, TlsError } from './load.js'

/**
 * Their certificates in PEM: those that Node knows, and those of the file (an absolute path) if one is given. Rejects
 * with a `TlsError`.
 */
export const loadAuthorities = async (file: string | undefined): Promise<ReadonlyArray<string>> => {
  if (file === undefined) return rootCertificates
  const own = certificatesIn(await readText(file))
  if (own.length === 0)
    throw new TlsError(`${file} holds no certificate in PEM (a block that starts with "-----BEGIN CERTIFICATE-----")`)
  own.forEach((pem, index) => {
    try {
      new X509Certificate(pem)
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new TlsError(`Certificate ${index + 1} of ${own.length} in ${file} cannot be read: ${reason}`)
    }
  })
  return [...rootCertificates, ...own]
}
