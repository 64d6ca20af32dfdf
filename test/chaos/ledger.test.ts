import { describe, expect, test } from 'vitest'
import { createLedger, type Ledger } from './ledger.js'

const sent = (count: number): Ledger => {
  const ledger = createLedger()
  for (let index = 0; index < count; index += 1) ledger.sending('romeo', 'juliet')
  return ledger
}

describe('the judge', () => {
  test('has nothing to say of messages that came once and in order', () => {
    const ledger = sent(3)
    for (const number of [1, 2, 3]) ledger.came('romeo', 'juliet', number)
    expect(ledger.open()).toBe(0)
    expect(ledger.verdict()).toEqual({
      sent: 3,
      delivered: 3,
      returned: 0,
      lost: 0,
      doubled: 0,
      repeated: 0,
      reordered: 0,
      strange: 0,
      inDoubt: 0,
      complaints: [],
    })
  })

  test('finds what did not come', () => {
    const ledger = sent(3)
    ledger.came('romeo', 'juliet', 1)
    ledger.came('romeo', 'juliet', 3)
    expect(ledger.open()).toBe(1)
    expect(ledger.verdict()).toMatchObject({ lost: 1, complaints: ['romeo -> juliet #2 is lost'] })
  })

  test('finds what came twice', () => {
    const ledger = sent(1)
    ledger.came('romeo', 'juliet', 1)
    ledger.came('romeo', 'juliet', 1)
    expect(ledger.verdict()).toMatchObject({ doubled: 1, complaints: ['romeo -> juliet #1 came a second time'] })
  })

  test('finds what came out of order', () => {
    const ledger = sent(2)
    ledger.came('romeo', 'juliet', 2)
    ledger.came('romeo', 'juliet', 1)
    expect(ledger.verdict()).toMatchObject({ reordered: 1, lost: 0, complaints: ['romeo -> juliet #1 came after #2'] })
  })

  test('finds what was never sent', () => {
    const ledger = sent(1)
    ledger.came('romeo', 'juliet', 2)
    ledger.came('romeo', 'juliet', Number.NaN)
    expect(ledger.verdict()).toMatchObject({ delivered: 0, lost: 1, strange: 2 })
    expect(ledger.verdict().complaints.slice(0, 2)).toEqual([
      'romeo -> juliet #2 came, but was never sent',
      'romeo -> juliet #NaN came, but was never sent',
    ])
  })

  test('judges each pair by itself', () => {
    const ledger = sent(1)
    ledger.sending('nurse', 'juliet')
    ledger.came('nurse', 'juliet', 1)
    ledger.came('romeo', 'juliet', 1)
    expect(ledger.verdict().complaints).toEqual([])
    expect([ledger.delivered(), ledger.delivered(['juliet']), ledger.delivered(['romeo'])]).toEqual([2, 2, 0])
  })

  test('knows for whom something is under way', () => {
    const ledger = sent(2)
    ledger.sending('juliet', 'romeo')
    ledger.came('romeo', 'juliet', 1)
    expect([ledger.open(), ledger.open('juliet'), ledger.open('romeo'), ledger.open('nurse')]).toEqual([2, 1, 1, 0])
  })

  test('takes what came back for settled, but not what came back and came', () => {
    const ledger = sent(2)
    ledger.cameBack('romeo', 'juliet', 1)
    ledger.cameBack('romeo', 'juliet', 2)
    expect(ledger.verdict()).toMatchObject({ returned: 2, lost: 0, doubled: 0 })
    expect(ledger.delivered(['juliet'])).toBe(0)
    ledger.came('romeo', 'juliet', 2)
    expect(ledger.verdict()).toMatchObject({ returned: 2, delivered: 0, doubled: 1 })
  })

  test('allows what is in doubt to be lost, not to come twice', () => {
    const ledger = sent(2)
    ledger.doubt('romeo', 'juliet', 1)
    ledger.doubt('romeo', 'juliet', 2)
    ledger.came('romeo', 'juliet', 1)
    ledger.doubt('romeo', 'juliet', 1)
    ledger.came('romeo', 'juliet', 1)
    expect(ledger.open()).toBe(0)
    expect(ledger.verdict()).toMatchObject({ lost: 0, inDoubt: 1, doubled: 1 })
  })

  test('allows that what waited for the old session comes behind what came in the new one, and only that', () => {
    const ledger = sent(2)
    ledger.beganAnew('juliet')
    for (const number of [3, 4]) expect(ledger.sending('romeo', 'juliet')).toBe(number)
    for (const number of [4, 1, 2]) ledger.came('romeo', 'juliet', number)
    expect(ledger.verdict().reordered).toBe(0)
    ledger.came('romeo', 'juliet', 3)
    expect(ledger.verdict().reordered).toBe(1)
  })

  test('counts apart what a session begun anew gets again of the old one', () => {
    const ledger = sent(3)
    for (const number of [1, 2]) ledger.came('romeo', 'juliet', number)
    ledger.beganAnew('juliet')
    for (const number of [2, 3]) ledger.came('romeo', 'juliet', number)
    expect(ledger.verdict()).toMatchObject({ repeated: 1, doubled: 0, delivered: 3 })
    ledger.came('romeo', 'juliet', 3)
    expect(ledger.verdict().doubled).toBe(1)
  })

  test('does not let a message come back that came to an old session', () => {
    const ledger = sent(1)
    ledger.came('romeo', 'juliet', 1)
    ledger.beganAnew('juliet')
    ledger.cameBack('romeo', 'juliet', 1)
    expect(ledger.verdict()).toMatchObject({ repeated: 0, doubled: 1, returned: 0 })
  })

  test('does not let come again what the server was told of', () => {
    const ledger = sent(2)
    ledger.came('romeo', 'juliet', 1)
    ledger.told('juliet')
    ledger.came('romeo', 'juliet', 2)
    ledger.beganAnew('juliet')
    for (const number of [1, 2]) ledger.came('romeo', 'juliet', number)
    expect(ledger.verdict()).toMatchObject({ repeated: 1, complaints: ['romeo -> juliet #1 came a second time'] })
  })

  test('judges the order anew from when the recipient is available', () => {
    const ledger = sent(2)
    ledger.becameAvailable('juliet')
    ledger.came('romeo', 'juliet', 2)
    ledger.came('romeo', 'juliet', 1)
    ledger.came('romeo', 'juliet', 1)
    expect(ledger.verdict()).toMatchObject({ reordered: 0, repeated: 0, doubled: 1 })
  })
})

