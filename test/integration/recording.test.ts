/**
 * Recordings of the running server: what is recorded while clients talk, lose their lines and resume is replayed by the
 * command, to the same, and tells what became of each stanza.
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { type House, makeUsers, type Person } from '../support/house.js'
import { launch } from '../support/server.js'
import { missing, target } from '../support/targets.js'
import { bodiesOf, eventually, killAtOnce, numbers, smacks, stages } from './ground.js'

const skipped = missing ?? (target === 'smacks' ? undefined : 'of this server only')
const users = makeUsers(2)
const [romeo, juliet] = users.map(user => ({ ...user, jid: `${user.username}@localhost` })) as [Person, Person]
const { play, strike } = stages(users)
afterAll(strike)

const command = fileURLToPath(new URL('../../apps/server/bin/smacks.mjs', import.meta.url))

/** Runs `smacks replay`. */
const replay = async (...args: ReadonlyArray<string>) => {
  const { exited, output } = launch(process.execPath, [command, 'replay', ...args])
  return { code: await exited, output: output() }
}

const recordingsIn = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder)
    .sort()
    .map(name => join(folder, name))

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

const verified = (accounts: number) =>
  expect.stringMatching(new RegExp(`^verified: \\d+ steps of ${accounts} account${accounts === 1 ? '' : 's'}$`, 'm'))

/** A message is written to a line that breaks before it is acked; the session is resumed, and all is acked. */
const cutAndResume = async (house: House, id: string): Promise<void> => {
  const receiver = await house.managed(romeo, 'desk')
  const sender = await house.managed(juliet, 'desk')
  const seen = receiver.handled
  sender.message(receiver.jid, id)
  await receiver.until('message')
  receiver.reset()
  await sender.untilFence()
  const again = await house.resumed(receiver, seen)
  const came = await again.until('message')
  expect(bodiesOf([came])).toEqual([id])
  again.ack()
  await again.untilFence()
}

describe.skipIf(skipped !== undefined).concurrent('a recording of a session that is cut and resumed', () => {
  test(
    'replays to the same, and tells the story of the message',
    play(async ({ folder, serve }) => {
      const records = join(folder, 'records')
      const house = await serve({ args: ['--record', records] })
      await cutAndResume(house, 'where-am-i')
      expect(await house.server.terminate()).toBe(0)
      expect(house.server.output()).toContain('recording is on')

      const [file = '', ...others] = recordingsIn(records)
      expect(others).toEqual([])
      expect([statSync(records).mode & 0o777, statSync(file).mode & 0o777]).toEqual([0o700, 0o600])
      expect(await replay(file)).toEqual({ code: 0, output: verified(2) })

      const story = await replay(file, '--explain', 'where-am-i')
      expect(story.code).toBe(0)
      const told = [
        `from ${juliet.jid}/desk`,
        'was counted',
        `was submitted to ${romeo.jid}/desk`,
        'written to',
        'dropped while it waited',
        'written again',
        'acked it',
        'verified: ',
      ]
      expect(story.output).toMatch(new RegExp(told.map(escaped).join('.*'), 's'))
    }),
  )

  test(
    'that was edited diverges at the edited step',
    play(async ({ folder, serve }) => {
      const records = join(folder, 'records')
      const house = await serve({ args: ['--record', records] })
      await cutAndResume(house, 'm1')
      await house.server.terminate()

      const [file = ''] = recordingsIn(records)
      const lines = readFileSync(file, 'utf8').split('\n')
      const edited = lines.findIndex(line => line.includes('"_tag":"ResumeReceived"'))
      const line = lines[edited] ?? ''
      const { seq } = JSON.parse(line)
      // The server handled one stanza fewer than it says.
      lines[edited] = line.replace(/("_tag":"Resumed",.*?"h":)(\d+)/, (_, head, h) => `${head}${Number(h) + 1}`)
      expect(lines[edited]).not.toBe(line)
      writeFileSync(file, lines.join('\n'))

      const { code, output } = await replay(file, '--until', '#1')
      expect(code).toBe(1)
      expect(output).toMatch(new RegExp(`^diverged at step ${seq} of .*; 1 of \\d+ steps of 2 accounts differ$`, 'm'))
      expect(output).toMatch(/nonza\.h: recorded \d+, replayed \d+/)
    }),
  )

  test(
    'holds no text with --redact, and replays to the same',
    play(async ({ folder, serve }) => {
      const records = join(folder, 'records')
      const house = await serve({ args: ['--record', records, '--redact'] })
      await cutAndResume(house, 'plain words')
      await house.server.terminate()
      const [file = ''] = recordingsIn(records)
      const text = readFileSync(file, 'utf8')
      expect(text).toContain('<body>xxxxxxxxxxx</body>')
      expect(text).not.toContain('<body>plain words')
      // Text that was replaced may have decided what instant messaging did, so its steps are told, and not made again.
      expect(await replay(file)).toEqual({
        code: 0,
        output: expect.stringMatching(/^verified: \d+ steps of 2 accounts, \d+ of them compared$/m),
      })
    }),
  )
})

