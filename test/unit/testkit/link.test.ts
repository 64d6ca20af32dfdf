import { createLink, createVirtualHost, type Line, type LineEnd, type LinkOptions, type Side } from '@smacks/testkit'
import { describe, expect, it } from 'vitest'

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const bytes = (written: string) => new TextEncoder().encode(written)

/** One line, both ends of which note what they hear. */
const dialled = (delay?: LinkOptions['delay']) => {
  const host = createVirtualHost()
  const heard: Record<Side, Array<string>> = { client: [], server: [] }
  const ends: { client?: LineEnd; server?: LineEnd } = {}
  const listen = (side: Side, end: LineEnd): LineEnd => {
    end.listen({
      received: piece => void heard[side].push(text(piece)),
      ended: () => void heard[side].push('(end)'),
      lost: () => void heard[side].push('(lost)'),
    })
    ends[side] = end
    return end
  }
  const link = createLink({
    host,
    accept: end => void listen('server', end),
    ...(delay === undefined ? {} : { delay }),
  })
  const client = listen('client', link.dial())
  const [line] = link.lines()
  if (line === undefined || ends.server === undefined) throw new Error('nothing was dialled')
  return { host, link, heard, client, server: ends.server, line }
}

const say = (end: LineEnd, ...words: ReadonlyArray<string>) => {
  for (const word of words) end.write(bytes(word))
}

describe('a line of the simulated link', () => {
  it('has one name at both ends', () => {
    const { client, server, line, link } = dialled()
    expect([client.id, server.id]).toEqual([line.id, line.id])
    expect(link.line(line.id)).toBe(line)
  })

  it('hands over nothing before it is carried', () => {
    const { client, line, heard } = dialled()
    say(client, 'one', 'two')
    expect(heard.server).toEqual([])
    expect(line.inFlight('server')).toBe(6)
  })

  it('hands over as many bytes as are carried, wherever that cuts', () => {
    const { client, line, heard } = dialled()
    say(client, 'one', 'two')
    expect(line.carry('server', 4)).toBe(4)
    expect(heard.server).toEqual(['one', 't'])
    expect(line.carry('server')).toBe(2)
    expect(heard.server).toEqual(['one', 't', 'wo'])
  })

  it('has two directions that know nothing of each other', () => {
    const { client, server, line, heard } = dialled()
    say(client, 'there')
    say(server, 'back')
    line.carry('client')
    expect(heard).toEqual({ client: ['back'], server: [] })
  })

  it('ends behind what was written before', () => {
    const { client, line, heard } = dialled()
    say(client, 'bye')
    client.end()
    say(client, 'too late')
    line.carry('server', 2)
    expect(heard.server).toEqual(['by'])
    line.carry('server')
    expect(heard.server).toEqual(['by', 'e', '(end)'])
  })

  it('is gone when both ends have ended it and know', () => {
    const { client, server, line, link } = dialled()
    client.end()
    line.carry('server')
    server.end()
    expect(link.lines()).toEqual([line])
    expect(line.isQuiet('client')).toBe(false)
    line.carry('client')
    expect(link.lines()).toEqual([])
  })
})

describe('a line that is cut', () => {
  it('loses what is in flight, in both directions', () => {
    const { client, server, line, heard } = dialled()
    say(client, 'there')
    say(server, 'back')
    line.carry('server', 3)
    line.cut('none')
    line.carry('server')
    line.carry('client')
    expect(heard).toEqual({ client: [], server: ['the'] })
  })

  it.each<[noticedBy: Side | 'both' | 'none', open: ReadonlyArray<Side>]>([
    ['both', []],
    ['client', ['server']],
    ['server', ['client']],
    ['none', ['client', 'server']],
  ])('is half-open for whom does not notice (noticed by: %s)', (noticedBy, open) => {
    const { line, heard } = dialled()
    line.cut(noticedBy)
    const sides = ['client', 'server'] as const
    expect(sides.filter(side => line.isHalfOpen(side))).toEqual(open)
    expect(sides.filter(side => heard[side].length === 0)).toEqual(open)
  })

  it('takes what is written and brings it nowhere', () => {
    const { client, line, heard } = dialled()
    line.cut('server')
    say(client, 'hello?')
    line.carry('server')
    expect(heard.server).toEqual(['(lost)'])
    expect(line.inFlight('server')).toBe(0)
  })

  it('is noticed later, once, and then it is gone', () => {
    const { line, heard, link } = dialled()
    line.cut('server')
    line.notice('client')
    line.notice('client')
    expect(heard.client).toEqual(['(lost)'])
    expect(link.lines()).toEqual([])
  })

  it('is no surprise to an end that had ended it', () => {
    const { client, line, heard, link } = dialled()
    client.end()
    line.cut('both')
    expect(heard).toEqual({ client: [], server: ['(lost)'] })
    expect(link.lines()).toEqual([])
  })

  it('cannot be noticed while it stands', () => {
    const { line, heard } = dialled()
    line.notice('client')
    expect(heard.client).toEqual([])
    expect(line.isCut()).toBe(false)
  })
})

describe('a line with delays', () => {
  const carried = (line: Line, to: Side) => line.inFlight(to) === 0

  it('brings bytes when they are due, and no earlier', () => {
    const { host, client, heard } = dialled(() => 50)
    say(client, 'slow')
    host.advance(49)
    expect(heard.server).toEqual([])
    host.advance(1)
    expect(heard.server).toEqual(['slow'])
  })

  it('never lets what left later come earlier', () => {
    const delays = [100, 10]
    const { host, client, heard } = dialled(() => delays.shift() ?? 0)
    say(client, 'first', 'second')
    host.advance(99)
    expect(heard.server).toEqual([])
    host.advance(1)
    expect(heard.server).toEqual(['first', 'second'])
  })

  it('brings the end when it is due, behind all else', () => {
    const delays = [10, 30]
    const { host, client, heard } = dialled(() => delays.shift() ?? 0)
    say(client, 'bye')
    client.end()
    host.advance(29)
    expect(heard.server).toEqual(['bye'])
    host.advance(1)
    expect(heard.server).toEqual(['bye', '(end)'])
  })

  it('keeps what is held until it is released', () => {
    const { host, client, line, heard } = dialled(() => 10)
    line.hold('server')
    say(client, 'wait')
    host.advance(1_000)
    expect(heard.server).toEqual([])
    line.release('server')
    host.advance(0)
    expect(heard.server).toEqual(['wait'])
    expect(carried(line, 'server')).toBe(true)
  })

  it('can be carried all the same', () => {
    const { host, client, line, heard } = dialled(() => 1_000)
    say(client, 'now')
    line.carry('server')
    host.advance(2_000)
    expect(heard.server).toEqual(['now'])
  })

  it('asks nothing more of the host once it is gone', () => {
    const { host, client, line } = dialled(() => 1_000)
    say(client, 'never')
    line.cut('both')
    expect(host.nextDue()).toBeUndefined()
  })
})
