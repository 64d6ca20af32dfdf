/** What `smacks serve` needs of the server and the demo. */

import type { LoadedTls } from '@smacks/certificates'
import type { Handler } from '@smacks/control'
import type { Logger } from 'pino'
import type { ServerConfig } from '../../config/server-config.js'
import type { DemoAccounts } from '../demo-accounts.js'

/** A server, as far as this command needs to know it. */
export interface Served {
  /** `host:port` of each listener. */
  readonly listening: ReadonlyArray<string>
  readonly directTls: ReadonlyArray<string>
  readonly tls: Pick<LoadedTls, 'close' | 'identity' | 'watch'>
  readonly reload: () => Promise<void>
  readonly reconfigure: (config: ServerConfig) => void
  /** It is asked for these too from now on. */
  readonly obey: (handlers: ReadonlyArray<Handler>) => void
  readonly stop: () => Promise<void>
}

/** The server and the demo. Loaded when they are needed: other commands start sooner without. */
export interface ServeParts {
  readonly startServer: (options: { readonly config: ServerConfig; readonly log: Logger }) => Promise<Served>
  /** What to tell whoever wants to connect. */
  readonly howToConnect: (server: Served, domain: string, accounts: DemoAccounts) => string
  /** Shows the main job on the terminal; never rejects. */
  readonly showDemo: (server: Served, domain: string, accounts: DemoAccounts) => Promise<unknown>
}
