/**
 * A disk that is full, under the real server: it takes nothing in, acks nothing that is not stored, says so, and goes on
 * when there is space; also if it is killed meanwhile, and started on the full disk.
 */
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { type House, makeUsers, type Person } from '../support/house.js'
import { missing, target } from '../support/targets.js'
import { bodyOf, type Xml } from '../support/xml.js'
import { nsSm3, type XmppClient } from '../support/xmpp-client.js'
import { eventually, killAtOnce, numbers, type Stage, stages } from './ground.js'
import { canMount, mountSmallDisk, type SmallDisk } from './small-disk.js'

const skipped =
  missing ??
  (target === 'smacks' ? undefined : 'of this server only') ??
  (canMount() ? undefined : 'only root can mount a small disk')
const users = makeUsers(3)
const [romeo, juliet, nurse] = users.map(user => ({ ...user, jid: `${user.username}@localhost` })) as [
  Person,
  Person,
  Person,
]
const { play, strike } = stages(users)
afterAll(strike)

/** More than the small disk takes. */
const many = 800
/** A server that has run once has a file of some 8 MB, most of it for what is to come. */
const smallKilobytes = 10 * 1_024
const enoughKilobytes = 256 * 1_024
const padding = 'x'.repeat(10_000)

/** A stage whose data lie on a small disk. */
const onSmallDisk = (show: (stage: Stage, disk: SmallDisk) => Promise<void>) =>
  play(async ({ folder, serve }) => {
    const disk = mountSmallDisk(join(folder, 'disk'), smallKilobytes)
    try {
      cpSync(join(folder, 'data'), disk.path, { recursive: true })
      const config = { data: disk.path, log_level: 'info', smacks_max_queue_size: 10 * many }
      const limits = { offline_bytes_per_sender: '64 MiB', offline_bytes_per_user: '64 MiB' }
      const asConfigured: Stage['serve'] = options =>
        serve({ limits, ...options, config: { ...config, ...options?.config } })
      await show({ folder, serve: asConfigured }, disk)
    } finally {
      disk.remove()
    }
  })

const isFull = 'the journal cannot be written'
const isWell = 'the journal can be written again'

const count = (text: string, what: string): number => text.split(what).length - 1

const said = ({ server }: House, what: string): Promise<void> =>
  eventually(
    () => server.output().includes(what),
    () => server.output(),
  )

/** More messages than the disk takes, each followed by the question how many were handled. */
const fill = (sender: XmppClient, ...receivers: ReadonlyArray<string>): void => {
  for (let n = 0; n < many; n += 1) {
    for (const receiver of receivers) sender.message(receiver, `${n} ${padding}`)
    sender.send(`<r xmlns='${nsSm3}'/>`)
  }
}

const numberOf = (message: Xml): string | undefined => bodyOf(message)?.split(' ')[0]

/** What the next so many messages are numbered; they are acked as they come. */
const numbered = async (client: XmppClient, wanted: number): Promise<ReadonlyArray<string | undefined>> => {
  const found: Array<string | undefined> = []
  while (found.length < wanted) {
    found.push(numberOf(await client.until('message')))
    client.ack()
  }
  return found
}

describe.skipIf(skipped !== undefined).each(['process', 'disk'])(
  `a full disk${skipped === undefined ? '' : ` (${skipped})`}, with durability %s`,
  durability => {
    test(
      'stops nothing for good: it is told once, and all goes on when there is space, for those who wait as well',
      onSmallDisk(async ({ serve }, disk) => {
        const house = await serve({ config: { durability } })
        const sleeping = await house.managed(romeo)
        const sender = await house.managed(juliet)
        sleeping.reset()
        const before = sender.sent
        fill(sender, nurse.jid, sleeping.jid)
        await said(house, 'the journal still cannot be written')
        expect(count(house.server.output(), isFull)).toBe(1)
        expect(house.server.output()).toContain('ENOSPC')
        expect(house.server.output()).not.toContain(isWell)

        disk.resize(enoughKilobytes)
        await said(house, isWell)
        for (let acked = before; acked < before + 2 * many; acked = Number((await sender.until('a')).attrs.h));
        expect(count(house.server.output(), isFull)).toBe(1)
        const again = await house.resumed(sleeping)
        expect(await numbered(again, many)).toEqual(numbers(many))
        const reader = await house.bound(nurse)
        await reader.enable()
        reader.send('<presence/>')
        expect(await numbered(reader, many)).toEqual(numbers(many))
        await reader.expectNothing()
        expect(await house.server.terminate()).toBe(0)
      }),
      120_000,
    )

    test(
      'and a kill -9: what was acked is there, and the next server goes on where the disk is as full',
      onSmallDisk(async ({ serve }, disk) => {
        const house = await serve({ config: { durability } })
        const sleeping = await house.managed(romeo)
        const sender = await house.managed(juliet)
        sleeping.reset()
        const before = sender.sent
        fill(sender, sleeping.jid)
        await said(house, 'the journal still cannot be written')
        await killAtOnce(house.server)
        let acked = before
        for (const item of await sender.expectLost())
          if (item.kind === 'element' && item.element.name === 'a') acked = Number(item.element.attrs.h)
        expect(acked).toBeLessThan(before + many)

        const later = await serve({ config: { durability } })
        const again = await later.returning(sender)
        const handled = Number((await again.resume(sender)).attrs.h)
        expect(handled).toBeGreaterThanOrEqual(acked)
        const stored = handled - before
        // The client sends again what was not handled.
        for (let n = stored; n < many; n += 1) again.message(sleeping.jid, `${n} ${padding}`)
        again.send(`<r xmlns='${nsSm3}'/>`)
        await said(later, isFull)
        disk.resize(enoughKilobytes)
        await said(later, isWell)
        expect(Number((await again.until('a')).attrs.h)).toBe(before + many)
        const receiver = await later.resumed(sleeping)
        expect(await numbered(receiver, many)).toEqual(numbers(many))
        await receiver.expectNothing()
        expect(await later.server.terminate()).toBe(0)
      }),
      120_000,
    )
  },
)
