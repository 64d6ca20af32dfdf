import { decodeServerConfig } from '@smacks/server'
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'

const problems = (value: unknown): ReadonlyArray<string> => {
  const decoded = decodeServerConfig(value)
  return Either.isLeft(decoded) ? decoded.left : []
}

describe('the table [record]', () => {
  test.each([
    [['*', '*']],
    ['*'],
    [['localhost']],
    [['a@localhost/x']],
    [['a@localhost', '*']],
    [['a@b', 'A@b']],
    [[5]],
    [['']],
  ])('record.accounts %j', accounts =>
    expect(problems({ record: { accounts } })).toEqual([
      `record.accounts: found ${JSON.stringify(accounts)}, allowed: a list of bare JIDs such as ["romeo@example.org"], each once, or ["*"] for all`,
    ]),
  )

  test('record.accounts may be all', () =>
    expect(decodeServerConfig({ record: { accounts: ['*'] } })).toMatchObject({
      right: { record: { accounts: ['*'] } },
    }))
})
