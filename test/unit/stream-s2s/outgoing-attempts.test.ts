import { left } from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import { ack, bodiesIn, type LinkStage, openLinks, type Peer, resumed } from './link-stage.js'

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

describe('a link that works and is cut again and again', () => {
  /** How long each of so many cuts is felt, in quarters of a second, if `use` is made of each stream. */
  const cuts = async (stage: LinkStage, use: (peer: Peer, count: number) => void): Promise<ReadonlyArray<number>> => {
    const { pass, attempt, attempts } = stage
    const waits: Array<number> = []
    let peer = attempt().begins()
    peer.says(ack(1))
    for (let count = 1; count <= 8; count += 1) {
      await pass(3)
      const before = attempts()
      peer.drops()
      let quarters = 0
      for (await pass(0); attempts() === before; quarters += 1) {
        if (quarters > 1_000) throw new Error('nobody connects again')
        await pass(0.25)
      }
      waits.push(quarters)
      peer = attempt().authenticates()
      use(peer, count)
    }
    return waits
  }

  test('is there again at once each time that it carried something', async () => {
    const stage = openLinks()
    stage.send('0')
    await stage.pass(0)
    const waits = await cuts(stage, (peer, count) => {
      peer.says(resumed(count))
      stage.send(String(count))
      peer.says(ack(count + 1))
    })
    expect(waits).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
  })

  test('is there again at once also if just the resumption says that something got there', async () => {
    const stage = openLinks()
    stage.send('0')
    stage.send('1')
    await stage.pass(0)
    const waits = await cuts(stage, (peer, count) => {
      peer.says(resumed(count + 1))
      stage.send(String(count + 1))
    })
    expect(waits).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
  })

  test('is left alone for longer and longer where nothing gets over it', async () => {
    const stage = openLinks()
    stage.send('0')
    await stage.pass(0)
    const waits = await cuts(stage, peer => void peer.says(resumed(1)))
    expect(waits.at(0)).toBe(0)
    expect(waits.at(-1)).toBeGreaterThan(40)
  })

  test('and does without stream management is there again at once when there is something to send', async () => {
    const { send, pass, attempt, attempts } = openLinks()
    for (let count = 1; count <= 8; count += 1) {
      send(String(count))
      await pass(0)
      expect(attempts()).toBe(count)
      const peer = attempt().authenticates(false)
      send('more')
      await pass(3)
      peer.drops()
    }
  })
})

describe('a link that is to stand for nothing that waits yet', () => {
  test('is established, and that is told, and nothing is left of one that cannot be', async () => {
    const { links, pass, attempt, events, phase, host, returned, runtime } = openLinks()
    expect(links.stateOf('here.example', 'there.example')).toBe('down')
    links.connect('here.example', 'there.example')
    links.connect('here.example', 'there.example')
    await pass(70)
    expect(phase()).toBeUndefined()
    expect(events).toEqual(['lost here.example>there.example'])
    expect([returned, [...runtime.accounts()], host.nextDue()]).toEqual([[], [], undefined])
    links.connect('here.example', 'there.example')
    await pass(0)
    attempt().begins()
    expect(links.stateOf('here.example', 'there.example')).toBe('ready')
    expect(events.at(-1)).toBe('established here.example>there.example')
  })

  test('is down while its line is, and told to stand when it is resumed', async () => {
    const { links, send, pass, attempt, events } = openLinks()
    send('one')
    await pass(0)
    attempt().begins().says(ack(1)).drops()
    expect(links.stateOf('here.example', 'there.example')).toBe('down')
    await pass(1)
    const peer = attempt().authenticates()
    expect(links.stateOf('here.example', 'there.example')).toBe('down')
    peer.says(resumed(1))
    expect(links.stateOf('here.example', 'there.example')).toBe('ready')
    expect(events).toEqual(['established here.example>there.example', 'established here.example>there.example'])
  })

  test('is told to stand without stream management', async () => {
    const { links, pass, attempt, events } = openLinks()
    links.connect('here.example', 'there.example')
    await pass(0)
    const peer = attempt().authenticates(false)
    expect(links.stateOf('here.example', 'there.example')).toBe('ready')
    peer.drops()
    expect(events).toEqual(['established here.example>there.example', 'lost here.example>there.example blindly'])
  })

  test('is slow while so much is not acked as may wait for one', async () => {
    const { links, send, pass, attempt } = openLinks({ policy: { maxWaiting: 2 } })
    send('one')
    await pass(0)
    const peer = attempt().begins()
    expect(links.stateOf('here.example', 'there.example')).toBe('ready')
    send('two')
    expect(links.stateOf('here.example', 'there.example')).toBe('busy')
    peer.says(ack(1))
    expect(links.stateOf('here.example', 'there.example')).toBe('ready')
  })

  test('is not established any more once the server stops', async () => {
    const { links, pass, attempts, runtime } = openLinks()
    links.stop()
    links.connect('here.example', 'there.example')
    await pass(5)
    expect(attempts()).toBe(0)
    expect([...runtime.accounts()]).toEqual([])
  })
})
