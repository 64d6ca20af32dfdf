/** The server's certificate and key: from files, or self-signed; and again when the files have changed. */
import { unwatchFile, watchFile } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import * as Either from '#fp-ts/Either'
import { type Identity, readIdentity } from './certificate.js'
import { selfSignedIdentity } from './self-signed.js'

/** Certificate and key cannot be used. The message is a sentence that names the file and what is wrong with it. */
export class TlsError extends Error {
  override readonly name = 'TlsError'
}

/** Files in PEM; both or neither. Without them a self-signed certificate is made. */
export interface TlsFiles {
  readonly certificate?: string
  readonly key?: string
}

export interface TlsOptions {
  /** Absolute paths; both or neither. */
  readonly config: TlsFiles
  /** The folder where a self-signed certificate is kept; it has to be there. */
  readonly data: string
  readonly domains: ReadonlyArray<string>
  /** Milliseconds since 1970; default: the host's clock. */
  readonly now?: () => number
}

export interface LoadedTls {
  /** What is in use, with its fingerprint and what its operator should know. */
  readonly identity: () => Identity
  /** The same for new connections; another object once it has changed. Connections that stand keep theirs. */
  readonly current: () => SecureContextOptions
  /** Reads the files again. Rejects with a `TlsError` if they cannot be used; then what is in use stays. */
  readonly reload: () => Promise<void>
  /**
   * Reloads when the files change, which is looked for every `interval` (ms, default 5,000), and tells how that ended:
   * with an error, or without. A self-signed certificate is not watched.
   */
  readonly watch: (told: (error?: TlsError) => void, interval?: number) => void
  /** Ends the watch. */
  readonly close: () => void
}

/** Loads certificate and key, or makes a self-signed pair if the config names none. Rejects with a `TlsError`. */
export const loadTls = async (options: TlsOptions): Promise<LoadedTls> => {
  let current = await load(options)
  let watched: ReadonlyArray<string> = []

  const reload = async (): Promise<void> => {
    current = await load(options)
  }
  const close = (): void => {
    for (const file of watched) unwatchFile(file)
    watched = []
  }

  return {
    identity: () => current.identity,
    current: () => current.options,
    reload,
    watch: (told, interval = 5_000) => {
      close()
      watched = [options.config.certificate, options.config.key].filter(file => file !== undefined)
      const changed = (): void => {
        reload().then(
          () => told(),
          error => told(error instanceof TlsError ? error : new TlsError(String(error))),
        )
      }
      // By polling: certificates are renewed by moving symbolic links, and a watch of the file would not see it.
      for (const file of watched) watchFile(file, { interval, persistent: false }, changed)
    },
    close,
  }
}

interface Loaded {
  readonly identity: Identity
  readonly options: SecureContextOptions
}

const load = async (options: TlsOptions): Promise<Loaded> => {
  const identity = orThrow(await loadIdentity(options))
  const secure: SecureContextOptions = { cert: identity.certificate, key: identity.key }
  try {
    createSecureContext(secure)
  } catch (cause) {
    throw new TlsError(`TLS cannot use the certificate and its key: ${cause instanceof Error ? cause.message : cause}`)
  }
  return { identity, options: secure }
}

const loadIdentity = async ({
  config: { certificate, key },
  data,
  domains,
  now = Date.now,
}: TlsOptions): Promise<Either.Either<string, Identity>> => {
  if (certificate === undefined && key === undefined) return selfSignedIdentity(data, domains, now())
  if (certificate === undefined)
    return Either.left('tls.key is given without tls.certificate; both are needed, or neither')
  if (key === undefined) return Either.left('tls.certificate is given without tls.key; both are needed, or neither')
  const pair = {
    certificate: await readText(certificate),
    certificateName: certificate,
    key: await readText(key),
    keyName: key,
  }
  return readIdentity(pair, domains, now())
}

/** The text of a file that the configuration names. Rejects with a `TlsError`. */
export const readText = async (file: string): Promise<string> => {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    if (code === 'ENOENT') throw new TlsError(`${file} does not exist`)
    if (code === 'EACCES') throw new TlsError(`${file} may not be read by this user`)
    throw new TlsError(`${file} cannot be read: ${String(cause)}`)
  }
}

const orThrow = <A>(result: Either.Either<string, A>): A => {
  if (Either.isLeft(result)) throw new TlsError(result.left)
  return result.right
}
