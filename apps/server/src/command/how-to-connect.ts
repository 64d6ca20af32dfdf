/** What the terminal says before the demo: how to reach this server with any client. */
import type { DemoAccount } from './demo-accounts.js'

export interface Reachable {
  /** Where the server listens, `host:port`, as configured. */
  readonly listening: ReadonlyArray<string>
  /** The same for direct TLS, where it is on. */
  readonly directTls?: ReadonlyArray<string>
  readonly domain: string
  readonly accounts: ReadonlyArray<DemoAccount>
  /** SHA-256 of the certificate, as `AB:CD:...`. */
  readonly fingerprint: string
  /** What clients import to trust it; nothing if an authority that they know vouches for it. */
  readonly authorityFile?: string | undefined
}

/** A screen of text, plain, at most 100 wide. */
export const howToConnect = ({
  listening,
  directTls = [],
  domain,
  accounts,
  fingerprint,
  authorityFile,
}: Reachable): string => {
  const [address = ''] = listening
  const split = address.lastIndexOf(':')
  const host = address.slice(0, split)
  const port = address.slice(split + 1)
  const before = (variable: string, program: string): ReadonlyArray<string> =>
    authorityFile === undefined ? [] : [`               with ${variable}=${authorityFile} before ${program}`]
  const [account = { jid: `you@${domain}` }] = accounts
  const width = Math.max(...accounts.map(({ jid }) => jid.length), 0)
  // A SHA-256 fingerprint is 95 characters: one line of its own, with room for two of indent.
  return [
    '',
    `The server for ${domain} is up. Point any XMPP client at it:`,
    '',
    `  STARTTLS     ${listening.join(', ')}`,
    ...(directTls.length > 0 ? [`  direct TLS   ${directTls.join(', ')}`] : []),
    ...accounts.map(
      ({ jid, password }, index) =>
        `  ${index === 0 ? 'accounts' : '        '}     ${jid.padEnd(width)}   password ${password}`,
    ),
    ...(authorityFile === undefined
      ? ['  certificate  SHA-256:']
      : [
          '  certificate  made by this server, so your client will ask. To trust it, import',
          `  ${authorityFile}`,
          '  or compare its SHA-256:',
        ]),
    `  ${fingerprint}`,
    '',
    'In Gajim, Dino or Conversations: add the account, and under "advanced" or "custom server" enter',
    `host ${host} and port ${port}. In a terminal:`,
    '',
    `  profanity    /connect ${account.jid} server ${host} port ${port} tls trust`,
    `  slixmpp      ClientXMPP(jid, password).connect(('${host}', ${port}))`,
    ...before('SSL_CERT_FILE', 'python3'),
    `  @xmpp/client client({ service: 'xmpp://${host}:${port}', domain: '${domain}', username, password })`,
    ...before('NODE_EXTRA_CA_CERTS', 'node'),
    '',
  ].join('\n')
}
