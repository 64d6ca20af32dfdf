/** What becomes of messages to domains elsewhere that do not take them: each sender is told once. */
import { expect } from 'vitest'
import type { XmppClient } from '../../support/xmpp-client.js'
import { type Called, conditionIn, type Play } from './elsewhere.js'
import { certificateOf, chat, type Ground } from './ground.js'
import type { Shown } from './peer.js'

/** Settings of a server that does not wait long. */
export const impatient = { connect_timeout_seconds: 3, establish_seconds: 4 }

/** What a domain does, and what it is named by. */
export type Row = readonly [what: string, play: (domain: string, certificate: Shown) => Play]

/** Writes to each of the domains; the conditions of all errors that the sender gets, by what the domains did. */
const writeToAll = async (ground: Ground, sender: XmppClient, rows: ReadonlyArray<Row>) => {
  const played = new Set<string>()
  for (const [what, play] of rows) {
    const domain = ground.stranger()
    const certificate = await certificateOf(domain)
    ground.elsewhere.plays(domain, async (line, header) => {
      await play(domain, certificate)(line, header)
      played.add(what)
    })
    sender.send(chat(`somebody@${domain}`, what))
  }
  const errors: Record<string, ReadonlyArray<string>> = {}
  const deadline = Date.now() + 25_000
  while (Object.keys(errors).length < rows.length && Date.now() < deadline) {
    for (const message of await sender.untilFence()) {
      const { id = '' } = message.attrs
      errors[id] = [...(errors[id] ?? []), conditionIn(message) ?? message.name]
    }
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  return { errors, played }
}

/** Each sender is told once, and each domain has done what it was to do at least once. */
export const expectReturned = async (
  ground: Ground,
  sender: XmppClient,
  rows: ReadonlyArray<Row>,
  condition: string,
) => {
  const { errors, played } = await writeToAll(ground, sender, rows)
  expect(errors).toEqual(Object.fromEntries(rows.map(([what]) => [what, [condition]])))
  expect([...played].sort()).toEqual(rows.map(([what]) => what).sort())
  expect(await sender.untilFence()).toEqual([])
}

/** Nothing comes but the end of the stream, for this reason. */
export const refusedWith =
  (condition: string) =>
  async (line: Called): Promise<void> =>
    void (await line.expectStreamError(condition))
