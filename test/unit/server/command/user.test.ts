import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Stanza, stanzaFacts } from '@smacks/codec'
import { ownData } from '@smacks/control'
import type { Event } from '@smacks/core'
import { inspectJournal, journalLmdb, openEnvironment, openOldSessions, openRecords } from '@smacks/journal-lmdb'
import { offlineLmdb } from '@smacks/offline-lmdb'
import { defaultServerConfig, type ServerConfig } from '@smacks/server'
import { left, right } from 'fp-ts/lib/Either.js'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { accountsFolder } from '../../../../apps/server/src/accounts/accounts-environment.js'
import { openAccounts } from '../../../../apps/server/src/accounts/lmdb-accounts.js'
import { removalsIn } from '../../../../apps/server/src/accounts/removed-accounts.js'
import { type AccountActions, accountHandlers } from '../../../../apps/server/src/accounts/verbs.js'
import { importUsers } from '../../../../apps/server/src/command/import.js'
import { addUser, changePassword, listUsers, removeUser } from '../../../../apps/server/src/command/user.js'
import { anyStanza, journalledStanza } from '../../../../apps/server/src/stanza-payload.js'
import { matches } from '../../../../packages/sasl/src/scram-keys.js'
import { damageLast } from '../../../support/damaged-journal.js'
import { fakeTerminal } from './terminal.js'

let folder: string
let config: ServerConfig
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'smacks-command-'))
  config = { ...defaultServerConfig, domains: ['localhost', 'Example.org'], data: join(folder, 'data') }
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const typed = (argument: string) => ({ argument, stdin: false })
const piped = { stdin: true }
const list = async (domain?: string): Promise<ReadonlyArray<string>> => {
  const terminal = fakeTerminal()
  await listUsers(terminal, config, domain)
  return terminal.said().split('\n').filter(Boolean)
}
const isPassword = async (jid: string, password: string): Promise<boolean> => {
  const env = openEnvironment({ path: accountsFolder(config.data), durability: 'process' })
  const keys = openAccounts({ env }).keys(jid, 'SHA-1')
  await env.close()
  return keys !== undefined && (await matches(keys, password, 'SHA-1'))
}

describe('user add', () => {
  test('adds an account and says where', async () => {
    const terminal = fakeTerminal()
    await addUser(terminal, config, 'Romeo@localhost', typed('pencil'))
    expect(terminal.said()).toBe(`romeo@localhost is added to ${config.data}.\n`)
    expect(await list()).toEqual(['romeo@localhost'])
    expect(await isPassword('romeo@localhost', 'pencil')).toBe(true)
  })

  test('refuses one that is there, and says how to change it', async () => {
    await addUser(fakeTerminal(), config, 'romeo@localhost', typed('pencil'))
    await expect(addUser(fakeTerminal(), config, 'romeo@localhost', typed('ink'))).rejects.toMatchObject({
      message: 'romeo@localhost exists already. To change its password: smacks user passwd romeo@localhost',
      code: 1,
    })
    expect(await isPassword('romeo@localhost', 'pencil')).toBe(true)
  })

  test('refuses other domains, and names its own', () =>
    expect(addUser(fakeTerminal(), config, 'romeo@example.net', typed('x'))).rejects.toMatchObject({
      message: expect.stringContaining('this server is not for example.net, but for localhost, Example.org'),
      code: 2,
    }))

  test('takes a domain however it is written', async () => {
    await addUser(fakeTerminal(), config, 'romeo@EXAMPLE.org', typed('x'))
    expect(await list('example.ORG')).toEqual(['romeo@example.org'])
  })

  test.each(['localhost', 'romeo@localhost/x', 'romeo', ''])('refuses %j as a usage error', jid =>
    expect(addUser(fakeTerminal(), config, jid, typed('x'))).rejects.toMatchObject({ code: 2 }),
  )

  test('refuses a password that no client could send', () =>
    expect(addUser(fakeTerminal(), config, 'romeo@localhost', typed('a\u0007b'))).rejects.toThrow(
      'Prohibited character',
    ))
})