describe.skipIf(skipped !== undefined).concurrent('a recording of one account', () => {
  test(
    'is switched on and off while the server runs, in the middle of a session',
    play(async ({ folder, serve }) => {
      const house = await serve()
      const receiver = await house.managed(romeo, 'desk')
      const sender = await house.managed(juliet, 'desk')
      sender.message(receiver.jid, 'before')
      await receiver.until('message')

      const started = await smacks(folder, 'record', 'start', romeo.jid)
      const records = join(folder, 'data', 'recordings')
      expect(started).toContain(`${romeo.jid}: recorded.`)
      sender.message(receiver.jid, 'meanwhile')
      await receiver.until('message')
      receiver.ack()
      await receiver.untilFence()
      expect(await smacks(folder, 'record', 'status')).toBe(started)
      expect(await smacks(folder, 'record', 'stop')).toContain('Nothing is recorded.')
      sender.message(receiver.jid, 'after')
      await receiver.until('message')

      const [file = '', ...others] = recordingsIn(records)
      expect(others).toEqual([])
      expect(started).toContain(file)
      const [header = '', ...rest] = readFileSync(file, 'utf8').trimEnd().split('\n')
      const first = rest.find(line => JSON.parse(line).of === undefined) ?? ''
      expect(JSON.parse(header)).toMatchObject({ recording: 'smacks', redacted: false })
      expect(JSON.parse(first)).toMatchObject({ account: romeo.jid, state: { sessions: [{ _tag: 'Active' }] } })
      expect(new Set(rest.map(line => JSON.parse(line).account))).toEqual(new Set([romeo.jid]))
      expect(rest.join()).toContain('meanwhile')
      expect(rest.join()).not.toContain('after')
      expect(await replay(file)).toEqual({ code: 0, output: verified(1) })
    }),
  )

  test(
    'is not switched on where no server runs, and the command says so',
    play(async ({ folder, serve }) => {
      const house = await serve()
      await house.server.terminate()
      await expect(smacks(folder, 'record', 'start')).rejects.toThrow(`No server runs on ${join(folder, 'data')}`)
    }),
  )
})

describe.skipIf(skipped !== undefined).concurrent('a long recording', () => {
  test(
    'goes on in file after file under traffic; each verifies by itself, and all together',
    play(async ({ folder, serve }) => {
      const record = { accounts: ['*'], max_file_bytes: 60_000, max_files: 1000 }
      const house = await serve({ config: { record } })
      const receiver = await house.managed(romeo, 'desk')
      const sender = await house.managed(juliet, 'desk')
      for (const body of numbers(300)) sender.message(receiver.jid, body)
      for (const body of numbers(300)) expect(bodiesOf([await receiver.until('message')])).toEqual([body])
      await receiver.untilFence()
      await house.server.terminate()

      const files = recordingsIn(join(folder, 'data', 'recordings'))
      expect(files.length).toBeGreaterThan(10)
      const [first = '', middle = '', ...others] = files
      for (const file of [first, middle, others.at(-1) ?? ''])
        expect(await replay(file)).toEqual({ code: 0, output: expect.stringContaining('verified: ') })
      expect(await replay(...files)).toEqual({ code: 0, output: verified(2) })
      const all = await replay(...files, '--json')
      const received = all.output.split('\n').filter(line => line.includes('"event":{"_tag":"StanzaSubmitted"'))
      expect(received.length).toBeGreaterThanOrEqual(300)
    }),
  )

  test(
    'of a server that was killed is good up to there, and the next server goes on in a new one',
    play(async ({ folder, serve }) => {
      const record = { accounts: ['*'] }
      const house = await serve({ config: { record } })
      const receiver = await house.managed(romeo, 'desk')
      const sender = await house.managed(juliet, 'desk')
      for (const body of numbers(50)) sender.message(receiver.jid, body)
      for (const body of numbers(50)) expect(bodiesOf([await receiver.until('message')])).toEqual([body])
      // Lines wait for the disk: what a kill leaves of the first of them may be nothing.
      const records = join(folder, 'data', 'recordings')
      const text = (): string =>
        recordingsIn(records)
          .map(file => readFileSync(file, 'utf8'))
          .join('')
      await eventually(() => [romeo, juliet].every(({ jid }) => text().includes(`"account":"${jid}","event"`)), text)
      await killAtOnce(house.server)
      const later = await serve({ config: { record } })
      await later.managed(romeo, 'desk')
      expect(await smacks(folder, 'record', 'status')).toContain('All accounts: recorded.')
      await later.server.terminate()

      const files = recordingsIn(records)
      expect(files).toHaveLength(2)
      for (const file of files)
        expect(await replay(file)).toEqual({ code: 0, output: expect.stringContaining('verified: ') })
      expect(await replay(...files)).toEqual({ code: 0, output: verified(2) })
    }),
  )

  test(
    'ends with a whole line where the disk is full; the server says so, and goes on',
    play(async ({ folder, serve }) => {
      const house = await serve({ config: { durability: 'memory', record: { accounts: ['*'] } }, fileKilobytes: 100 })
      const receiver = await house.managed(romeo, 'desk')
      const sender = await house.managed(juliet, 'desk')
      for (const body of numbers(200)) sender.message(receiver.jid, body)
      for (const body of numbers(200)) expect(bodiesOf([await receiver.until('message')])).toEqual([body])
      await eventually(() => house.server.output().includes('recording stopped'), house.server.output)
      expect(house.server.output()).toContain('EFBIG')
      expect(await smacks(folder, 'record', 'status')).toContain('But nothing can be written')
      sender.message(receiver.jid, 'still here')
      expect(bodiesOf([await receiver.until('message')])).toEqual(['still here'])

      const [file = '', ...others] = recordingsIn(join(folder, 'data', 'recordings'))
      expect(others).toEqual([])
      expect(readFileSync(file, 'utf8').endsWith('}\n')).toBe(true)
      expect(await replay(file)).toEqual({ code: 0, output: verified(2) })
    }),
  )
})
