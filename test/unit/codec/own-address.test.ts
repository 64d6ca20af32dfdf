import { domainOf, isOwnAddress } from '@smacks/codec'
import { describe, expect, it } from 'vitest'

describe('the from of a client', () => {
  const cases: ReadonlyArray<readonly [string, boolean]> = [
    ['romeo@a.example/phone', true],
    ['romeo@a.example', true],
    ['Romeo@A.example/phone', true],
    ['romeo@a.example/Phone', false],
    ['romeo@a.example/desk', false],
    ['juliet@a.example', false],
    ['a.example', false],
    ['', false],
    ['@', false],
  ]
  for (const [from, allowed] of cases)
    it(`'${from}' is ${allowed ? 'allowed' : 'refused'}`, () => {
      expect(isOwnAddress(from, 'romeo@a.example/phone')).toBe(allowed)
    })
})

describe('the domain of an address', () => {
  it.each([
    ['A.Example', 'a.example'],
    ['romeo@a.example', undefined],
    ['a.example/orchard', undefined],
    ['', undefined],
    ['@', undefined],
  ])('%s: %s', (text, domain) => expect(domainOf(text)).toBe(domain))
})
