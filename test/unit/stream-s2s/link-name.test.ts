/** The names of links. */
import { describe, expect, it } from 'vitest'
import { incomingLink, isLink, linkNamed, outgoingLink, readLink } from '../../../packages/stream-s2s/src/link-name.js'

describe('the name of a link', () => {
  it.each([
    ['outgoing', outgoingLink('a.example', 'b.example'), 'a.example>b.example'],
    ['incoming', incomingLink('a.example', 'b.example'), 'a.example<b.example'],
  ] as const)('that is %s says so, and between whom', (direction, id, name) => {
    expect(id).toBe(name)
    expect(readLink(id)).toEqual({ direction, local: 'a.example', remote: 'b.example' })
    expect(isLink(id)).toBe(true)
  })

  it('is none of an account', () => {
    expect(readLink('romeo@a.example')).toBeUndefined()
    expect(isLink('romeo@a.example')).toBe(false)
  })

  it.each([
    ['A.Example>b.EXAMPLE', 'a.example>b.example'],
    ['a.example<b.example', 'a.example<b.example'],
    ['romeo@a.example', undefined],
    ['a.example>', undefined],
    ['>b.example', undefined],
    ['romeo@a.example>b.example', undefined],
    ['a.example>b.example/x', undefined],
    ['a.example>b.example<c.example', undefined],
  ])('that was typed as %s is %s', (typed, name) => {
    expect(linkNamed(typed)).toBe(name)
  })
})