describe('the password', () => {
  test.each(['pen cil\n', 'pen cil\r\n', 'pen cil', 'pen cil\nsecond line\n'])('%j is piped in', async input => {
    await addUser(fakeTerminal({ input }), config, 'romeo@localhost', piped)
    expect(await isPassword('romeo@localhost', 'pen cil')).toBe(true)
  })

  test('is empty if nothing is piped in', () =>
    expect(addUser(fakeTerminal({ input: '' }), config, 'romeo@localhost', piped)).rejects.toThrow(
      'The password is empty',
    ))

  test('comes from one place only', () =>
    expect(addUser(fakeTerminal(), config, 'romeo@localhost', { argument: 'x', stdin: true })).rejects.toMatchObject({
      code: 2,
    }))

  test('cannot be asked for where there is no terminal', () =>
    expect(addUser(fakeTerminal(), config, 'romeo@localhost', { stdin: false })).rejects.toMatchObject({
      message: expect.stringContaining('--password-stdin'),
      code: 2,
    }))

  test('is asked for twice on a terminal, and never shown', async () => {
    const terminal = fakeTerminal({ isTTY: true })
    const added = addUser(terminal, config, 'romeo@localhost', { stdin: false })
    await answer(terminal, 'Password for romeo@localhost: ', 'pencil\n')
    await answer(terminal, 'The same again: ', 'pencil\n')
    await added
    expect(terminal.complained() + terminal.said()).not.toContain('pencil')
    expect(await isPassword('romeo@localhost', 'pencil')).toBe(true)
  })

  test('must be the same both times', async () => {
    const terminal = fakeTerminal({ isTTY: true })
    const added = addUser(terminal, config, 'romeo@localhost', { stdin: false })
    const refused = expect(added).rejects.toThrow('The two differ')
    await answer(terminal, 'Password for romeo@localhost: ', 'pencil\n')
    await answer(terminal, 'The same again: ', 'pen\n')
    await refused
    expect(await list()).toEqual([])
  })

  test('may be refused with Ctrl-C, as a shell expects it', async () => {
    const terminal = fakeTerminal({ isTTY: true })
    const added = addUser(terminal, config, 'romeo@localhost', { stdin: false })
    const refused = expect(added).rejects.toMatchObject({ code: 130 })
    await answer(terminal, 'Password for romeo@localhost: ', '\u0003')
    await refused
  })

  const answer = async (terminal: ReturnType<typeof fakeTerminal>, question: string, text: string): Promise<void> => {
    await expect.poll(() => terminal.complained()).toContain(question)
    if ('write' in terminal.input && typeof terminal.input.write === 'function') terminal.input.write(text)
  }
})

describe('user passwd', () => {
  test('changes the password of an account that exists', async () => {
    await expect(changePassword(fakeTerminal(), config, 'romeo@localhost', typed('x'))).rejects.toThrow(
      'There is no account romeo@localhost in ',
    )
    await addUser(fakeTerminal(), config, 'romeo@localhost', typed('pencil'))
    await changePassword(fakeTerminal(), config, 'romeo@localhost', typed('ink'))
    expect(await isPassword('romeo@localhost', 'ink')).toBe(true)
    expect(await isPassword('romeo@localhost', 'pencil')).toBe(false)
  })
})

