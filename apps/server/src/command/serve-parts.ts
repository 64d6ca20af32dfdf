/** The real parts of `smacks serve`. */
import { howToConnect, runDemo } from '../demo/index.js'
import { startServer } from '../server.js'
import type { Served, ServeParts } from './serve.js'
import type { Terminal } from './terminal.js'

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
    }),

  showDemo: async (server, domain, accounts) => {
    const address = addressOf(server)
    if (address === undefined) return
    await runDemo({
      ...address,
      domain,
      accounts,
      certificate: server.tls.identity().certificate,
      out,
      color: out.isTTY === true,
    })
  },
})

const addressOf = ({ listening: [address] }: Served): { readonly host: string; readonly port: number } | undefined => {
  if (address === undefined) return undefined
  const colon = address.lastIndexOf(':')
  return { host: address.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port: Number(address.slice(colon + 1)) }
}
