import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEnvironment, storageGauge } from '@smacks/journal-lmdb'
import { expect, test } from 'vitest'
import { createDataLimit } from '../../../apps/server/src/data-limit.js'

test('what is stored is more than so many bytes until it is removed, though the file never shrinks', async () => {
  const path = mkdtempSync(join(tmpdir(), 'smacks-'))
  const env = openEnvironment({ path, durability: 'process' })
  const isBeyond = storageGauge(env)
  const told: Array<string> = []
  let now = 0
  const tell = (fields: unknown, message = String(fields)): void => void told.push(message)
  const isFull = createDataLimit({
    env,
    limit: () => 1_000_000,
    clock: { monotonic: () => now as ReturnType<Parameters<typeof createDataLimit>[0]['clock']['monotonic']> },
    log: { info: tell, warn: tell } as Parameters<typeof createDataLimit>[0]['log'],
  })
  expect([isBeyond(1_000_000), isFull()]).toEqual([false, false])
  const rows = env.openDB<string, string>({ name: 'rows', encoding: 'string' })
  for (let n = 0; n < 400; n += 1) rows.putSync(`row ${n}`, 'x'.repeat(3000))
  expect([isBeyond(1_000_000), isBeyond(2_000_000)]).toEqual([true, false])
  // It is looked at once a second.
  expect(isFull()).toBe(false)
  now += 1_000
  expect([isFull(), isFull()]).toEqual([true, true])
  for (let n = 0; n < 400; n += 1) rows.removeSync(`row ${n}`)
  expect(isBeyond(1_000_000)).toBe(false)
  now += 1_000
  expect(isFull()).toBe(false)
  expect(told).toEqual([
    'more is stored than data_bytes allows: nothing more is taken into storage for users',
    'there is room in storage again',
  ])
  await env.close()
  rmSync(path, { recursive: true })
})
