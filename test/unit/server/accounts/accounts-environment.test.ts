import { copyFileSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Environment, openEnvironment } from '@smacks/journal-lmdb'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { accountsFolder, openAccountsEnvironment } from '../../../../apps/server/src/accounts/accounts-environment.js'
import { openAccounts } from '../../../../apps/server/src/accounts/lmdb-accounts.js'

let data = ''
const opened: Array<Environment> = []
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'smacks-accounts-'))
})
const closeAll = async () => {
  for (const env of opened.splice(0)) await env.close()
}
afterEach(async () => {
  await closeAll()
  rmSync(data, { recursive: true, force: true })
})

const journal = (): Environment => {
  const env = openEnvironment({ path: data, durability: 'process' })
  opened.push(env)
  return env
}

const accounts = async (
  options: { readonly journal?: Environment; readonly beforeMoving?: () => Promise<void> } = {},
) => {
  const env = await openAccountsEnvironment({ data, ...options })
  opened.push(env)
  return openAccounts({ env, iterations: 4096 })
}

const romeo = 'romeo@example.org'

/** A data folder as servers of before left it. */
const leaveBefore = async () => {
  const before = openAccounts({ env: journal(), iterations: 4096 })
  await before.add(romeo, 'pencil')
  const left = { keys: before.keys(romeo, 'SHA-256'), decoy: before.decoyKeys('x@example.org', 'SHA-1') }
  await closeAll()
  return left
}

describe('accounts that lie beside the journal', () => {
  test.each(['open', 'closed'])('are moved once, with what decoys are made of; the journal is %s', async how => {
    const left = await leaveBefore()
    const moved = await accounts(how === 'open' ? { journal: journal() } : {})
    expect(moved.keys(romeo, 'SHA-256')).toEqual(left.keys)
    expect(moved.decoyKeys('x@example.org', 'SHA-1')).toEqual(left.decoy)
    await closeAll()
    expect(openAccounts({ env: journal() }).list()).toEqual([])
    await (await accounts()).remove(romeo)
    await closeAll()
    expect((await accounts({ journal: journal() })).list()).toEqual([])
  })

  test('are not moved a second time where a power loss took from the journal that they went', async () => {
    await leaveBefore()
    copyFileSync(join(data, 'data.mdb'), join(data, 'before'))
    await (await accounts()).remove(romeo)
    await closeAll()
    rmSync(join(data, 'lock.mdb'))
    renameSync(join(data, 'before'), join(data, 'data.mdb'))
    expect((await accounts({ journal: journal() })).exists(romeo)).toBe(false)
  })

  test('stay where they are while they cannot be moved', async () => {
    await leaveBefore()
    const refuse = async () => {
      throw new Error('not now')
    }
    await expect(accounts({ beforeMoving: refuse })).rejects.toThrow('not now')
    expect((await accounts()).exists(romeo)).toBe(true)
  })
})

describe('accounts of their own', () => {
  test('are there whatever becomes of the journal', async () => {
    await (await accounts({ journal: journal() })).add(romeo, 'pencil')
    await closeAll()
    rmSync(join(data, 'data.mdb'))
    rmSync(join(data, 'lock.mdb'))
    expect((await accounts({ journal: journal() })).exists(romeo)).toBe(true)
  })

  test('are missed where they were, and no empty server begins', async () => {
    await (await accounts({ journal: journal() })).add(romeo, 'pencil')
    await closeAll()
    rmSync(accountsFolder(data), { recursive: true })
    await expect(accounts({ journal: journal() })).rejects.toThrow(
      /the accounts are missing: they were in .*accounts, .*Restore that folder from a backup/,
    )
    await closeAll()
    await expect(accounts()).rejects.toThrow('the accounts are missing')
  })
})
