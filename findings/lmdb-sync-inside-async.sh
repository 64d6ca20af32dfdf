#!/usr/bin/env bash
# lmdb 3.5.6: transactionSync() and putSync() return, reads see what they wrote, and yet it is not committed, if an
# asynchronous transaction of the same environment is under way at the time: they become a part of it, and are committed
# when its callback has ended. A process that is killed meanwhile has lost them. So "the sync call returned, now it may
# be acked" does not hold in a program in which anybody, anywhere, uses transaction() with a callback that awaits; that it
# holds in tests, where nothing else runs, says nothing. A plain put() that is under way does no harm.
#
# Needs: Node 20, npm. Seen on 2026-11-30, what another process finds after kill -9:
#   transactionSync alone: kept
#   transactionSync after put(): kept
#   transactionSync while transaction() awaits: lost
#   putSync while transaction() awaits: lost
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund lmdb@3.5.6 >/dev/null

cat >write.mjs <<'JS'
// Writes in one way, and is killed as soon as that has returned.
import { setTimeout as pause } from 'node:timers/promises'
import { open } from 'lmdb'

const [path, how] = process.argv.slice(2)
const db = open({ path })
if (how.endsWith('after put()')) db.put('other', 1)
if (how.endsWith('transaction() awaits')) {
  await new Promise(begun => {
    db.transaction(async () => {
      begun()
      await pause(60_000)
    })
  })
  await pause(100)
}
if (how.startsWith('putSync')) db.putSync('written', true)
else db.transactionSync(() => db.putSync('written', true))
if (db.get('written') !== true) throw new Error('cannot be read')
process.kill(process.pid, 'SIGKILL')
JS

cat >observe.mjs <<'JS'
import { spawnSync } from 'node:child_process'
import { open } from 'lmdb'

const ways = [
  'transactionSync alone',
  'transactionSync after put()',
  'transactionSync while transaction() awaits',
  'putSync while transaction() awaits',
]
for (const how of ways) {
  const path = how.replaceAll(' ', '-')
  const { signal, stderr } = spawnSync(process.execPath, ['write.mjs', path, how], { encoding: 'utf8', timeout: 30_000 })
  if (signal !== 'SIGKILL' || stderr !== '') throw new Error(`${how}: ${signal} ${stderr}`)
  const db = open({ path })
  console.log(`${how}: ${db.get('written') === true ? 'kept' : 'lost'}`)
  await db.close()
}
JS

seen=$(node observe.mjs)
echo "$seen"
[ "$seen" = "transactionSync alone: kept
transactionSync after put(): kept
transactionSync while transaction() awaits: lost
putSync while transaction() awaits: lost" ]
