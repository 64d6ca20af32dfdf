import { expect, test } from 'vitest'
import { header, startHouse, until } from './harness.js'

test('all bytes of streams are counted, whichever way they were written', async () => {
  const house = await startHouse()
  const [one, two] = [await house.connect(), await house.connect()]
  const said = [`${header}<message><body>żółć 🐛</body></message>`, `${header}<presence/>`]
  one.send(said[0] ?? '')
  await until('the first is told', () => house.recorder().told.length + (house.recorders[0]?.told.length ?? 0) >= 2)
  two.send(said[1] ?? '')
  await until('the second is told', () => house.recorders.every(({ told }) => told.length === 2))
  expect(house.transport.traffic()).toEqual({ received: Buffer.byteLength(said.join('')), sent: 0 })
  const [first, second] = house.recorders.map(({ connection }) => connection)
  first?.write('<a>żółć</a>')
  first?.writeAlone(['<b/>', '<c/>'])
  second?.close('<d/>')
  await until('all has come', () => one.received().endsWith('<c/>') && two.received().endsWith('>'))
  await until('the end has come', () => two.received().includes('</stream:stream>'))
  const came = Buffer.byteLength(one.received()) + Buffer.byteLength(two.received())
  expect(came).toBeGreaterThan(20)
  expect(house.transport.traffic().sent).toBe(came)
})
