/**
 * The journal in the hands of an operator: looking into it, exporting it for a replay, and an account of which something
 * cannot be read any more, which is refused while all others are served, until it is mended.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { damageLast } from '../support/damaged-journal.js'
import { type House, makeUsers, type Person } from '../support/house.js'
import { launch } from '../support/server.js'
import { missing, target } from '../support/targets.js'
import { at, type Xml } from '../support/xml.js'
import { nsSm3, type XmppClient } from '../support/xmpp-client.js'
import { bodiesOf, comeBack, killAtOnce, numbers, smacks, stages } from './ground.js'

const skipped = missing ?? (target === 'smacks' ? undefined : 'of this server only')
const users = makeUsers(2)
const [romeo, juliet] = users.map(user => ({ ...user, jid: `${user.username}@localhost` })) as [Person, Person]
const { play, strike } = stages(users)
afterAll(strike)
// Each of them starts the command a dozen times.
vi.setConfig({ testTimeout: 90_000 })

const command = fileURLToPath(new URL('../../apps/server/bin/smacks.mjs', import.meta.url))

/** Runs the command on the folder's data, whatever comes of it. */
const tried = async (folder: string, ...args: ReadonlyArray<string>) => {
  const { exited, output } = launch(process.execPath, [command, ...args, '--config', join(folder, 'smacks.toml')])
  return { code: await exited, output: output() }
}

/** Both have a session; that of one lost its line, and messages wait for it. Then the server is killed. */
const leaveWaiting = async (house: House, messages: number) => {
  const receiver = await house.managed(romeo)
  const sender = await house.managed(juliet)
  receiver.reset()
  for (const body of numbers(messages)) {
    sender.message(receiver.jid, body)
    // Each in a turn of its own.
    await sender.untilFence()
  }
  await killAtOnce(house.server)
  return { receiver, sender }
}

const damage = (folder: string, account: string): Promise<void> => damageLast(join(folder, 'data'), account)

const refusedResumption = async (house: House, former: XmppClient): Promise<Xml> => {
  const again = await house.returning(former)
  again.send(`<resume xmlns='${nsSm3}' previd='${former.smId}' h='${former.handled}'/>`)
  const failed = await again.expect('failed')
  again.destroy()
  return failed
}

describe.skipIf(skipped !== undefined)('what a killed server leaves', () => {
  test(
    'is inspected, as it lies there and while the next server runs',
    play(async ({ folder, serve }) => {
      const { receiver, sender } = await leaveWaiting(await serve(), 3)
      const told = await smacks(folder, 'journal', 'inspect')
      expect(told).toContain(`\n  desk: Hibernating since `)
      expect(told).toContain(`SM-ID ${receiver.smId}, h ${receiver.sent}, acked 0, `)
      expect(told).toContain(`\n  desk: Active, SM-ID ${sender.smId}, h ${sender.sent}, acked `)
      expect(told).toContain('\n2 accounts, 2 sessions, 0 in quarantine; ')
      const { accounts } = JSON.parse(await smacks(folder, 'journal', 'inspect', romeo.jid, '--json'))
      expect(accounts).toMatchObject([
        { account: romeo.jid, sessions: [{ resource: 'desk', phase: 'Hibernating', smId: receiver.smId }] },
      ])
      const [{ unacked, kept }] = accounts[0].sessions
      expect(kept).toBe(unacked)
      expect(accounts[0].keptStanzas).toBe(kept)

      const later = await serve()
      expect(await smacks(folder, 'journal', 'inspect', juliet.jid)).toMatch(/\n {2}desk: Hibernating since /)
      const again = await later.resumed(receiver)
      expect(bodiesOf((await again.untilFence()).filter(it => it.name === 'message'))).toEqual(numbers(3))
    }),
  )

  test(
    'is exported, and the export replays',
    play(async ({ folder, serve }) => {
      await leaveWaiting(await serve(), 3)
      const file = join(folder, 'journal.ndjson')
      writeFileSync(file, await smacks(folder, 'journal', 'export'))
      const replayed = await tried(folder, 'journal', 'export', '--account', romeo.jid)
      expect(replayed.code).toBe(0)
      const { exited, output } = launch(process.execPath, [command, 'replay', file])
      expect([await exited, output()]).toEqual([0, expect.stringMatching(/^replayed: \d+ steps of 2 accounts; /m)])
      writeFileSync(file, replayed.output)
      const one = launch(process.execPath, [command, 'replay', file])
      expect([await one.exited, one.output()]).toEqual([
        0,
        expect.stringMatching(/^replayed: \d+ steps of 1 account; /m),
      ])
      expect(one.output()).toMatch(/5 unacked, 5 of them in storage, disconnected since .*\nreplayed: /)
    }),
  )

  test(
    'is repaired only while no server runs',
    play(async ({ folder, serve }) => {
      await serve()
      const { code, output } = await tried(folder, 'journal', 'repair', romeo.jid, '--forget')
      expect(code).toBe(1)
      expect(output).toContain(
        `The journal cannot be repaired: another server runs on the data in ${join(folder, 'data')}`,
      )
    }),
  )

  test(
    'belongs to one server at a time: a second one says so and ends',
    play(async ({ folder, serve }) => {
      const house = await serve()
      const { code, output } = await tried(folder, 'serve')
      expect(code).toBe(1)
      expect(output).toContain(`another server runs on the data in ${join(folder, 'data')}`)
      expect(output).toContain('Stop it first')
      await (await house.online(romeo)).untilFence()
    }),
  )
})

