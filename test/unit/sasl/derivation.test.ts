import { pbkdf2Sync } from 'node:crypto'
import { expect, test } from 'vitest'
import { createDerivations, type Derivation } from '../../../packages/sasl/src/derivation.js'

const derivation: Derivation = {
  password: 'pencil',
  salt: Buffer.from('salt'),
  iterations: 10,
  length: 32,
  digest: 'sha256',
}
const expected = pbkdf2Sync('pencil', 'salt', 10, 32, 'sha256')
const always = (): boolean => true

test('a key is what PBKDF2 makes of the password', async () =>
  expect(await createDerivations({ waiting: 0 }).derive(derivation, always)).toEqual(expected))

test('so many run, so many wait, and one more is told so at once', async () => {
  const { derive } = createDerivations({ running: 2, waiting: 3 })
  const asked = Array.from({ length: 7 }, () => derive(derivation, always))
  expect((await Promise.all(asked)).map(derived => (typeof derived === 'string' ? derived : 'derived'))).toEqual([
    ...Array(5).fill('derived'),
    'busy',
    'busy',
  ])
  expect(await derive(derivation, always)).toEqual(expected)
})

test('what nobody wants any more when its turn comes costs nothing, and the next one has its turn', async () => {
  const { derive } = createDerivations({ running: 1, waiting: 10 })
  const first = derive(derivation, always)
  const gone = [derive(derivation, () => false), derive(derivation, () => false)]
  const last = derive(derivation, always)
  expect(await Promise.all([first, ...gone, last])).toEqual([expected, 'unwanted', 'unwanted', expected])
})

test('what makes no sense fails by itself', async () => {
  const { derive } = createDerivations({ running: 1, waiting: 10 })
  await expect(derive({ ...derivation, iterations: 0 }, always)).rejects.toThrow()
  expect(await derive(derivation, always)).toEqual(expected)
})
