/** Who may ask: whoever has the token; where there is none, this machine, and no page of a stranger that its browser shows. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { type Access, sentence, type WholeAnswer } from './route.js'
import { isLoopback } from './settings.js'

/** The answer to whoever may not ask. */
export type Refuse = (access: Access, headers: IncomingHttpHeaders) => WholeAnswer | undefined

export const createRefuse = (token: string | undefined): Refuse => {
  if (token === undefined) return (access, headers) => (access === 'open' ? undefined : refuseStrangers(headers))
  const expected = digest(token)
  const hasToken = ({ authorization = '' }: IncomingHttpHeaders): boolean => {
    const [, shown] = /^bearer +([^ ]+)$/i.exec(authorization) ?? []
    return shown !== undefined && timingSafeEqual(digest(shown), expected)
  }
  return (access, headers) => (access === 'open' || hasToken(headers) ? undefined : unauthorized)
}

/** Of equal length, so that the time to compare them tells nothing. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

const unauthorized = sentence(401, 'This needs the token: Authorization: Bearer TOKEN.', {
  'WWW-Authenticate': 'Bearer',
})

/**
 * A browser on this machine sends requests for any page. One that was told a false address for its own name (DNS rebinding)
 * names itself as the host, and what a page sends elsewhere names the page as its origin.
 */
const refuseStrangers = ({ host = '', origin }: IncomingHttpHeaders): WholeAnswer | undefined => {
  if (!isLoopback(nameOf(host))) return sentence(403, 'Host: allowed without a token: localhost, 127.0.0.1, [::1].')
  if (origin === undefined || hostOf(origin) === host) return undefined
  return sentence(403, 'Origin: allowed without a token: none, or the host itself.')
}

const nameOf = (host: string): string => host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')

const hostOf = (origin: string): string | undefined => (URL.canParse(origin) ? new URL(origin).host : undefined)
