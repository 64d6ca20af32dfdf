import { beforeAll, describe, expect, test } from 'vitest'
import { runScript } from '../explorer/child.js'
import { mutants } from './index.js'
import type { Verdict } from './run.js'

const verdicts = new Map<string, Verdict>()

const take = (verdict: Verdict) => verdicts.set(verdict.mutant, verdict)
beforeAll(async () => {
  await Promise.all([0, 1].map(first => runScript<Verdict>('mutants/run.ts', [first, 2], take)))
}, 900_000)

describe('a core with a fault is found out, and the shortest way to it is told', () => {
  test.each(mutants)('$name', ({ name, harm }) => {
    const verdict = verdicts.get(name)
    if (verdict?.what === undefined || verdict.story === undefined)
      expect.fail(`nobody noticed; what it would do: ${harm}`)
    expect(verdict.again).toBe(verdict.what)
    expect(verdict.story).toContain(`WRONG: ${verdict.what}`)
  })
})

test('each fault has a name of its own, and is another change', () => {
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length)
  const changes = mutants.map(({ file, text, replacement }) => `${file} ${text} ${replacement}`)
  expect(new Set(changes).size).toBe(mutants.length)
})
