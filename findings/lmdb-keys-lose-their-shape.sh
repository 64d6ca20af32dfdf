#!/usr/bin/env bash
# lmdb 3.5.6 takes arrays as keys, and they lose their shape on the way: an array of one part is that part, and an array
# within an array is its parts. So a store that keeps a row for an account under [account] and, in the same database,
# something else under account has one row for both, and [account, [resource, id]] is [account, resource, id]: the later
# put() replaces the other's value without a word. With numbers it is not even that: 7 and [7] are two rows with different
# bytes. What getKeys() gives has the flat shape, so code that takes a key apart meets a string where it put an array.
#
# Needs: Node 20, npm. Seen on 2026-11-30:
#   put "romeo", then ["romeo"]: 1 row, its key "romeo"
#   put ["romeo",["orchard","m1"]], then ["romeo","orchard","m1"]: 1 row, its key ["romeo","orchard","m1"]
#   put 7, then [7]: 2 rows, their keys 7 7
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund lmdb@3.5.6 >/dev/null

cat >observe.mjs <<'JS'
import { open } from 'lmdb'

const pairs = [
  ['romeo', ['romeo']],
  [
    ['romeo', ['orchard', 'm1']],
    ['romeo', 'orchard', 'm1'],
  ],
  [7, [7]],
]
const env = open({ path: 'store' })
for (const [at, [one, other]] of pairs.entries()) {
  const db = env.openDB({ name: `pair-${at}` })
  await db.put(one, 'one')
  await db.put(other, 'other')
  const keys = [...db.getKeys()].map(key => JSON.stringify(key))
  const rows = keys.length === 1 ? '1 row, its key' : `${keys.length} rows, their keys`
  console.log(`put ${JSON.stringify(one)}, then ${JSON.stringify(other)}: ${rows} ${keys.join(' ')}`)
}
await env.close()
JS

seen=$(node observe.mjs)
echo "$seen"
[ "$seen" = 'put "romeo", then ["romeo"]: 1 row, its key "romeo"
put ["romeo",["orchard","m1"]], then ["romeo","orchard","m1"]: 1 row, its key ["romeo","orchard","m1"]
put 7, then [7]: 2 rows, their keys 7 7' ]