describe('user remove', () => {
  test('removes the account with what the next start does not need, and nothing of others', async () => {
    for (const jid of ['romeo@localhost', 'juliet@localhost']) {
      await addUser(fakeTerminal(), config, jid, typed('x'))
      await store(jid)
    }
    await removeUser(fakeTerminal(), config, 'Romeo@localhost')
    expect(await list()).toEqual(['juliet@localhost'])
    expect(await stored('romeo@localhost')).toEqual({ offline: 0, oldSessions: 0, contacts: 1, presences: 1, stale: 1 })
    expect(await removed()).toEqual(['romeo@localhost'])
    expect(await stored('juliet@localhost')).toEqual({
      offline: 1,
      oldSessions: 1,
      contacts: 1,
      presences: 1,
      stale: 1,
    })
    await expect(removeUser(fakeTerminal(), config, 'romeo@localhost')).rejects.toThrow('There is no account')
  })

  test('leaves what is journalled of its sessions to the next start, and forgets what cannot be read', async () => {
    for (const jid of ['romeo@localhost', 'juliet@localhost', 'tybalt@localhost']) {
      await addUser(fakeTerminal(), config, jid, typed('x'))
      await journalSession(jid)
    }
    await spoil('tybalt@localhost')
    expect(await journalled()).toEqual(['juliet@localhost', 'romeo@localhost', 'tybalt@localhost: cannot be read'])
    await removeUser(fakeTerminal(), config, 'Romeo@localhost')
    await removeUser(fakeTerminal(), config, 'tybalt@localhost')
    expect(await journalled()).toEqual(['juliet@localhost', 'romeo@localhost'])
    expect(await removed()).toEqual(['romeo@localhost', 'tybalt@localhost'])
    await addUser(fakeTerminal(), config, 'romeo@localhost', typed('y'))
    expect(await removed()).toEqual(['romeo@localhost', 'tybalt@localhost'])
  })

  /** What a server that runs on the data was asked for, and how it answers. */
  const beside = async (actions: Partial<AccountActions>, act: () => Promise<unknown>): Promise<void> => {
    const none: AccountActions = { remove: async () => right(false), passwordChanged: () => {} }
    const handlers = accountHandlers({ ...none, ...actions })
    const owned = await ownData({ config, handlers: () => handlers, log: { error: () => {}, warn: () => {} } })
    await act().finally(owned.close)
  }

  test('is left to the server that runs', async () => {
    await addUser(fakeTerminal(), config, 'romeo@localhost', typed('x'))
    const asked: Array<string> = []
    const remove = async (account: string) => {
      asked.push(account)
      return right(asked.length === 1)
    }
    await beside({ remove }, async () => {
      await removeUser(fakeTerminal(), config, 'Romeo@localhost')
      await expect(removeUser(fakeTerminal(), config, 'Romeo@localhost')).rejects.toThrow('There is no account')
    })
    expect(asked).toEqual(['romeo@localhost', 'romeo@localhost'])
    expect(await list()).toEqual(['romeo@localhost'])
  })

  test('says so where the server that runs will not', async () => {
    await addUser(fakeTerminal(), config, 'romeo@localhost', typed('x'))
    await beside({ remove: async () => left('it is a bad day') }, () =>
      expect(removeUser(fakeTerminal(), config, 'romeo@localhost')).rejects.toThrow(
        'romeo@localhost is not removed: the server that runs refuses: it is a bad day.',
      ),
    )
    expect(await list()).toEqual(['romeo@localhost'])
  })

  test('of a password tells the server that runs, and of those that are just added it does not', async () => {
    await addUser(fakeTerminal(), config, 'romeo@localhost', typed('x'))
    const changed: Array<string> = []
    await beside({ passwordChanged: account => changed.push(account) }, async () => {
      await changePassword(fakeTerminal(), config, 'Romeo@localhost', typed('y'))
      const input = 'romeo@localhost z\njuliet@localhost z\n'
      await importUsers(fakeTerminal({ input }), config, { verbose: false })
      await expect(changePassword(fakeTerminal(), config, 'tybalt@localhost', typed('y'))).rejects.toThrow('no account')
    })
    expect(changed).toEqual(['romeo@localhost', 'romeo@localhost'])
  })

  test('of a password changes nothing where the server that runs does not know of it', async () => {
    await addUser(fakeTerminal(), config, 'romeo@localhost', typed('x'))
    const owned = await ownData({ config, handlers: () => [], log: { error: () => {}, warn: () => {} } })
    await expect(changePassword(fakeTerminal(), config, 'romeo@localhost', typed('y'))).rejects.toThrow(
      'No password is changed, since the sessions could not be ended: the server that runs refuses: it is stopping',
    )
    await owned.close()
    expect(await isPassword('romeo@localhost', 'x')).toBe(true)
  })

  test('of an account that is not there touches nothing of its name', async () => {
    await journalSession('romeo@localhost')
    await expect(removeUser(fakeTerminal(), config, 'romeo@localhost')).rejects.toThrow('There is no account')
    expect(await journalled()).toEqual(['romeo@localhost'])
  })

  /** Whose sessions the next start is to end. */
  const removed = async (): Promise<ReadonlyArray<string>> => {
    const env = openEnvironment({ path: config.data, durability: 'process' })
    const found = [...removalsIn(openRecords(env).read)]
    await env.close()
    return found
  }

  const journalSession = async (account: string): Promise<void> => {
    const { env, offline } = open()
    const onBadRecord = (): void => {}
    const journal = journalLmdb({
      env,
      durability: 'process',
      offline,
      payload: journalledStanza,
      absent: anyStanza,
      onBadRecord,
    })
    const event: Event<Stanza> = { _tag: 'SessionBound', at: 0, resource: 'desk', connection: 'c1' }
    await journal.commit([{ _tag: 'EventLogged', account, event }])
    await journal.close()
    await env.close()
  }
  /** Makes unreadable what is journalled of the account. */
  const spoil = (account: string): Promise<void> => damageLast(config.data, account)
  const journalled = async (): Promise<ReadonlyArray<string>> => {
    const { env } = open()
    const { accounts } = inspectJournal({ env, payload: journalledStanza, absent: anyStanza })
    await env.close()
    return accounts.map(({ account, quarantined }) =>
      quarantined === undefined ? account : `${account}: cannot be read`,
    )
  }
  const open = () => {
    const env = openEnvironment({ path: config.data, durability: 'process' })
    const records = openRecords(env)
    for (const kind of ['rosters', 'presences', 'stale-contacts']) records.open(kind)
    const payload = { encode: (stanza: Stanza) => stanza.xml, decode: (xml: string) => Stanza.fromXml(xml) }
    return {
      env,
      offline: offlineLmdb<Stanza>({ env, payload, onBadRecord: () => {} }),
      oldSessions: openOldSessions(env, () => {}),
      records,
    }
  }
  const store = async (jid: string): Promise<void> => {
    const { env, offline, oldSessions, records } = open()
    const stanza = Stanza.fromXml(`<message xmlns='jabber:client' to='${jid}'><body>hi</body></message>`)
    await env.transaction(() => {
      offline.apply({ _tag: 'PutOffline', account: jid, stanza, facts: stanzaFacts(stanza.element), at: 0 })
      oldSessions.put(jid, { smId: 'id', h: 3, at: 0 })
      records.apply({ _tag: 'PutRecord', kind: 'rosters', account: jid, name: 'nurse@localhost', text: '{}' })
      records.apply({ _tag: 'PutRecord', kind: 'presences', account: jid, name: 'desk', text: '{}' })
      records.apply({ _tag: 'PutRecord', kind: 'stale-contacts', account: jid, name: 'nurse@localhost', text: '{}' })
    })
    await env.close()
  }
  const stored = async (jid: string) => {
    const { env, offline, oldSessions, records } = open()
    const counts = {
      offline: offline.count(jid),
      oldSessions: oldSessions.read(jid).length,
      contacts: [...records.read('rosters', jid)].length,
      presences: [...records.read('presences', jid)].length,
      stale: [...records.read('stale-contacts', jid)].length,
    }
    await env.close()
    return counts
  }
})

