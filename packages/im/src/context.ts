/** What the interpreter works with: the ports, the accounts, and what is under way across accounts. */
import type { AccountId } from '@smacks/runtime'
import { type Accounts, createAccounts } from './accounts.js'
import type { ImEffect } from './effect.js'
import type { ImEvent } from './event.js'
import type { InstantMessagingOptions } from './ports.js'
import { noProbing, type Probing } from './remote/probing-state.js'
import { noResync, type Resync } from './remote/resync-state.js'
import { createServices, standardServices } from './services/registry.js'
import type { Services } from './services/service.js'
import type { Storing } from './storing.js'

export interface Context extends Omit<InstantMessagingOptions, 'domains' | 'isDataFull' | 'rosters' | 'services'> {
  readonly services: Services
  readonly domains: ReadonlySet<string>
  readonly accounts: Accounts
  readonly resync: Resync
  readonly probing: Probing
  readonly storing: Storing
  readonly isDataFull: () => boolean
  /** Lets an event happen to an account: makes the step, performs its effects with all that they cause, and returns them. */
  readonly handle: (account: AccountId, event: ImEvent) => ReadonlyArray<ImEffect>
  /** Performs effects of this account. */
  readonly perform: (account: AccountId, effects: ReadonlyArray<ImEffect>) => void
}

export const createContext = (
  options: InstantMessagingOptions,
  interpreter: {
    readonly handle: (context: Context, ...args: Parameters<Context['handle']>) => ReadonlyArray<ImEffect>
    readonly perform: (context: Context, ...args: Parameters<Context['perform']>) => void
  },
): Context => {
  const context: Context = {
    ...options,
    services: createServices([...standardServices, ...(options.services ?? [])]),
    domains: new Set(options.domains),
    accounts: createAccounts(options.rosters),
    resync: noResync(),
    probing: noProbing(),
    storing: new Map(),
    isDataFull: options.isDataFull ?? (() => false),
    handle: (account, event) => interpreter.handle(context, account, event),
    perform: (account, effects) => interpreter.perform(context, account, effects),
  }
  return context
}
