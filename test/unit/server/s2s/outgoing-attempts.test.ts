import { left } from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import { ack, bodiesIn, type LinkStage, openLinks } from './link-stage.js'

/** Lets all attempts of so many seconds fail; when they began, in seconds. */
const failing = async ({ attempts, attempt, pass }: LinkStage, seconds: number): Promise<ReadonlyArray<number>> => {
  const began: Array<number> = []
  await pass(0)
  for (let second = 0; second <= seconds; second += 0.25) {
    if (attempts() > began.length) {
      began.push(second)
      await attempt().fails()
    }
    await pass(0.25)
  }
  return began
}

describe('attempts', () => {
  test('come after growing pauses', async () => {
    const stage = openLinks()
    stage.send('one')
    expect((await failing(stage, 40)).map(Math.floor)).toEqual([0, 1, 3, 7, 15, 30])
  })

  test('come after growing pauses also when a stream stood long before', async () => {
    const { ...stage } = openLinks()
    stage.send('one')
    await stage.pass(0)
    const peer = stage.attempt().begins()
    await stage.pass(3_600)
    peer.says(ack(1))
    peer.drops()
    const before = stage.attempts()
    const began = await failing({ ...stage, attempts: () => stage.attempts() - before }, 40)
    expect(began.map(Math.floor)).toEqual([0, 1, 3, 7, 15, 30])
  })

  test('come at once where the last one is long ago', async () => {
    const { send, pass, attempt, attempts } = openLinks()
    send('one')
    await pass(0)
    const first = attempt().begins()
    await pass(20)
    first.drops()
    await pass(0)
    expect(attempts()).toBe(2)
  })

  test('end when nothing waits any more, and nothing is left of the link', async () => {
    const stage = openLinks()
    stage.send('one')
    const began = await failing(stage, 300)
    expect(Math.max(...began)).toBeLessThan(60)
    expect(stage.returned).toEqual(['one: remote-server-timeout'])
    expect([...stage.runtime.accounts()]).toEqual([])
    expect(stage.host.nextDue()).toBeUndefined()
  })

  test('that come about when the session is over already come to nothing, and nothing is left of them', async () => {
    const { send, pass, attempt, runtime, host } = openLinks()
    send('one')
    await pass(0)
    const peer = attempt().authenticates()
    peer.says("<enabled xmlns='urn:xmpp:sm:3' resume='true' id='sm-1' max='5'/>")
    peer.says(ack(1))
    peer.drops()
    await pass(1)
    const late = attempt()
    await pass(5)
    expect(late.authenticates().line.state()).toBe('closed')
    await pass(30)
    expect([...runtime.accounts()]).toEqual([])
    expect(host.nextDue()).toBeUndefined()
  })
})

describe('the time that stanzas wait', () => {
  test('ends with one answer for each', async () => {
    const stage = openLinks({ policy: { establishSeconds: 10 } })
    stage.send('one')
    await stage.pass(4)
    stage.send('two')
    await stage.attempt().fails()
    await failing({ ...stage, attempts: () => stage.attempts() - 1 }, 30)
    expect(stage.returned).toEqual(['one: remote-server-timeout', 'two: remote-server-timeout'])
  })

  test('ends also while an attempt is under way, which is given up', async () => {
    const { send, pass, attempt, returned, phase } = openLinks({ policy: { establishSeconds: 10 } })
    send('one')
    await pass(0)
    const peer = attempt().authenticates()
    await pass(11)
    expect(returned).toEqual(['one: remote-server-timeout'])
    expect(peer.line.state()).toBe('closed')
    expect(phase()).toBeUndefined()
  })

  test('is enough for an attempt, however long the pauses have become', async () => {
    const stage = openLinks({ policy: { establishSeconds: 4 } })
    stage.send('one')
    await failing(stage, 3.5)
    await stage.pass(1)
    expect(stage.returned).toEqual(['one: remote-server-timeout'])
    stage.send('two')
    const before = stage.attempts()
    await stage.pass(3)
    expect(stage.attempts()).toBe(before + 1)
    expect(bodiesIn(stage.attempt().begins().hears())).toEqual(['two'])
  })

  test('begins anew with the server', async () => {
    const { links, pass, attempt, returned } = openLinks({ waitedSince: 3_600 })
    links.recover()
    await pass(1)
    expect(returned).toEqual([])
    expect(bodiesIn(attempt().begins().hears())).toEqual(['journalled'])
  })

  test('ends for what was journalled too', async () => {
    const stage = openLinks({ waitedSince: 3_600 })
    stage.links.recover()
    await failing(stage, 90)
    expect(stage.returned).toEqual(['journalled: remote-server-timeout'])
  })
})

describe('a domain that does not exist', () => {
  const nowhere = () => left({ condition: 'remote-server-not-found', text: 'no such domain', isFinal: true } as const)

  test('is told at once, and not tried again', async () => {
    const { send, pass, returned, attempts, host } = openLinks({ resolve: nowhere })
    send('one')
    await pass(1)
    expect(returned).toEqual(['one: remote-server-not-found'])
    await pass(120)
    expect(returned).toHaveLength(1)
    expect(attempts()).toBe(0)
    expect(host.nextDue()).toBeUndefined()
  })

  test('is looked for again when something new waits', async () => {
    const { send, pass, returned } = openLinks({ resolve: nowhere })
    send('one')
    await pass(60)
    send('two')
    await pass(1)
    expect(returned).toEqual(['one: remote-server-not-found', 'two: remote-server-not-found'])
  })
})
