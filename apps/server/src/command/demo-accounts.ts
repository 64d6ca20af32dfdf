import { matches } from '@smacks/sasl'
import { isLoopback } from '@smacks/stream'
import type { ServerConfig } from '../config/server-config.js'
import { CommandFailure, exitCode } from './exit-code.js'
import { withAccounts } from './storage.js'

export interface DemoAccount {
  readonly jid: string
  readonly password: string
}

export type DemoAccounts = readonly [DemoAccount, DemoAccount]

/** What they are, for the first domain; fails where others than this machine could log in with them. */
export const demoAccounts = ({ domains, c2s }: ServerConfig): DemoAccounts => {
  const open = [...c2s.listen, ...c2s.directTls].find(({ host }) => !isLocal(host))
  if (open !== undefined) {
    throw new CommandFailure(
      `--demo adds accounts with known passwords, and this server listens on ${open.host}, where others can reach it. Listen on 127.0.0.1, or leave --demo out.`,
      exitCode.usage,
    )
  }
  const [domain = 'localhost'] = domains
  return [
    { jid: `romeo@${domain}`, password: 'montague' },
    { jid: `juliet@${domain}`, password: 'capulet' },
  ]
}

/** Adds them where they are missing; fails if one exists with another password, for then it is somebody's. */
export const addDemoAccounts = (config: ServerConfig, accounts: DemoAccounts): Promise<void> =>
  withAccounts(config, async store => {
    for (const { jid, password } of accounts) {
      if (await store.add(jid, password)) continue
      const keys = store.keys(jid, 'SHA-256')
      if (keys === undefined || !(await matches(keys, password, 'SHA-256'))) {
        throw new CommandFailure(
          `The demo needs an account ${jid}, and there is one with a password of its own in ${config.data}.`,
        )
      }
    }
  })

const isLocal = (host: string): boolean => host === 'localhost' || isLoopback(host)