describe('of a session that ends without a word of what had come in it, the judge', () => {
  const came = (): Ledger => {
    const ledger = createLedger({ endsUnheard: true })
    ledger.sending('romeo', 'juliet')
    ledger.came('romeo', 'juliet', 1)
    return ledger
  }

  test('lets a message come back once', () => {
    const ledger = came()
    ledger.cameBack('romeo', 'juliet', 1)
    expect(ledger.verdict()).toMatchObject({ doubled: 0, repeated: 1 })
    ledger.cameBack('romeo', 'juliet', 1)
    expect(ledger.verdict()).toMatchObject({ doubled: 1, repeated: 1 })
  })

  test('lets it come to another device once', () => {
    const ledger = came()
    ledger.came('romeo', 'juliet', 1, 'juliet+')
    ledger.came('romeo', 'juliet', 1, 'juliet+')
    expect(ledger.verdict()).toMatchObject({ doubled: 1, repeated: 1 })
  })

  test('finds what comes back though the server was told of it', () => {
    const ledger = came()
    ledger.told('juliet')
    ledger.cameBack('romeo', 'juliet', 1)
    expect(ledger.verdict()).toMatchObject({ doubled: 1, repeated: 0 })
  })
})

test('of an account that was removed the judge misses nothing, but what comes must not come twice', () => {
  const ledger = sent(3)
  ledger.came('romeo', 'juliet', 1)
  ledger.removed('juliet')
  expect(ledger.open()).toBe(0)
  ledger.cameBack('romeo', 'juliet', 2)
  ledger.cameBack('romeo', 'juliet', 2)
  expect(ledger.verdict()).toMatchObject({ lost: 0, returned: 1, inDoubt: 1, doubled: 1 })
})
