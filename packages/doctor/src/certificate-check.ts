/** The certificate, as clients and other servers will judge it. */
import { type Identity, loadTls, TlsError, type TlsFiles } from '@smacks/certificates'
import { type Finding, findingsAbout } from './finding.js'

export interface CertificateCheckOptions {
  readonly tls: TlsFiles
  readonly data: string
  readonly domains: ReadonlyArray<string>
}

const { ok, warn, fail } = findingsAbout('certificate')

export const checkCertificate = async ({
  tls,
  data,
  domains,
}: CertificateCheckOptions): Promise<ReadonlyArray<Finding>> => {
  if (tls.certificate === undefined && tls.key === undefined)
    return [
      warn(
        'none is configured; the server makes one, which no client and no other server trusts by itself',
        'get one from an authority for the domains, and name it in [tls]',
      ),
    ]
  try {
    return findingsOf((await loadTls({ config: tls, data, domains })).identity())
  } catch (error) {
    if (error instanceof TlsError) return [fail(error.message)]
    throw error
  }
}

const findingsOf = ({ selfSigned, validUntil, warnings }: Identity): ReadonlyArray<Finding> => [
  ok(`it can be used, until ${new Date(validUntil).toISOString().slice(0, 10)}`),
  ...(selfSigned ? [warn('it is signed by itself: clients ask their users, other servers refuse it')] : []),
  ...warnings.map(text => warn(text)),
]
