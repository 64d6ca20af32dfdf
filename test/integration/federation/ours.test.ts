/** Two servers of ours, as processes of their own, and people on both. */
import { expect, test } from 'vitest'
import { bodyOf } from '../../support/xml.js'
import type { XmppClient } from '../../support/xmpp-client.js'
import { killAtOnce } from '../ground.js'
import { inNeighbourhood } from './ground.js'

/** The bodies of the next messages that come, so many. */
const bodies = async (client: XmppClient, count: number): Promise<ReadonlyArray<string>> => {
  const found: Array<string> = []
  while (found.length < count) found.push(bodyOf(await client.until('message')) ?? '')
  return found
}

const numbered = (name: string, count: number): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, index) => `${name} ${index + 1}`)

test('messages go both ways', () =>
  inNeighbourhood(async ({ serve }) => {
    const [left, right] = await Promise.all([serve('one'), serve('other')])
    const [romeo, juliet] = await Promise.all([left.managed(left.person()), right.managed(right.person())])
    romeo.message(juliet.jid, 'over there')
    expect(await bodies(juliet, 1)).toEqual(['over there'])
    juliet.message(romeo.jid, 'and back')
    expect(await bodies(romeo, 1)).toEqual(['and back'])
  }))

test('a link that is cut again and again loses, doubles and reorders nothing', () =>
  inNeighbourhood(async ({ serve, lineOf }) => {
    const [left, right] = await Promise.all([serve('one'), serve('other')])
    const [romeo, juliet] = await Promise.all([left.managed(left.person()), right.managed(right.person())])
    romeo.message(juliet.jid, 'first')
    expect(await bodies(juliet, 1)).toEqual(['first'])
    const sent = numbered('m', 200)
    const received = bodies(juliet, sent.length)
    for (const [index, body] of sent.entries()) {
      romeo.message(juliet.jid, body)
      if (index % 50 === 25) {
        await romeo.acked()
        lineOf('one').reset()
      }
    }
    expect(await received).toEqual(sent)
  }))

test('a server that is killed and comes back loses, doubles and reorders nothing', () =>
  inNeighbourhood(async ({ serve }) => {
    const [left, right] = await Promise.all([serve('one'), serve('other')])
    const [romeo, juliet] = await Promise.all([left.managed(left.person()), right.managed(right.person())])
    romeo.message(juliet.jid, 'first')
    expect(await bodies(juliet, 1)).toEqual(['first'])
    await killAtOnce(right.server)
    const sent = numbered('m', 20)
    for (const body of sent) romeo.message(juliet.jid, body)
    await romeo.acked()
    const back = await serve('other')
    const again = await back.resumed(juliet)
    expect(await bodies(again, sent.length)).toEqual(sent)
  }))
