/** What the people of a soak do. Each habit reaches for a limit, or makes what was reached go away again. */
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { Chance } from '../chaos/chance.js'
import type { RunningServer } from '../support/server.js'
import type { Actor } from './actor.js'

export interface Scene {
  readonly server: RunningServer
  readonly chance: Chance
  readonly actors: readonly [Actor, ...ReadonlyArray<Actor>]
}

/** Done by one of the people; others may be at theirs. */
export type Habit = (scene: Scene, self: Actor) => Promise<void>

const come: Habit = async (_, self) => {
  if (!self.isOnline) await self.resume()
}

const beginAnew: Habit = (_, self) => self.login()

/** Goes away for longer or shorter than a session waits. */
const cut: Habit = async (_, self) => self.cut()

const close: Habit = async (_, self) => {
  self.send('</stream:stream>')
  await pause(20)
  self.leave()
}

const chat: Habit = async ({ actors, chance }, self) => {
  const other = chance.pick(actors)
  for (let n = 0; n < 20; n += 1) self.send(message(other, `${n}`))
}

/** More stanzas than one queue or one store takes. */
const overfill: Habit = async ({ actors, chance }, self) => {
  const other = chance.pick(actors)
  for (let n = 0; n < 1_200; n += 1) self.send(message(other, `${n} ${'y'.repeat(50)}`))
}

/** More bytes than one queue or one store takes. */
const flood: Habit = async ({ actors, chance }, self) => {
  const other = chance.pick(actors)
  for (let n = 0; n < 60; n += 1) {
    self.send(message(other, 'x'.repeat(chance.between(20_000, 200_000))))
    if (n % 10 === 9) await pause(50)
  }
}

const doNotRead: Habit = ({ chance }, self) => self.stall(chance.between(500, 5_000))

const growRoster: Habit = async ({ chance }, self) => {
  const base = chance.between(0, 1_000) * 100
  for (let n = 0; n < 100; n += 1)
    self.send(roster(`<item jid='c${base + n}@elsewhere.example' name='${'n'.repeat(chance.between(1, 900))}'/>`))
}

const shrinkRoster: Habit = async ({ chance }, self) => {
  const base = chance.between(0, 1_000) * 100
  for (let n = 0; n < 100; n += 1)
    self.send(roster(`<item jid='c${base + n}@elsewhere.example' subscription='remove'/>`))
}

const block: Habit = async ({ chance }, self) => {
  const items = Array.from({ length: 100 }, () => `<item jid='b${chance.between(0, 100_000)}@elsewhere.example'/>`)
  self.send(`<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'>${items.join('')}</block></iq>`)
}

const unblock: Habit = async (_, self) => self.send("<iq type='set' id='u'><unblock xmlns='urn:xmpp:blocking'/></iq>")

const changePresence: Habit = async ({ chance }, self) => {
  for (let n = 0; n < 20; n += 1)
    self.send(`<presence><status>${'s'.repeat(chance.between(0, 5_000))}</status></presence>`)
}

const writeToManyDomains: Habit = async ({ chance }, self) => {
  for (let n = 0; n < 50; n += 1)
    self.send(`<message to='x@d${chance.between(0, 100_000)}.invalid' type='chat'><body>hi</body></message>`)
}

const subscribeToMany: Habit = async ({ actors, chance }, self) => {
  for (let n = 0; n < 20; n += 1) self.send(`<presence to='${chance.pick(actors).jid}' type='subscribe'/>`)
}

/** A stranger who sends what is no stream, or too much of it, or nothing. */
const beStrange: Habit = async ({ server, chance }) => {
  const socket = connect({ host: '127.0.0.1', port: server.port })
  socket.on('error', () => undefined)
  socket.resume()
  const header = `<?xml version='1.0'?><stream:stream to='localhost' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'`
  socket.write(
    chance.pick([
      '',
      'GET / HTTP/1.1\r\n\r\n',
      '<'.repeat(1_000),
      `${header} xml:lang='${'l'.repeat(300_000)}'>`,
      `${header}>${'<a>'.repeat(2_000)}`,
      `${header}><message><body>${'x'.repeat(300_000)}`,
      `${header}><auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AHVzZXIxAHdyb25n</auth>`,
    ]),
  )
  await pause(chance.between(10, 2_000))
  socket.destroy()
}

/** How often each is chosen, of all of them together. */
export const habits: ReadonlyArray<readonly [weight: number, habit: Habit]> = [
  [30, come],
  [4, beginAnew],
  [12, cut],
  [3, close],
  [20, chat],
  [2, overfill],
  [2, flood],
  [3, doNotRead],
  [3, growRoster],
  [2, shrinkRoster],
  [2, block],
  [1, unblock],
  [4, changePresence],
  [2, writeToManyDomains],
  [2, subscribeToMany],
  [8, beStrange],
]

export const chooseHabit = (chance: Chance): Habit => {
  let left = chance.fraction() * habits.reduce((sum, [weight]) => sum + weight, 0)
  for (const [weight, habit] of habits) {
    left -= weight
    if (left < 0) return habit
  }
  return come
}

const message = (to: Actor, body: string): string =>
  `<message to='${to.jid}' type='chat' id='m'><body>${body}</body></message>`

const roster = (item: string): string => `<iq type='set' id='r'><query xmlns='jabber:iq:roster'>${item}</query></iq>`
