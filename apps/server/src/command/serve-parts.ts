/** The real parts of `smacks serve`. */
import { relative } from 'node:path'
import { startServer } from '../server.js'
import { howToConnect } from './how-to-connect.js'
import type { Served, ServeParts } from './serving/served.js'
import { say, type Terminal } from './terminal.js'

/** Server and demo, which draws on this terminal. */
export const serveParts = ({ out }: Terminal): ServeParts => ({
  startServer,

  howToConnect: (server, domain, accounts) =>
    howToConnect({
      listening: server.listening,
      directTls: server.directTls,
      domain,
      accounts,
      fingerprint: server.tls.identity().fingerprint,
      authorityFile: fromHere(server.tls.identity().authorityFile),
    }),

  showDemo: async (server, domain, accounts) => {
    const address = addressOf(server)
    if (address === undefined) return
    const demo = await loadDemo()
    if (demo === undefined) return say(out, noDemo)
    await demo.runDemo({
      ...address,
      domain,
      accounts,
      certificate: server.tls.identity().certificate,
      out,
      color: out.isTTY === true,
    })
  },
})

/** The path as one would type it. */
const fromHere = (path: string | undefined): string | undefined => {
  if (path === undefined) return undefined
  const near = relative('.', path)
  return near.startsWith('..') ? path : near
}

/** It has a client with it, which a server has no use for: so it is a package that need not be installed. */
const loadDemo = async (): Promise<typeof import('@smacks/demo') | undefined> => {
  try {
    return await import('@smacks/demo')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND') return undefined
    throw cause
  }
}

const noDemo =
  'There is no demo to show: the package @smacks/demo is not installed. To install it: npm install @smacks/demo; to do without: --no-demo.'

const addressOf = ({ listening: [address] }: Served): { readonly host: string; readonly port: number } | undefined => {
  if (address === undefined) return undefined
  const colon = address.lastIndexOf(':')
  return { host: address.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port: Number(address.slice(colon + 1)) }
}
