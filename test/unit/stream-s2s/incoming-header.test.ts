import { isLeft } from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import { judgeServerHeader } from '../../../packages/stream-s2s/src/incoming-header.js'

const header = { xmlns: 'jabber:server', version: '1.0', from: 'there.example', to: 'here.example' }
const domains = ['here.example', 'also.example']
const shown = { local: 'here.example', remote: 'there.example' }

const judge = (
  changed: Readonly<Record<string, string>>,
  without: ReadonlyArray<string> = [],
  known?: typeof shown,
) => {
  const entries = Object.entries({ ...header, ...changed }).filter(([name]) => !without.includes(name))
  const judged = judgeServerHeader({ xmlns: '', ...Object.fromEntries(entries) }, domains, known)
  return isLeft(judged) ? judged.left.condition : judged.right
}

describe('a header', () => {
  test.each([
    ['of both domains', {}, { local: 'here.example', remote: 'there.example' }],
    ['to another domain of ours', { to: 'also.example' }, { local: 'also.example', remote: 'there.example' }],
    ['in capitals', { to: 'HERE.example', from: 'There.Example' }, { local: 'here.example', remote: 'there.example' }],
    ['of a later version', { version: '1.9' }, { local: 'here.example', remote: 'there.example' }],
  ])('%s claims them', (_, changed, claim) => {
    expect(judge(changed)).toEqual(claim)
  })

  test('without from leaves that to dialback', () => {
    expect(judge({}, ['from'])).toEqual({ local: 'here.example', remote: undefined })
  })

  test.each([
    ['of a client', { xmlns: 'jabber:client' }, 'invalid-namespace'],
    ['of version 0.9', { version: '0.9' }, 'unsupported-version'],
    ['of no version that is one', { version: 'one' }, 'unsupported-version'],
    ['to a domain that is not served here', { to: 'elsewhere.example' }, 'host-unknown'],
    ['to a user', { to: 'romeo@here.example' }, 'host-unknown'],
    ['from a user', { from: 'juliet@there.example' }, 'invalid-from'],
    ['from one of our own domains', { from: 'also.example' }, 'invalid-from'],
  ])('%s is refused', (_, changed, condition) => {
    expect(judge(changed)).toBe(condition)
  })

  test.each([
    ['version', 'unsupported-version'],
    ['to', 'host-unknown'],
  ])('without %s is refused', (name, condition) => {
    expect(judge({}, [name])).toBe(condition)
  })
})

describe('a header after it was shown who it is', () => {
  test('may leave out what is known', () => {
    expect(judge({}, ['from', 'to'], shown)).toEqual(shown)
  })

  test.each([
    ['of another origin', { from: 'evil.example' }],
    ['to another domain', { to: 'also.example' }],
  ])('%s is refused', (_, changed) => {
    expect(judge(changed, [], shown)).toBe('invalid-from')
  })
})
