/** Whatever becomes of the links between two of our servers, their people end up seeing each other as they are. */
import { expect, test } from 'vitest'
import type { House } from '../../support/house.js'
import { bodyOf } from '../../support/xml.js'
import { killAtOnce, moment } from '../ground.js'
import { inNeighbourhood } from './ground.js'
import { arrives } from './ours-traffic.js'
import { befriend, show, subscriptionWith, watch } from './people.js'

const patience = 240_000

/** Somebody with a phone and a desk on each side, who see each other; nothing can be resumed between the servers. */
const impatient = { s2s: { resume: false, establish_seconds: 2, silence_seconds: 1 } }

const meet = async (left: House, right: House) => {
  const [romeo, juliet] = [left.person(), right.person()]
  const [phone, balcony] = [await left.managed(romeo, 'phone'), await right.managed(juliet, 'balcony')]
  await befriend(phone, romeo, balcony, juliet)
  const desk = await left.managed(romeo, 'desk')
  const garden = await right.managed(juliet, 'garden')
  const [ofJuliet, ofRomeo] = [watch(phone), watch(balcony)]
  for (const client of [phone, desk, balcony, garden]) show(client, 'here')
  await ofRomeo.shows(romeo, { phone: 'here', desk: 'here' })
  await ofJuliet.shows(juliet, { balcony: 'here', garden: 'here' })
  return { romeo, juliet, phone, desk, balcony, garden, ofRomeo, ofJuliet }
}

test(
  'who resumes after a kill is told what contacts elsewhere did meanwhile, and contacts see who is there',
  () =>
    inNeighbourhood(async ({ serve }) => {
      const [left, right] = [await serve('one', impatient), await serve('other', impatient)]
      const { romeo, juliet, phone, balcony, garden, ofRomeo, ofJuliet } = await meet(left, right)
      await killAtOnce(left.server)
      show(balcony, 'away')
      await garden.close()
      // Longer than anything waits for a link.
      await moment(5_000)
      const back = await serve('one', impatient)
      const resumed = await back.resumed(phone)
      ofJuliet.on(resumed)
      await ofJuliet.shows(juliet, { balcony: 'away' })
      show(resumed, 'back')
      await ofRomeo.shows(romeo, { phone: 'back', desk: 'here' })
    }),
  patience,
)

test(
  'what a link swallowed is said anew, and both rosters agree',
  () =>
    inNeighbourhood(async ({ serve, lineOf }) => {
      const [left, right] = [await serve('one', impatient), await serve('other', impatient)]
      const { romeo, juliet, phone, desk, balcony, ofRomeo, ofJuliet } = await meet(left, right)
      lineOf('one').blackhole()
      show(phone, 'unheard')
      await desk.close()
      await ofRomeo.shows(romeo, { phone: 'unheard' })
      lineOf('one').blackhole()
      phone.send(`<presence to='${juliet.jid}' type='unsubscribe'/>`)
      await ofJuliet.shows(juliet, {})
      for (let tries = 0; (await subscriptionWith(balcony, romeo)) !== 'to'; tries += 1) {
        expect(tries).toBeLessThan(100)
        await moment(100)
      }
      expect(await subscriptionWith(phone, juliet)).toBe('from')
    }),
  patience,
)

test(
  'what could not be said for longer than anything waits for a link outlives a kill, and is said when there is one',
  () =>
    inNeighbourhood(async ({ serve, lineOf }) => {
      const [left, right] = [await serve('one', impatient), await serve('other', impatient)]
      const { romeo, phone, desk, ofRomeo } = await meet(left, right)
      lineOf('one').admit(false)
      lineOf('one').reset()
      show(phone, 'unheard')
      await desk.close()
      await phone.untilFence()
      await moment(4_000)
      await killAtOnce(left.server)
      const back = await serve('one', impatient)
      const resumed = await back.resumed(phone)
      await moment(3_000)
      lineOf('one').admit(true)
      // Somebody's message finds the link before it is tried again.
      resumed.message('nobody@other.example', 'hark')
      await ofRomeo.shows(romeo, { phone: 'unheard' })
    }),
  patience,
)

test(
  'a link that works and is cut every time it did is there again at once',
  () =>
    inNeighbourhood(async ({ serve, lineOf }) => {
      const [left, right] = [await serve('one'), await serve('other')]
      const [romeo, juliet] = [await left.managed(left.person()), await right.managed(right.person())]
      const waits: Array<number> = []
      for (let cut = 0; cut < 8; cut += 1) {
        const began = Date.now()
        romeo.message(juliet.jid, String(cut))
        await arrives(juliet, it => it.name === 'message' && bodyOf(it) === String(cut))
        waits.push(Date.now() - began)
        // Until it is acked, too.
        await moment(1_000)
        lineOf('one').reset()
      }
      // With growing pauses these were 15 seconds and more.
      expect(Math.max(...waits.slice(5))).toBeLessThan(12_000)
    }),
  patience,
)

test(
  "whose account is removed is nobody's contact elsewhere any more, and does not show there",
  () =>
    inNeighbourhood(async ({ serve, smacks }) => {
      const [left, right] = [await serve('one'), await serve('other')]
      const { romeo, balcony, ofRomeo } = await meet(left, right)
      await smacks('one', 'user', 'remove', romeo.jid)
      await ofRomeo.shows(romeo, {})
      for (let tries = 0; (await subscriptionWith(balcony, romeo)) !== 'none'; tries += 1) {
        expect(tries).toBeLessThan(100)
        await moment(100)
      }
    }),
  patience,
)