describe('user import', () => {
  const lines = [
    '# accounts',
    '',
    'romeo@localhost montague',
    '  Juliet@localhost\tcapulet  twice ',
    'romeo@example.net x',
    'nurse@localhost',
    'nurse',
    'tybalt@localhost a\u0007b',
    'romeo@localhost new',
  ].join('\r\n')

  test('adds and changes what it can, and reports the rest by line', async () => {
    await addUser(fakeTerminal(), config, 'juliet@localhost', typed('old'))
    const terminal = fakeTerminal({ input: lines })
    await expect(importUsers(terminal, config, { verbose: true })).rejects.toMatchObject({ code: 1 })
    expect(terminal.said().split('\n')).toEqual([
      'line 3: added romeo@localhost',
      'line 4: updated juliet@localhost',
      'line 9: updated romeo@localhost',
      '1 added, 2 updated, 4 refused.',
      '',
    ])
    expect(terminal.complained()).toMatch(
      /^line 5: refused: .*example\.net[^\n]*\nline 6: refused: nurse@localhost has no password[^\n]*\nline 7: refused: "nurse"[^\n]*\nline 8: refused: The password cannot be used: [^\n]*\n$/,
    )
    expect(await isPassword('romeo@localhost', 'new')).toBe(true)
    expect(await isPassword('juliet@localhost', 'capulet  twice ')).toBe(true)
  })

  test('reads a file, in batches, and tells how far it is', async () => {
    const file = join(folder, 'accounts.txt')
    writeFileSync(file, Array.from({ length: 600 }, (_, index) => `u${index}@localhost secret\n`).join(''))
    const terminal = fakeTerminal({ isTTY: true })
    await importUsers(terminal, config, { file, verbose: false })
    expect(terminal.said()).toBe('600 added, 0 updated, 0 refused.\n')
    expect(terminal.complained()).toBe('\r256 accounts ...\r512 accounts ...\r600 accounts ...\r\u001b[K')
    expect(await list()).toHaveLength(600)
  })

  test('names a file that cannot be read', () =>
    expect(importUsers(fakeTerminal(), config, { file: join(folder, 'none'), verbose: false })).rejects.toThrow(
      `${join(folder, 'none')} cannot be read`,
    ))
})

test('a data folder that cannot be opened is named', async () => {
  writeFileSync(join(folder, 'data'), 'a file')
  await expect(listUsers(fakeTerminal(), config)).rejects.toThrow(join(folder, 'data'))
})
