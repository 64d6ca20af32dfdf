/** The JID of an account of this server, as somebody typed it. */
import { bareJid, parseJid } from '@smacks/codec'
import { decodeAccountJid } from '@smacks/sasl'
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Option from 'fp-ts/lib/Option.js'
import type { ServerConfig } from '../config/server-config.js'

/** The normalised bare JID, or in one sentence why no account of this server can have it. */
export const accountOfServer = (text: string, domains: ServerConfig['domains']): Either.Either<string, string> =>
  pipe(
    decodeAccountJid(text),
    Either.chain(jid =>
      domains.some(domain => normalised(domain) === jid.domain)
        ? Either.right(bareJid(jid))
        : Either.left(
            `${JSON.stringify(text)} cannot be an account: this server is not for ${jid.domain}, but for ${domains.join(', ')}. Name the domain in the option "domains" of its configuration, and that file with --config`,
          ),
    ),
  )

const normalised = (domain: string): string =>
  pipe(
    parseJid(domain),
    Option.match(
      () => domain,
      jid => jid.domain,
    ),
  )
