/** Where a server listens for HTTP, and who may ask. */

export interface HttpSettings {
  /** None: it does not listen. An IPv6 address is without brackets. */
  readonly listen: ReadonlyArray<{ readonly host: string; readonly port: number }>
  /** HTTPS, and nothing in the clear. */
  readonly tls: boolean
  /** What whoever asks has to show; absent: nothing, which is for loopback alone. */
  readonly token?: string
}

/** It does not listen. */
export const defaultHttpSettings: HttpSettings = { listen: [], tls: false }

/** What a token may be (RFC 6750 §2.1), in words. */
export const allowedToken = '16 to 256 of the characters A-Z a-z 0-9 - . _ ~ + / =, such as openssl rand -hex 32 prints'

/** Long enough that nobody guesses it. */
export const isToken = (text: string): boolean => /^[A-Za-z0-9\-._~+/]{16,256}={0,2}$/.test(text) && text.length <= 256

/** True for names and addresses that only this machine reaches. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(host)

/**
 * What others could read or do, in sentences that name the key, what was found and what is allowed. What goes over a network
 * is encrypted, and only for those who have the token.
 */
export const exposures = ({ listen, tls, token }: HttpSettings): ReadonlyArray<string> => {
  const open = listen.find(({ host }) => !isLoopback(host))
  if (open === undefined) return []
  const why = `since http.listen has ${JSON.stringify(addressText(open))}, which others can reach`
  return [
    ...(tls ? [] : [`http.tls: found false, allowed: true, ${why}`]),
    ...(token === undefined ? [`http.token: missing, allowed: ${allowedToken}, ${why}`] : []),
  ]
}

/** As it is written. */
export const addressText = ({ host, port }: HttpSettings['listen'][number]): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
