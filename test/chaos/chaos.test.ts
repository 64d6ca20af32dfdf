import { describe, expect, test } from 'vitest'
import { type ChaosResult, isFlawless, runChaos } from './chaos.js'
import { crashPoints } from './crash-points.js'
import { createLedger } from './ledger.js'

/** What went wrong, with what is needed to hunt it. */
const wrongIn = ({ seed, verdict, refused, surprises, isQuiet, output }: ChaosResult) => ({
  seed,
  ...verdict,
  delivered: 0,
  sent: 0,
  returned: 0,
  refused,
  surprises,
  isQuiet,
  output: verdict.complaints.length + surprises.length > 0 || !isQuiet ? output : [],
})

describe('a server that is killed again and again', () => {
  test.each([
    ['process', 2 * (crashPoints.length + 3)],
    ['disk', 8],
  ] as const)(
    'loses, doubles and reorders nothing, and lets all sessions resume: durability %s, %i times',
    async (durability, crashes) => {
      const seed = Number(process.env.CHAOS_SEED ?? Math.floor(Math.random() * 1_000_000))
      const result = await runChaos({ seed, crashes, clients: 8, durability })
      expect(wrongIn(result)).toEqual({
        seed,
        sent: 0,
        delivered: 0,
        returned: 0,
        lost: 0,
        doubled: 0,
        reordered: 0,
        complaints: [],
        refused: 0,
        surprises: [],
        isQuiet: true,
        output: [],
      })
      expect(isFlawless(result)).toBe(true)
      expect(result.verdict.delivered).toBe(result.verdict.sent)
      expect(result.resumed).toBeGreaterThan(crashes)
    },
    300_000,
  )
})

describe('the judge', () => {
  const sent = (count: number) => {
    const ledger = createLedger()
    for (let number = 1; number <= count; number += 1) expect(ledger.sending('a', 'b')).toBe(number)
    return ledger
  }

  test('is content with each once, in order, or back at its sender', () => {
    const ledger = sent(3)
    ledger.came('a', 'b', 1)
    ledger.cameBack('a', 'b', 2)
    expect(ledger.isSettled()).toBe(false)
    ledger.came('a', 'b', 3)
    expect(ledger.isSettled()).toBe(true)
    expect(ledger.verdict()).toMatchObject({ sent: 3, delivered: 2, returned: 1, complaints: [] })
  })

  test('finds what is lost', () => {
    const ledger = sent(2)
    ledger.came('a', 'b', 2)
    expect(ledger.verdict()).toMatchObject({ lost: 1, complaints: ['a -> b #1 is lost'] })
  })

  test('finds what came twice, or came and came back', () => {
    const ledger = sent(2)
    ledger.came('a', 'b', 1)
    ledger.came('a', 'b', 1)
    ledger.came('a', 'b', 2)
    ledger.cameBack('a', 'b', 2)
    expect(ledger.verdict()).toMatchObject({ doubled: 2, delivered: 2 })
  })

  test('finds what came in another order, and only between the same two', () => {
    const ledger = sent(2)
    ledger.sending('c', 'b')
    ledger.came('a', 'b', 2)
    ledger.came('c', 'b', 1)
    ledger.came('a', 'b', 1)
    expect(ledger.verdict()).toMatchObject({ reordered: 1, complaints: ['a -> b #1 came after #2'] })
  })

  test('finds what nobody sent', () => {
    const ledger = sent(1)
    ledger.came('a', 'b', 7)
    expect(ledger.verdict().complaints[0]).toBe('a -> b #7 came, but was never sent')
  })
})