describe.skipIf(skipped !== undefined)('an account of which something cannot be read', () => {
  const started = async (folder: string, serve: Parameters<Parameters<typeof play>[0]>[0]['serve']) => {
    const left = await leaveWaiting(await serve(), 3)
    await damage(folder, romeo.jid)
    const house = await serve()
    expect(house.server.output()).toContain('the journal of an account does not decode')
    expect(house.server.output()).toContain(`smacks journal repair ${romeo.jid} --keep-readable (or --forget)`)
    return { ...left, house }
  }

  test(
    'is refused with an error that says why, and nobody else is',
    play(async ({ folder, serve }) => {
      const { receiver, sender, house } = await started(folder, serve)
      const binding = await house.authenticated(romeo)
      binding.sendRaw("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>")
      const resuming = await house.returning(receiver)
      resuming.send(`<resume xmlns='${nsSm3}' previd='${receiver.smId}' h='${receiver.handled}'/>`)
      // The JID is told before the loop hears of it.
      expect((await binding.expect('iq')).attrs.type).toBe('result')
      const error = await binding.expectStreamError('internal-server-error')
      expect(at(error, 'text')?.text).toBe('Your stored sessions cannot be read; an administrator must mend them.')
      // Its session may be there again once it is mended, so this stream is not closed.
      expect(await resuming.next()).toMatchObject({ kind: 'lost' })
      // What comes for it meanwhile waits in storage, like that for anybody who is not there.
      const again = await house.resumed(sender)
      again.message(receiver.jid, 'meanwhile')
      await again.untilFence()
      await killAtOnce(house.server)
      const inspected = await smacks(folder, 'journal', 'inspect')
      expect(inspected).toContain('\n  in quarantine: journal-log, row ')
      expect(inspected).toContain('2 accounts, 1 sessions, 1 in quarantine')
      const { code, output } = await tried(folder, 'journal', 'export')
      expect([code, output]).toEqual([0, expect.stringContaining(`${romeo.jid} cannot be read (`)])

      await smacks(folder, 'journal', 'repair', romeo.jid, '--forget')
      const later = await serve()
      expect(bodiesOf(await comeBack(await later.bound(romeo)))).toEqual(['meanwhile'])
    }),
  )

  test(
    'resumes after a repair with all that was before the fault',
    play(async ({ folder, serve }) => {
      const { receiver, house } = await started(folder, serve)
      await killAtOnce(house.server)
      expect(await smacks(folder, 'journal', 'repair', romeo.jid, '--keep-readable')).toMatch(
        new RegExp(`^${romeo.jid}: 1 sessions are kept, of \\d+ entries; 1 entries and 1 stanzas are given up\\.\\n$`),
      )
      expect(await smacks(folder, 'journal', 'inspect', romeo.jid)).toContain(`SM-ID ${receiver.smId}`)
      const later = await serve()
      expect(later.server.output()).not.toContain('does not decode')
      const again = await later.resumed(receiver)
      expect(bodiesOf((await again.untilFence()).filter(it => it.name === 'message'))).toEqual(numbers(2))
    }),
  )

  test(
    'begins anew after a repair that forgets, and its old session is unknown',
    play(async ({ folder, serve }) => {
      const { receiver, house } = await started(folder, serve)
      expect(await house.server.terminate()).toBe(0)
      expect(await smacks(folder, 'journal', 'repair', romeo.jid, '--forget')).toContain('0 sessions are kept')
      const { code, output } = await tried(folder, 'journal', 'inspect', romeo.jid)
      expect([code, output]).toEqual([1, expect.stringContaining(`Nothing is journalled of ${romeo.jid}`)])
      const later = await serve()
      expect(at(await refusedResumption(later, receiver), 'item-not-found')).toBeDefined()
      const again = await later.managed(romeo)
      await again.untilFence()
    }),
  )

  test(
    'leaves nothing behind when it is removed instead, and one that is added under its name finds nothing',
    play(async ({ folder, serve }) => {
      const { receiver, house } = await started(folder, serve)
      await killAtOnce(house.server)
      await smacks(folder, 'user', 'remove', romeo.jid)
      await smacks(folder, 'user', 'add', romeo.jid, romeo.password)
      expect((await tried(folder, 'journal', 'inspect', romeo.jid)).code).toBe(1)
      const later = await serve()
      expect(later.server.output()).not.toContain('does not decode')
      expect(at(await refusedResumption(later, receiver), 'item-not-found')).toBeDefined()
      expect(bodiesOf(await comeBack(await later.bound(romeo)))).toEqual([])
    }),
  )
})

describe.skipIf(skipped !== undefined)('an account that was removed while the server was down', () => {
  test(
    'left no session to whoever gets its name, without a start in between',
    play(async ({ folder, serve }) => {
      const { receiver } = await leaveWaiting(await serve(), 3)
      await smacks(folder, 'user', 'remove', romeo.jid)
      // What waits in it goes back to its senders at the next start.
      expect(await smacks(folder, 'journal', 'inspect')).toContain(receiver.smId)
      await smacks(folder, 'user', 'add', romeo.jid, romeo.password)
      const later = await serve()
      expect(await smacks(folder, 'journal', 'inspect')).not.toContain(receiver.smId)
      expect(at(await refusedResumption(later, receiver), 'item-not-found')).toBeDefined()
      expect(bodiesOf(await comeBack(await later.bound(romeo)))).toEqual([])
    }),
  )
})
