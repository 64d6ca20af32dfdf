/** What a batch says of LMDB, done there. */
import type { BatchStores } from '@smacks/runtime'
import type { Act } from './acts.js'
import type { Stored } from './stored.js'

/** Belongs into a transaction. */
export const perform = <A>(
  { codecs, kept, snapshots }: Stored<A>,
  others: Pick<BatchStores<A>, 'apply'>,
  seq: number,
  act: Act<A>,
): void => {
  switch (act._tag) {
    case 'Snapshot':
      // Lines of the account that are in the same row happened after the snapshot.
      return void snapshots.putSync(act.account, codecs.snapshotUpTo(seq - 1, act.state))
    case 'Keep':
      return kept.put(act.account, act.resource, act.from, act.texts)
    case 'Forget':
      return kept.forget(act.account, act.resource, act.from, act.count)
    case 'Other':
      return others.apply(act.change)
  }
}
