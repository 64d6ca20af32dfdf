/** Runs a compliance suite against a mock and tells which of its sentences the mock breaks. */
import type { TestRunner } from '@smacks/testkit'
import { expect, it } from 'vitest'

interface Declared {
  readonly name: string
  readonly body: () => void | Promise<void>
}

/** The names of the tests that fail, of those that the suite declares. */
export const brokenBy = async (suite: (runner: TestRunner) => void): Promise<ReadonlyArray<string>> => {
  const tests: Array<Declared> = []
  suite({
    describe: (_, body) => body(),
    it: (name, body) => {
      tests.push({ name, body })
    },
    expect,
  })
  const failed: Array<string> = []
  for (const { name, body } of tests) {
    try {
      await body()
    } catch {
      failed.push(name)
    }
  }
  return failed
}

/** A test that reads: a mock that counts seconds. The sentence that it breaks must be among those that fail. */
export const breaks = (mock: string, run: () => Promise<ReadonlyArray<string>>, sentence: RegExp): void =>
  it(`a mock that ${mock}`, async () => {
    expect((await run()).filter(name => sentence.test(name))).not.toEqual([])
  })
