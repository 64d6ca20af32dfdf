/** What an operator does to accounts while all runs: other options, an account that ends, streams that end. */
import { type Config, connectionOf, type Event, isVacant, type Resource, type StreamError } from '@smacks/core'
import type { AccountId } from './account-id.js'
import type { Accounts } from './accounts.js'
import type { ConfigInForce } from './config-in-force.js'
import type { Clock } from './ports.js'

export interface AdministrationOptions<A> {
  readonly accounts: Accounts<A>
  readonly inForce: ConfigInForce
  readonly clock: Clock
  readonly dispatch: (account: AccountId, event: Event<A>) => void
  /** Ends the turn if its changes grew large. */
  readonly endIfFull: () => void
}

export class Administration<A> {
  constructor(private readonly options: AdministrationOptions<A>) {}

  readonly reconfigure = (next: Config): void => {
    const { accounts, inForce, endIfFull } = this.options
    const before = inForce.replace(next)
    if (before === undefined) return
    const loaded = [...accounts.ids()]
    // Of an account without sessions, the next that is journalled begins with the new options.
    for (const id of loaded)
      if (isVacant(accounts.current(id))) accounts.forgotten(id)
      else if (accounts.ownConfig(id) === undefined) accounts.setConfig(id, before)
    for (const id of loaded) {
      if (accounts.ownConfig(id) !== undefined) this.reconfigureAccount(id)
      endIfFull()
    }
  }

  /** The account is under the options in force from now on. */
  readonly reconfigureAccount = (id: AccountId): void => {
    const { clock, dispatch, inForce } = this.options
    dispatch(id, { _tag: 'ConfigChanged', at: clock.now(), config: inForce.config })
  }

  readonly endAccount = (id: AccountId, error?: StreamError): void => {
    const { accounts, clock, dispatch, inForce } = this.options
    if (isVacant(accounts.current(id))) return
    const at = clock.now()
    const own = accounts.ownConfig(id) ?? inForce.config
    // Whoever has the name next must not find what was meant for this one.
    dispatch(id, { _tag: 'ConfigChanged', at, config: { ...own, offlineStorage: false } })
    if (error !== undefined) this.endSessions(id, error)
    for (const { resource } of accounts.current(id).sessions) dispatch(id, { _tag: 'CloseRequested', at, resource })
  }

  readonly endSessions = (id: AccountId, error: StreamError, only?: Resource): void => {
    const { accounts, clock, dispatch } = this.options
    const at = clock.now()
    const meant = () => accounts.current(id).sessions.filter(({ resource }) => only === undefined || resource === only)
    for (const session of meant()) {
      const { resource } = session
      const connection = connectionOf(session)
      if (connection !== undefined) dispatch(id, { _tag: 'StreamRefused', at, resource, connection, error })
    }
    // Those without a connection, and links that would try again.
    for (const { resource } of meant()) dispatch(id, { _tag: 'CloseRequested', at, resource })
  }
}
