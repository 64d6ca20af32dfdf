/** What the demo is played on: two players, each on a line of its own, and a picture of what passes. */
import { setTimeout as sleep } from 'node:timers/promises'
import { styleText } from 'node:util'
import { createTimeline, type Paint, type Side, type Timeline, toneStyles } from '@smacks/diagram'
import type { XmlElement } from '@xmpp/client'
import { type Line, openLine } from './line.js'
import { createPlayer, type Player } from './player.js'
import { report, statusOf } from './report.js'
import type { DemoOptions, DemoResult } from './result.js'
import { isDelayed, sightingOf } from './sightings.js'
import { type Tally, tally } from './tally.js'

/** A player as a chapter directs it. */
export interface Role {
  readonly name: string
  readonly say: (text: string) => void
  readonly line: Pick<Line, 'cutInside' | 'fallSilent'>
  /** Connects again so many ms after the line was lost; resolves when the session is resumed. */
  readonly resumed: (reconnectDelay: number) => Promise<void>
  readonly loseThePatienceAfter: (milliseconds: number) => void
}

export interface Stage {
  readonly romeo: Role
  readonly juliet: Role
  readonly chapter: (text: string) => void
  /** Both log in. */
  readonly enter: () => Promise<void>
  /** Resolves when all that was said was heard and acked. */
  readonly settled: () => Promise<void>
  /** Shows the counters of both. */
  readonly status: () => void
  readonly tallies: () => readonly [Tally, Tally]
  readonly resumptions: () => number
  readonly report: (result: DemoResult) => void
  readonly leave: () => Promise<void>
}

/** One side of the picture, with all that is known of it. */
interface Actor {
  readonly side: Side
  readonly name: string
  readonly player: Player
  readonly line: Line
  readonly said: Array<string>
  readonly heard: Array<string>
  resumptions: number
  /** `silent`: dead, and nobody was told. */
  reach: 'connected' | 'gone' | 'leaving' | 'silent'
  /** Messages for this one that are said and cannot be heard now. */
  kept: number
  /** Messages that came with a `<delay/>` since the counters were last shown. */
  late: number
  fullJid: string
}

const paint: Paint = (tone, text) => toneStyles[tone].reduce((painted, style) => styleText(style, painted), text)

export const openStage = async (options: DemoOptions): Promise<Stage> => {
  const startedAt = performance.now()
  const timeline = createTimeline({
    write: text => options.out.write(text),
    ...(options.color ? { paint } : {}),
    elapsed: () => performance.now() - startedAt,
  })
  const left: Actor = await createActor(options, 0, timeline, { messageSent: () => showKept(timeline, right) })
  const right: Actor = await createActor(options, 1, timeline, { messageSent: () => showKept(timeline, left) })
  const actors = [left, right]
  const isSettled = (): boolean =>
    left.said.length <= right.heard.length &&
    right.said.length <= left.heard.length &&
    actors.every(({ player }) => player.counters().unacked === 0)

  return {
    romeo: roleOf(left, right, timeline),
    juliet: roleOf(right, left, timeline),
    chapter: timeline.chapter,
    enter: async () => {
      timeline.plain(introduction(options.color))
      timeline.heading(left.name, `server ${options.domain}`, right.name)
      timeline.chapter('1. Two clients log in (STARTTLS, SASL, bind) and enable stream management, XEP-0198.')
      for (const actor of actors) {
        timeline.note(actor.side, `${actor.name} connects and proves the password`, 'quiet')
        actor.fullJid = await actor.player.start()
      }
    },
    settled: async () => {
      while (!isSettled()) await sleep(20)
    },
    status: () => {
      for (const { name, player, late } of actors) timeline.plain(statusOf(name, player.counters(), late), 'quiet')
      for (const actor of actors) actor.late = 0
    },
    tallies: () => [tally(left.said, right.heard), tally(right.said, left.heard)],
    resumptions: () => left.resumptions + right.resumptions,
    report: result => report(timeline, left.name, right.name, result),
    leave: async () => {
      timeline.chapter('6. Both close their streams, with a last <a/>: nobody hibernates.')
      for (const actor of actors) actor.reach = 'leaving'
      await Promise.all(actors.map(({ player }) => player.stop()))
      await Promise.all(actors.map(({ line }) => line.close()))
    },
  }
}

