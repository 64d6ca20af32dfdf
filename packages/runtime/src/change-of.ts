/** Stored effects as changes of what is kept. */
import type { StoredEffect } from '@smacks/core'
import type { AccountId } from './account-id.js'
import type { Change } from './ports.js'

export const changeOf = <A>(account: AccountId, effect: StoredEffect<A>): Change<A> => {
  switch (effect._tag) {
    case 'StoreOffline': {
      const { stanza, facts, submittedAt: at } = effect
      return { _tag: 'PutOffline', account, stanza, facts, at }
    }
    case 'RememberOldSession': {
      const { smId, h, at } = effect
      return { _tag: 'PutOldSession', account, session: { smId, h, at } }
    }
    case 'ForgetOldSession':
      return { _tag: 'DropOldSession', account, smId: effect.smId }
    case 'KeepUnacked': {
      const { resource, from, unacked } = effect
      return { _tag: 'KeepUnacked', account, resource, from, unacked }
    }
    case 'ForgetKept': {
      const { resource, from, count } = effect
      return { _tag: 'ForgetKept', account, resource, from, count }
    }
  }
}
