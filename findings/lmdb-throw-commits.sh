#!/usr/bin/env bash
# lmdb 3.5.6: what a callback of transaction() wrote before it threw is committed, although the promise is rejected with
# what it threw. transactionSync() and childTransaction() roll it back. So to move a store from transactionSync() to
# transaction(), which differ by "asynchronous" in name, turns "all or nothing" into "up to the fault", and whoever
# tries again after the rejection does the first half twice.
#
# Needs: Node 20, npm. Seen on 2026-11-30, after a callback that took a stanza from one queue and threw before it put it
# into another:
#   transactionSync: from stanza, to nothing
#   childTransaction: from stanza, to nothing
#   transaction: from nothing, to nothing
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund lmdb@3.5.6 >/dev/null

cat >observe.mjs <<'JS'
import { open } from 'lmdb'

for (const how of ['transactionSync', 'childTransaction', 'transaction']) {
  const db = open({ path: how })
  await db.put('from', 'stanza')
  let thrown
  try {
    await db[how](() => {
      db.remove('from')
      throw new Error('cannot be encoded')
    })
  } catch (error) {
    thrown = error.message
  }
  if (thrown !== 'cannot be encoded') throw new Error(`${how} hid it: ${thrown}`)
  await db.flushed
  console.log(`${how}: from ${db.get('from') ?? 'nothing'}, to ${db.get('to') ?? 'nothing'}`)
  await db.close()
}
JS

seen=$(node observe.mjs)
echo "$seen"
[ "$seen" = "transactionSync: from stanza, to nothing
childTransaction: from stanza, to nothing
transaction: from nothing, to nothing" ]