const createActor = async (
  options: DemoOptions,
  index: 0 | 1,
  timeline: Timeline,
  events: { readonly messageSent: () => void },
): Promise<Actor> => {
  const account = options.accounts[index]
  const side = index === 0 ? 'left' : 'right'
  const line = await openLine(options.host, options.port)
  const { jid, password } = account
  const [name = jid] = jid.split('@')
  const place = {
    jid,
    password,
    resource: 'demo',
    host: '127.0.0.1',
    port: line.port,
    certificate: options.certificate,
  }
  const player = createPlayer(place, {
    sent: (element, again) => {
      showSent(timeline, actor, element, again)
      if (element.name === 'message') events.messageSent()
    },
    received: element => showReceived(timeline, actor, element),
    resumed: again => {
      actor.resumptions += 1
      actor.kept = 0
      timeline.note(side, `RESUMED; ${name} sends ${again} again`, 'good')
    },
    lost: () => {
      timeline.connected(side, false)
      if (actor.reach === 'leaving') return
      actor.reach = 'gone'
      timeline.note(side, `${name}'s client sees: the line is gone`, 'bad')
    },
  })
  const actor: Actor = {
    side,
    name,
    player,
    line,
    said: [],
    heard: [],
    resumptions: 0,
    reach: 'gone',
    kept: 0,
    late: 0,
    fullJid: jid,
  }
  return actor
}

const roleOf = (self: Actor, other: Actor, timeline: Timeline): Role => ({
  name: self.name,
  say: text => {
    const id = `${self.name}-${self.said.length + 1}`
    self.said.push(id)
    self.player.say(other.fullJid, id, text)
    if (self.reach === 'gone') timeline.note(self.side, `${self.name} is offline; the client keeps it`, 'quiet')
  },
  line: showCuts(self, timeline),
  resumed: delay => {
    self.player.setReconnectDelay(delay)
    return self.player.resumed()
  },
  loseThePatienceAfter: self.player.setPatience,
})
/** The lines of an actor, with what is done to them shown. */
const showCuts = (actor: Actor, timeline: Timeline): Role['line'] => {
  const { side, name, line } = actor
  return {
    cutInside: async (direction, atLeast) => {
      await line.cutInside(direction, atLeast)
      actor.reach = 'gone'
      actor.kept += direction === 'down' ? 1 : 0
      timeline.brokenArrow(side, direction === 'up' ? 'in' : 'out', 'half a stanza')
      timeline.note(side, `LINE CUT: the session of ${name} hibernates`, 'bad')
    },
    fallSilent: () => {
      const silence = line.fallSilent()
      actor.reach = 'silent'
      timeline.note(side, 'LINE DEAD: nothing passes any more', 'bad')
      silence.abandoned.then(() => timeline.note(side, 'the server closes the dead connection', 'quiet'))
      return silence
    },
  }
}

/** What becomes of a message whose reader is away; the server says nothing, and the next resumption proves it. */
const showKept = (timeline: Timeline, reader: Actor): void => {
  if (reader.reach !== 'gone' && reader.reach !== 'silent') return
  reader.kept += 1
  const fate = reader.reach === 'gone' ? 'the server keeps' : 'lost on the line; the server still has'
  timeline.note(reader.side, `${fate} ${reader.kept}`, 'quiet')
}

const showSent = (timeline: Timeline, actor: Actor, element: XmlElement, again: boolean): void => {
  const sighting = sightingOf(element, again)
  if (sighting !== undefined) timeline.arrow(actor.side, 'in', sighting.text, sighting.tone)
}

const showReceived = (timeline: Timeline, actor: Actor, element: XmlElement): void => {
  if (element.name === 'message') actor.heard.push(element.attrs.id ?? '')
  if (isDelayed(element)) actor.late += 1
  if (element.name === 'enabled' || element.name === 'resumed') {
    actor.reach = 'connected'
    timeline.connected(actor.side, true)
  }
  const sighting = sightingOf(element)
  if (sighting !== undefined) timeline.arrow(actor.side, 'out', sighting.text, sighting.tone)
}

const introduction = (color: boolean): string =>
  [
    '',
    'Two real clients chat through lines that are cut. Time runs downwards, in seconds; each arrow is one',
    `element on the wire. h counts the stanzas that one side has handled. ${color ? '┊' : ':'} marks who has no connection.`,
  ].join('\n')
